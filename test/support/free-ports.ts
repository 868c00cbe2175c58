import { listenTcp } from "../../src/net/tcp-listen.ts";

const TRIES = 100;

/** The first of `count` ports in a row on 127.0.0.1 that nobody listens on, below those that systems give out themselves. */
export function freePorts(count: number): number {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const first = 10_000 + Math.floor(Math.random() * 20_000);
    if (Array.from({ length: count }, (_, at) => first + at).every(isFree)) return first;
  }
  throw new Error(`no ${count} free ports in a row`);
}

function isFree(port: number): boolean {
  try {
    listenTcp({ hostname: "127.0.0.1", port }, (connection) => connection.reset()).close();
    return true;
  } catch {
    return false;
  }
}
