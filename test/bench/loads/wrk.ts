/** Load by wrk: one thread that asks as fast as answers come. */
import { output } from "../child.ts";

export interface WrkLoad {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** A new connection for each request. */
  readonly closes?: boolean;
  /** An answer that takes longer is a failure. */
  readonly patienceSeconds?: number;
}

export interface WrkResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
}

/** Throws when an answer was not a success, or when connections broke: such a number would say nothing. */
export async function wrk({
  url,
  connections,
  seconds,
  closes = false,
  patienceSeconds = 2,
}: WrkLoad): Promise<WrkResult> {
  const header = closes ? ["-H", "Connection: close"] : [];
  const text = await output(
    "wrk",
    "-t",
    "1",
    "-c",
    `${connections}`,
    "-d",
    `${seconds}s`,
    "--timeout",
    `${patienceSeconds}s`,
    ...header,
    url,
  );
  const failed = /Non-2xx.*|Socket errors: .*/.exec(text)?.[0];
  // A connection that the server closes right behind its answer counts as a read error in wrk.
  if (failed !== undefined && !(closes && /connect 0, read \d+, write 0, timeout 0/.test(failed))) {
    throw new Error(`${url} with ${connections} connections: ${failed}`);
  }
  return {
    requests: Number(/(\d+) requests in/.exec(text)?.[1]),
    requestsPerSecond: Number(/Requests\/sec: +([\d.]+)/.exec(text)?.[1]),
  };
}
