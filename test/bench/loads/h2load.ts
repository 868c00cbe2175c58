/** Load by h2load: one thread that asks over HTTP/2 as fast as answers come. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { output } from "../child.ts";

export interface Http2Load {
  readonly url: string;
  readonly connections: number;
  /** Requests on one connection. */
  readonly atATime: number;
  readonly seconds: number;
  /** Calls with a message of no bytes, in place of GET. */
  readonly isGrpc: boolean;
}

export interface Http2Result {
  readonly requests: number;
  readonly requestsPerSecond: number;
}

/** A message of no bytes, as gRPC frames it. */
const EMPTY_MESSAGE = new Uint8Array(5);
const GRPC_HEADERS = ["-H", "content-type: application/grpc", "-H", "te: trailers"];

/** Throws when an answer was not a success. */
export async function h2load({ url, connections, atATime, seconds, isGrpc }: Http2Load): Promise<Http2Result> {
  const folder = await mkdtemp(join(tmpdir(), "ginnel-h2load-"));
  try {
    const message = join(folder, "message");
    await writeFile(message, EMPTY_MESSAGE);
    const load = ["-t", "1", "-c", String(connections), "-m", String(atATime), "-D", String(seconds)];
    const text = await output("h2load", ...load, ...(isGrpc ? ["-d", message, ...GRPC_HEADERS] : []), url);
    const statuses = /status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/.exec(text);
    const [succeeded = 0, ...others] = (statuses?.slice(1) ?? []).map(Number);
    if (succeeded === 0 || others.some((count) => count > 0)) throw new Error(`${url}: ${text}`);
    return { requests: succeeded, requestsPerSecond: succeeded / seconds };
  } finally {
    await rm(folder, { recursive: true });
  }
}
