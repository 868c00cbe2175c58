/** The messages of WebSockets between the `ws` of npm on both sides, under Node, through a real edge. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { replay } from "../../src/agent/replay.ts";
import { MESSAGE_LIMIT_BYTES } from "../../src/capture/message-log.ts";
import { CapturedTunnels } from "../support/captured-tunnels.ts";
import { LineReader } from "../support/line-reader.ts";

const PROCESS_MS = 30_000;

let system: CapturedTunnels;
beforeAll(() => {
  system = new CapturedTunnels();
});
afterAll(() => system[Symbol.asyncDispose]());

function peer(...args: readonly string[]): Bun.Subprocess<"ignore", "pipe", "inherit"> {
  return Bun.spawn(["node", join(import.meta.dir, "websocket-peer.mjs"), ...args], {
    env: { PATH: process.env["PATH"] },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
}

describe.each(["plain", "deflate"])("A captured WebSocket, %s", (deflate) => {
  let server: ReturnType<typeof peer>;
  let upstream: string;
  beforeAll(async () => {
    server = peer("serve", deflate);
    upstream = `127.0.0.1:${await new LineReader(server.stdout).find((line) => line)}`;
  }, PROCESS_MS);
  afterAll(async () => {
    server.kill("SIGKILL");
    await server.exited;
  });

  test(
    "shows what both sides say, and can be repeated up to its answer",
    async () => {
      const tunnel = await system.start(deflate, { upstream });
      const visitor = peer("visit", deflate, `ws://${deflate}.edge.test:${system.edge.http}/socket`);
      expect(await visitor.stdout.text()).toBe(deflate === "plain" ? "\n" : "permessage-deflate\n");
      const exchange = await system.one(deflate);
      expect(exchange).toMatchObject({ outcome: "complete", stream: "websocket", droppedMessages: 0 });
      expect(exchange.response?.status).toBe("101 Switching Protocols");
      const messages = exchange.messages.map(({ from, kind, bytes }) => `${from} ${kind} ${shown(bytes)}`);
      const said = [
        "text said twice \u2713",
        "text said twice \u2713",
        "binary \u0000\u0001\ufffd",
        `text ${"x".repeat(20)}`,
      ];
      expect(messages).toEqual([
        ...said.flatMap((message) => [`visitor ${message}`, `upstream ${message}`]),
        "visitor close \u000f\ufffddone",
        "upstream close \u000f\ufffddone",
      ]);
      expect(exchange.messages[6]).toMatchObject({ totalBytes: 100_000, isTruncated: true });
      expect(exchange.messages[6]?.bytes.length).toBe(MESSAGE_LIMIT_BYTES);

      await replay(exchange, { tunnel, ring: system.ring });
      const [, repeated] = await system.over(deflate, 2);
      expect(repeated).toMatchObject({ replayOf: exchange.id, outcome: "complete", response: { statusCode: 101 } });
    },
    PROCESS_MS,
  );
});

function shown(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).slice(0, 20);
}
