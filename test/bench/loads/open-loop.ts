/** How long answers take while requests come at a fixed rate, whether those before are answered or not. */
import { join } from "node:path";
import { output } from "../child.ts";

const PROGRAM = join(import.meta.dir, "open-loop-program.ts");

export interface OpenLoopLoad {
  readonly address: string;
  readonly port: number;
  readonly requestsPerSecond: number;
  readonly seconds: number;
}

/** In microseconds from when a request was due to the end of its answer. */
export interface OpenLoopTimes {
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** Throws when a request is not answered with success. */
export async function openLoop({ address, port, requestsPerSecond, seconds }: OpenLoopLoad): Promise<OpenLoopTimes> {
  const load = [address, port, requestsPerSecond, seconds].map(String);
  return JSON.parse(await output(process.execPath, "--no-env-file", PROGRAM, ...load)) as OpenLoopTimes; // by our program
}
