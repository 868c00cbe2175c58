/** Streams, signals and ends of an agent that a wrapper has started (clients.md section 3, rows by number). */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { closeSync, constants, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import { runProgram } from "../support/run-program.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { callApi } from "../support/urllib-call.ts";
import { visit } from "../support/visit.ts";
import { WrappedAgent } from "../support/wrapped-agent.ts";

const LIMIT_MS = 30_000;

const MAIN = join(import.meta.dir, "../../src/main.ts");

const upstream = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("here I am") });
let edge: EdgeProcess;
beforeAll(async () => {
  edge = await EdgeProcess.start();
}, LIMIT_MS);
afterAll(async () => {
  await edge[Symbol.asyncDispose]();
  await upstream.stop(true);
});

async function openTunnel(api: string, label: string): Promise<void> {
  const definition = { name: label, proto: "http", schemes: ["http"], addr: upstream.port, subdomain: label };
  expect((await callApi(api, "POST", "/api/tunnels", definition)).status).toBe(201);
}

async function statusOf(label: string): Promise<number> {
  return (await visit(`${label}.${EDGE_DOMAIN}`, { port: edge.ports.http })).status;
}

describe("a wrapper's agent", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "a wrapper's agent meets K-030, K-036 and K-037: ended by %s it has given its addresses back, with code 0 and nothing on stderr",
    async (signal) => {
      await using agent = await WrappedAgent.start({ edge });
      await openTunnel(await agent.ready(), "life-ended");
      expect(await statusOf("life-ended")).toBe(200);
      expect(await agent.end(signal)).toBe(0);
      expect(await statusOf("life-ended")).toBe(404);
      await agent.stderr.ended;
      expect(agent.stderr.lines).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "a wrapper's agent meets K-036: killed, its address is there for the next",
    async () => {
      for (const _ of ["first", "second"]) {
        await using agent = await WrappedAgent.start({ edge });
        const api = await agent.ready();
        await openTunnel(api, "life-killed");
        await agent.end("SIGKILL");
      }
      const from = edge.linesLogged;
      await using agent = await WrappedAgent.start({ edge });
      await openTunnel(await agent.ready(), "life-killed");
      await edge.logged("endpoint online", "life-killed", from);
    },
    LIMIT_MS,
  );

  test(
    "a wrapper's agent meets K-033: nobody reads its log any more once it is ready, and tunnels and API go on",
    async () => {
      using home = new TemporaryFolder();
      await Bun.write(home.file("ca.pem"), edge.caPem);
      Bun.spawnSync(["mkfifo", home.file("pipe")]);
      // Both ends in one: it can be opened without a reader, and never breaks.
      const pipe = openSync(home.file("pipe"), constants.O_RDWR | constants.O_NONBLOCK);
      const child = Bun.spawn([process.execPath, MAIN, "start", "--none", "--log=stdout", ...reach()], {
        cwd: home.path,
        env: { PATH: process.env["PATH"], HOME: home.path, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
        stdin: "ignore",
        stdout: pipe,
        stderr: "pipe",
      });
      const log = await readUntil("tunnel session started", pipe);
      const [, addr = ""] = log.match(/msg="starting web service" obj=web addr=(\S+)/) ?? [];
      const api = `http://${addr}`;
      await openTunnel(api, "life-unread");
      // Two lines each, of more than 64 bytes: the pipe holds 64 KiB.
      for (let round = 0; round < 60; round += 1) {
        const calls = await Promise.all(Array.from({ length: 10 }, () => callApi(api, "GET", "/api/tunnels")));
        expect(calls.map(({ status }) => status)).toEqual(calls.map(() => 200));
      }
      expect(await statusOf("life-unread")).toBe(200);
      child.kill("SIGTERM");
      expect([await child.exited, await child.stderr.text()]).toEqual([0, ""]);
      closeSync(pipe);
    },
    LIMIT_MS,
  );

  test(
    "a wrapper's agent meets K-034: the API answers before there is a session",
    async () => {
      await using late = await EdgeProcess.start();
      await late.end("SIGTERM");
      await using agent = await WrappedAgent.start({ edge: late });
      const { addr } = await agent.logged("starting web service");
      const api = `http://${addr}`;
      const { status, text } = await callApi(api, "GET", "/api/tunnels");
      expect([status, text]).toEqual([200, `{"tunnels":[],"uri":"/api/tunnels"}\n`]);
      const state = JSON.parse((await callApi(api, "GET", "/api/status")).text);
      expect(state.status).not.toBe("online");
    },
    LIMIT_MS,
  );

  test(
    "a wrapper's agent meets K-040: two run side by side, each with its own API",
    async () => {
      await using one = await WrappedAgent.start({ edge });
      const first = await one.ready();
      await using two = await WrappedAgent.start({ edge });
      const second = await two.ready();
      expect(second).not.toBe(first);
      await openTunnel(second, "life-second");
      expect((await callApi(first, "GET", "/api/tunnels")).text).not.toContain("life-second");
    },
    LIMIT_MS,
  );

  test.each([
    ["an unknown token", "unknown", "ERR_NGROK_107"],
    ["a token that can be none", "no\ttoken", "ERR_NGROK_105"],
    ["no token (K-027)", "", "ERR_NGROK_4018"],
  ])(
    "a wrapper's agent meets K-041 and K-101: refused with %s, its last failure tells the code",
    async (_, authtoken, code) => {
      await using agent = await WrappedAgent.start({ edge, authtoken: authtoken });
      expect(agent.ready()).rejects.toThrow(code);
      expect(await agent.child.exited).toBe(1);
      await Promise.all([agent.output.ended, agent.stderr.ended]);
      await agent.logged("starting web service");
      const failures = agent.log.filter(({ lvl }) => lvl === "eror" || lvl === "crit");
      expect(failures.map(({ msg }) => msg)).toEqual([
        "failed to reconnect session",
        "terminating with error",
        "command failed",
      ]);
      for (const { err } of failures) expect(err).toEndWith(`\r\n\r\n${code}\r\n`);
      expect(agent.stderr.lines.slice(-3)).toEqual([
        `ERROR:  ${code}`,
        `ERROR:  https://ngrok.com/docs/errors/${code.toLowerCase()}`,
        "ERROR:  ",
      ]);
    },
    LIMIT_MS,
  );

  test(
    "a wrapper's agent meets K-031: without --log nothing is printed",
    async () => {
      using home = new TemporaryFolder();
      await Bun.write(home.file("ca.pem"), edge.caPem);
      const from = edge.linesLogged;
      const child = Bun.spawn([process.execPath, MAIN, "start", "--none", ...reach()], {
        argv0: "ngrok",
        cwd: home.path,
        env: { PATH: process.env["PATH"], HOME: home.path, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      });
      await edge.logged("agent session established", "", from);
      child.kill("SIGTERM");
      expect([await child.exited, await child.stdout.text(), await child.stderr.text()]).toEqual([0, "", ""]);
    },
    LIMIT_MS,
  );

  test("a wrapper's agent meets K-041: a file that is missing is told, with code 1", async () => {
    using home = new TemporaryFolder();
    const line = "start --none --log stdout --config missing.yml";
    const { code, stderr } = await runProgram(line, { home: home.path, name: "ngrok" });
    expect(code).toBe(1);
    expect(stderr).toContain("missing.yml");
  });
});

function reach(): readonly string[] {
  return [`--server-addr=127.0.0.1:${edge.ports.https}`, `--authtoken=${EDGE_TOKEN}`, "--root-cas=ca.pem"];
}

/** Reads no further than the piece that has these words. The limit of the test is the limit of this. */
async function readUntil(words: string, descriptor: number): Promise<string> {
  let text = "";
  while (!text.includes(words)) {
    await Bun.sleep(20);
    text += readSome(descriptor);
  }
  return text;
}

/** What there is to read, at once. */
function readSome(descriptor: number): string {
  const buffer = Buffer.alloc(4096);
  try {
    return buffer.toString("utf8", 0, readSync(descriptor, buffer));
  } catch {
    return ""; // EAGAIN: nothing yet
  }
}
