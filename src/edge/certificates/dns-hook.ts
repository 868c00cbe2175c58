import { execFile } from "node:child_process";
import { OrderFailure } from "./certificate-authority.ts";

/** For one call, which may have to wait until name servers agree. */
const LIMIT_MS = 5 * 60_000;
const OUTPUT_LIMIT_BYTES = 64 * 1024;

/**
 * A program of the operator's that puts TXT records into the zone and takes them out again, called as
 * `COMMAND present|remove RECORD VALUE`. Several values may stand under one record at a time. A `present` that has ended with
 * exit code 0 means that the authority can see the value. Calls come one after another.
 */
export class DnsHook {
  readonly #command: string;
  #last: Promise<unknown> = Promise.resolve();

  constructor(command: string) {
    this.#command = command;
  }

  /** @throws OrderFailure with the end of what the program printed */
  present(record: string, value: string): Promise<void> {
    return this.#inTurn(["present", record, value]);
  }

  /** @throws OrderFailure with the end of what the program printed */
  remove(record: string, value: string): Promise<void> {
    return this.#inTurn(["remove", record, value]);
  }

  #inTurn(args: readonly string[]): Promise<void> {
    const run = this.#last.then(() => this.#run(args));
    this.#last = run.catch(() => {});
    return run;
  }

  #run(args: readonly string[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const limits = { timeout: LIMIT_MS, maxBuffer: OUTPUT_LIMIT_BYTES };
    execFile(this.#command, args, limits, (error, out, complaint) => {
      if (error === null) return resolve();
      const said = `${complaint}${out}`.trim().split("\n").at(-1) || error.message;
      reject(new OrderFailure(`the DNS hook ${this.#command} ${args[0]} failed: ${said}`, { cause: error }));
    });
    return promise;
  }
}
