/** WebSocket with the `ws` of npm on both sides, each under Node: Bun has one of its own. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { LineReader } from "../support/line-reader.ts";
import { LAYOUTS, type Place, SCHEMES, START_MS, TunnelSystem } from "../support/tunnel-system.ts";

const LARGE_BYTES = 1024 * 1024;
const PROCESS_MS = 30_000;

function node(script: string, ...args: readonly string[]): Bun.Subprocess<"ignore", "pipe", "inherit"> {
  return Bun.spawn(["node", join(import.meta.dir, script), ...args], {
    env: { PATH: process.env["PATH"] },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
}

interface Heard {
  readonly greeting?: { readonly path: string; readonly headers: Readonly<Record<string, string>> };
  readonly code?: number;
  readonly error?: string;
  readonly [name: string]: unknown;
}

async function visit({ scheme, authority, caPem }: Place, more: object = {}): Promise<Heard> {
  const url = `${scheme === "https" ? "wss" : "ws"}://${authority}/socket?a=1`;
  const visitor = node(
    "websocket-visitor.mjs",
    JSON.stringify({ url, ca: caPem, authority, protocol: ["made-up"], ...more }),
  );
  return JSON.parse(await visitor.stdout.text()) as Heard; // our own script
}

describe.each(LAYOUTS)("Through %s", (layout) => {
  let server: ReturnType<typeof node>;
  let printed: LineReader;
  let system: TunnelSystem;
  let addr: string;
  beforeAll(async () => {
    server = node("websocket-echo.mjs");
    printed = new LineReader(server.stdout);
    const port = await printed.find((line) => (JSON.parse(line) as { readonly port?: number }).port); // our own script
    addr = `127.0.0.1:${port}`;
    system = await TunnelSystem.start(layout, {
      plain: { addr },
      rewritten: { addr, host_header: "rewrite" },
      guarded: { addr, basic_auth: ["ann:long-enough"] },
    });
  }, START_MS);
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    server.kill("SIGKILL");
    await server.exited;
  });

  test.each(SCHEMES.flatMap((scheme) => [[scheme, "plain"] as const, [scheme, "rewritten"] as const]))(
    "a WebSocket over %s to the tunnel %s carries text, binary, 1 MB messages, ping, and its close",
    async (scheme, label) => {
      const place = system.place(label, scheme);
      const from = printed.lines.length;
      const heard = await visit(place);
      expect(heard).toMatchObject({
        protocol: "made-up",
        text: "text \u2713",
        binary: true,
        largeText: LARGE_BYTES,
        empty: 0,
        pong: "are you there",
        code: 4001,
        reason: "done",
      });
      expect(heard.greeting?.path).toBe("/socket?a=1");
      expect(heard.greeting?.headers).toMatchObject({
        host: label === "plain" ? place.authority : addr,
        "x-forwarded-host": place.authority,
        "x-forwarded-proto": scheme,
        ...(label === "plain" ? {} : { "x-original-host": place.authority }),
      });
      expect(await printed.find((line) => line, from)).toBe(JSON.stringify({ code: 4001, reason: "done" }));
    },
    PROCESS_MS,
  );

  test(
    "a WebSocket needs the credentials of the endpoint",
    async () => {
      const place = system.place("guarded");
      expect(await visit(place)).toMatchObject({ error: "Unexpected server response: 401" });
      expect(await visit(place, { auth: "ann:long-enough" })).toMatchObject({ text: "text \u2713", code: 4001 });
    },
    PROCESS_MS,
  );
});
