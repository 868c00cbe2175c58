/** A PostgreSQL server of its own, and empty databases in it. */
import { SQL } from "bun";
import { randomHex } from "../../src/base/random.ts";
import type { StartedProgram } from "./started-program.ts";
import { startPostgres } from "./upstream-programs.ts";

export class PostgresDatabases implements AsyncDisposable {
  readonly #server: StartedProgram;
  readonly #admin: SQL;

  private constructor(server: StartedProgram) {
    this.#server = server;
    this.#admin = new SQL(this.#url("postgres"), { max: 1 });
  }

  static async start(): Promise<PostgresDatabases> {
    return new PostgresDatabases(await startPostgres());
  }

  /** The URL of a new database. */
  async create(): Promise<string> {
    const name = `test_${randomHex(8)}`;
    await this.#admin.unsafe(`CREATE DATABASE ${name}`);
    return this.#url(name);
  }

  /** As an operator who asks the server to drop everybody. */
  async cutConnections(url: string): Promise<void> {
    const name = new URL(url).pathname.slice(1);
    await this.#admin`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`;
  }

  /** Ends the server in good order, or all of its processes at once. */
  async stop(how: "SIGINT" | "SIGKILL"): Promise<void> {
    await this.#server.end(how);
  }

  /** The server is there again, with its databases, at the same address. */
  async again(): Promise<void> {
    await this.#server.again();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#admin.close();
    await this.#server[Symbol.asyncDispose]();
  }

  #url(database: string): string {
    return `postgres://tester@127.0.0.1:${this.#server.port}/${database}`;
  }
}
