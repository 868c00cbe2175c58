import { SQL } from "bun";
import type { Run } from "./database.ts";
import { storeFailure } from "./store-failure.ts";

/** Reads the database in a file that is there, and cannot change it. */
export class SqliteReader implements AsyncDisposable {
  readonly #connection: SQL;
  readonly run: Run;

  constructor(path: string) {
    const connection = new SQL({ adapter: "sqlite", filename: path, readonly: true });
    this.#connection = connection;
    this.run = async (statement, values = []) => {
      try {
        return await connection.unsafe(statement, [...values]);
      } catch (error) {
        throw storeFailure(error, path);
      }
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }
}
