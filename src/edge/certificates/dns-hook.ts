import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { UsageError } from "../../base/errors.ts";
import { readFailure } from "../../base/read-failure.ts";
import type { Environment } from "../../config/environment.ts";
import { environmentForPrograms } from "../../config/environment-for-programs.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { OrderFailure } from "./certificate-authority.ts";

/** For one call, which may have to wait until name servers agree. */
const LIMIT_MS = 5 * 60_000;
const OUTPUT_LIMIT_BYTES = 64 * 1024;
/** Of what a failed call printed, its end. */
const LOGGED_CHARACTERS = 2_000;

/** A name without a slash is looked up as a shell does. @throws UsageError for a program that is not there or may not be run */
export function checkDnsHook(command: string): void {
  if (!command.includes("/")) {
    if (Bun.which(command) !== null) return;
    throw unusable(command, "there is no such program in PATH");
  }
  if (!isFile(command)) throw unusable(command, "it is no file");
  try {
    accessSync(command, constants.X_OK);
  } catch (cause) {
    throw unusable(command, "this user may not run it", cause);
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch (cause) {
    throw unusable(path, readFailure(cause), cause);
  }
}

function unusable(command: string, reason: string, cause?: unknown): UsageError {
  const text = `acme-dns-hook: the program ${command} cannot be run: ${reason}. Give the path of one that is executable`;
  return new UsageError(text, { cause });
}

/**
 * A program of the operator's that puts TXT records into the zone and takes them out again, called as
 * `COMMAND present|remove RECORD VALUE`. Several values may stand under one record at a time. A `present` that has ended with
 * exit code 0 means that the authority can see the value. Calls come one after another. What it prints may hold secrets: it stands in
 * the log alone, while failures are shown to whoever wants the certificate.
 */
export class DnsHook {
  readonly #command: string;
  readonly #environment: Environment;
  readonly #log: Logger;
  #last: Promise<unknown> = Promise.resolve();

  /** `environment`: of this process; the program gets what of it is no secret of ginnel's. */
  constructor(command: string, environment: Environment, log: Logger) {
    this.#command = command;
    this.#environment = environmentForPrograms(environment);
    this.#log = log;
  }

  /** @throws OrderFailure that says how the program ended */
  present(record: string, value: string): Promise<void> {
    return this.#inTurn(["present", record, value]);
  }

  /** @throws OrderFailure that says how the program ended */
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
    const options = { timeout: LIMIT_MS, maxBuffer: OUTPUT_LIMIT_BYTES, env: { ...this.#environment } };
    execFile(this.#command, args, options, (error, out, complaint) => {
      if (error === null) return resolve();
      const [call = "", record] = args;
      const end = endOf(error);
      const output = `${complaint}${out}`.trim().slice(-LOGGED_CHARACTERS);
      this.#log.warn("the DNS hook failed", { hook: this.#command, call, record, end, output });
      reject(new OrderFailure(`the edge's program for DNS records failed to ${call} one: ${end}`));
    });
    return promise;
  }
}

/** In words of ours: those of the system repeat what the program printed. */
function endOf({ code, signal }: { readonly code?: string | number | null; readonly signal?: string | null }): string {
  if (typeof code === "number") return `exit code ${code}`;
  return signal ? `ended by ${signal}` : `not run to its end (${code ?? "unknown"})`;
}
