/** `websocket_tcp_converter`: npm `ws` under Node as the visitor, services that speak TCP behind the agent. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import type { StartedProgram } from "../support/started-program.ts";
import { LAYOUTS, type Place, SCHEMES, START_MS, TunnelSystem } from "../support/tunnel-system.ts";
import { startRedis } from "../support/upstream-programs.ts";
import { visit } from "../support/visit.ts";

const PROCESS_MS = 30_000;

interface Heard {
  readonly protocol?: string;
  readonly isSame?: boolean;
  readonly text?: string;
  readonly pong?: string;
  readonly code: number;
  readonly reason: string;
}

async function socketTo({ scheme, authority, caPem }: Place, task: object): Promise<Heard> {
  const url = `${scheme === "https" ? "wss" : "ws"}://${authority}/`;
  const visitor = Bun.spawn(
    [
      "node",
      join(import.meta.dir, "websocket-bytes-visitor.mjs"),
      JSON.stringify({ url, ca: caPem, authority, ...task }),
    ],
    { env: { PATH: process.env["PATH"] }, stdin: "ignore", stdout: "pipe", stderr: "inherit" },
  );
  return JSON.parse(await visitor.stdout.text()) as Heard; // our own script
}

describe.each(LAYOUTS)("Through %s", (layout) => {
  let echo: Server;
  let redis: StartedProgram;
  let system: TunnelSystem;
  beforeAll(async () => {
    echo = createServer({ allowHalfOpen: true }, (socket) => socket.on("error", () => {}).pipe(socket));
    echo.listen(0, "127.0.0.1");
    await Promise.all([once(echo, "listening"), startRedis().then((started) => (redis = started))]);
    const address = echo.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const converted = { websocket_tcp_converter: true };
    system = await TunnelSystem.start(layout, {
      echo: { addr: port, ...converted },
      redis: { addr: redis.port, ...converted },
      nobody: { addr: 1, ...converted },
    });
  }, START_MS);
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
    const closed = once(echo, "close");
    echo.close();
    await closed;
  });

  test.each(SCHEMES)(
    "bytes go to a TCP service and back over %s, whatever messages they come in",
    async (scheme) => {
      const heard = await socketTo(system.place("echo", scheme), { bytes: 5 * 1024 * 1024, protocol: ["a", "binary"] });
      expect(heard).toMatchObject({ isSame: true, pong: "here", protocol: "binary", code: 1000 });
    },
    PROCESS_MS,
  );

  test(
    "redis answers",
    async () => {
      const send = "*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nECHO\r\n$5\r\nhello\r\n*1\r\n$4\r\nQUIT\r\n";
      const heard = await socketTo(system.place("redis"), { send });
      expect(heard).toMatchObject({ text: "+PONG\r\n$5\r\nhello\r\n+OK\r\n", code: 1000 });
    },
    PROCESS_MS,
  );

  test(
    "a service that is not there ends the WebSocket with a reason, and what is no WebSocket is refused",
    async () => {
      const place = system.place("nobody");
      const heard = await socketTo(place, { send: "x" });
      expect(heard.code).toBe(1011);
      expect(heard.reason).toStartWith("ERR_NGROK_8012 The agent could not connect to ");
      const { status, body } = await visit(place.host, { port: place.port, caPem: place.caPem });
      expect(status).toBe(400);
      expect(body.toString()).toContain("ERR_NGROK_3206");
    },
    PROCESS_MS,
  );
});
