/** What visitors see when there is nothing to see: which error, in which form, and that it is the edge's own. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { curl, type Curled } from "../support/curl.ts";
import { DeafPort } from "../support/deaf-port.ts";
import { freePorts } from "../support/free-ports.ts";
import { PlayedUpstream } from "../support/played-upstream.ts";
import { rawVisitor } from "../support/raw-end.ts";
import { LAYOUTS, SCHEMES, START_MS, TunnelSystem } from "../support/tunnel-system.ts";

/** The agent gives up dialling after ten seconds. */
const DIAL_MS = 30_000;
const PAGE = ["-H", "Accept: text/html,application/xhtml+xml,*/*;q=0.8"];
const JSON_WANTED = ["-H", "Accept: application/json"];

let deaf: DeafPort;
let deafSystems: readonly TunnelSystem[];
/** It takes its time, so it goes on beside the other tests. */
let timedOut: Promise<readonly Curled[]>;
beforeAll(async () => {
  deaf = await DeafPort.open();
  const tunnels = { deaf: { addr: `127.0.0.1:${deaf.port}` } };
  deafSystems = await Promise.all(LAYOUTS.map((layout) => TunnelSystem.start(layout, tunnels)));
  timedOut = Promise.all(deafSystems.map((system) => curl(system.place("deaf"), "/", "-i")));
}, START_MS);
afterAll(async () => {
  await Promise.all(deafSystems.map((system) => system[Symbol.asyncDispose]()));
  await deaf[Symbol.asyncDispose]();
});

describe.each(LAYOUTS)("Through %s", (layout) => {
  let raw: PlayedUpstream;
  let web: Bun.Server<undefined>;
  let closedPort: number;
  let system: TunnelSystem;
  beforeAll(async () => {
    raw = new PlayedUpstream();
    web = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("ok") });
    closedPort = freePorts(1);
    system = await TunnelSystem.start(layout, {
      raw: { addr: raw.addr },
      rewritten: { addr: raw.addr, host_header: "rewrite" },
      refused: { addr: closedPort },
      unresolved: { addr: "http://no-such-host.invalid:80" },
      "no-tls": { addr: `https://127.0.0.1:${web.port}` },
    });
  }, START_MS);
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await web.stop(true);
    raw[Symbol.dispose]();
  });

  describe.each(SCHEMES)("over %s", (scheme) => {
    test.each([
      ["refused", 502, "ERR_NGROK_8012", "connection refused"],
      ["unresolved", 502, "ERR_NGROK_8012", "the name cannot be resolved"],
      ["no-tls", 502, "ERR_NGROK_8012", "the TLS handshake failed"],
    ])("a tunnel whose upstream is %s answers %i with %s", async (label, status, code, text) => {
      const { stdout } = await curl(system.place(label, scheme), "/", "-i");
      expect(stdout).toStartWith(`HTTP/1.1 ${status} Bad Gateway\r\n`);
      expect(stdout).toContain(`\r\nNgrok-Error-Code: ${code}\r\n`);
      expect(stdout).toContain(text);
    });

    test("a name that is not online answers 404 in the form that the visitor wants", async () => {
      const place = system.place("nobody", scheme);
      const [page, json, text] = await Promise.all([
        curl(place, "/", "-i", ...PAGE),
        curl(place, "/", "-i", ...JSON_WANTED),
        curl(place, "/", "-i"),
      ]);
      for (const { stdout } of [page, json, text]) {
        expect(stdout).toStartWith("HTTP/1.1 404 Not Found\r\n");
        expect(stdout).toContain("\r\nNgrok-Error-Code: ERR_NGROK_3200\r\n");
        expect(stdout).toContain(`Tunnel ${place.host} not found`);
      }
      expect(page.stdout).toContain("\r\nContent-Type: text/html; charset=utf-8\r\n");
      expect(page.stdout).toContain(`<h1>Tunnel ${place.host} not found</h1>`);
      expect(text.stdout).toContain("\r\nContent-Type: text/plain; charset=utf-8\r\n");
      expect(json.stdout).toContain("\r\nContent-Type: application/json\r\n");
      expect(JSON.parse(json.stdout.split("\r\n\r\n")[1] ?? "")).toMatchObject({
        error_code: "ERR_NGROK_3200",
        status_code: 404,
      });
    });

    test.each(["raw", "rewritten"])(
      "an upstream behind the tunnel %s that speaks no HTTP, or nothing, is named",
      async (label) => {
        const place = system.place(label, scheme);
        const get = `GET / HTTP/1.1\r\nHost: ${place.authority}\r\n\r\n`;
        const answers = [
          // A line, and then it waits for the other side: nothing else will come.
          ["SSH-2.0-OpenSSH_9.6\r\n", undefined],
          ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", undefined],
          ["", "end"],
          ["", "reset"],
          ["HTTP/1.1 200 OK\r\nHalf: a", "end"],
        ] as const;
        for (const [answer, close] of answers) {
          const visitor = await rawVisitor(place);
          visitor.send(get);
          const server = await raw.accept();
          await server.gets("\r\n\r\n");
          server.send(answer);
          if (close !== undefined) server.connection[close]();
          const seen = await visitor.gets("ERR_NGROK_3004\n");
          expect(seen).toStartWith("HTTP/1.1 502 Bad Gateway\r\n");
          expect(seen).toContain("did not answer with valid HTTP");
          expect(seen.includes("it closed the connection without an answer")).toBe(close !== undefined);
          visitor.connection.reset();
          server.connection.reset();
        }
      },
    );

    test("a request that no upstream will see does not end the visitor's connection", async () => {
      const place = system.place("refused", scheme);
      const visitor = await rawVisitor(place);
      for (let i = 1; i <= 3; i += 1) {
        visitor.send(`GET / HTTP/1.1\r\nHost: ${place.authority}\r\n\r\n`);
        await visitor.heard.until(() => visitor.heard.text.split("ERR_NGROK_8012\n").length === i + 1);
      }
      visitor.connection.reset();
    });
  });

  test("what a visitor brought is shown as text, never as markup", async () => {
    const place = system.place("raw", "http");
    const visitor = await rawVisitor(place);
    visitor.send(`GET / HTTP/1.1\r\nHost: x"><b>.test\r\nAccept: text/html\r\n\r\n`);
    const answer = await visitor.getsEnd();
    expect(answer).toStartWith("HTTP/1.1 4");
    expect(answer).not.toContain("<b>");
    visitor.connection.end();
  });
});

describe("Through an edge of its own", () => {
  test(
    "an agent that dies is named to those that wait, cuts those that have a part, and is offline afterwards",
    async () => {
      using raw = new PlayedUpstream();
      await using system = await TunnelSystem.start("an edge of its own", { web: { addr: raw.addr } });
      const place = system.place("web");
      const get = `GET / HTTP/1.1\r\nHost: ${place.authority}\r\n\r\n`;
      const waiting = await rawVisitor(place);
      waiting.send(get);
      await (await raw.accept()).gets("\r\n\r\n");
      const reading = await rawVisitor(place);
      reading.send(get);
      const server = await raw.accept();
      await server.gets("\r\n\r\n");
      server.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
      await reading.gets("half");
      await system.agent.end("SIGKILL");
      expect(await waiting.gets("ERR_NGROK_3210\n")).toStartWith("HTTP/1.1 502 Bad Gateway\r\n");
      expect(await reading.getsCut()).toEndWith("half");
      waiting.send(get);
      await waiting.gets("ERR_NGROK_3200\n");
      waiting.connection.reset();
    },
    START_MS,
  );
});

test(
  "An upstream that does not answer the dial is given up, in every layout",
  async () => {
    for (const { stdout } of await timedOut) {
      expect(stdout).toStartWith("HTTP/1.1 502 Bad Gateway\r\n");
      expect(stdout).toContain("\r\nNgrok-Error-Code: ERR_NGROK_8012\r\n");
      expect(stdout).toContain("the connection timed out");
    }
  },
  DIAL_MS,
);
