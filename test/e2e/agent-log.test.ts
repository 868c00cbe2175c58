/** What a running agent writes where: its log line by line (clients.md sections 5 and 6), and nothing else (section 3). */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { closeSync, constants, existsSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { AgentProcess } from "../support/agent-process.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { eventually } from "../support/turns.ts";
import { visit } from "../support/visit.ts";

const LIMIT_MS = 30_000;
const MAIN = join(import.meta.dir, "../../src/main.ts");

const upstream = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("here I am") });
const folder = new TemporaryFolder();
let edge: EdgeProcess;

beforeAll(async () => {
  edge = await EdgeProcess.start();
  await Bun.write(folder.file("ca.pem"), edge.caPem);
}, LIMIT_MS);

afterAll(async () => {
  await edge[Symbol.asyncDispose]();
  await upstream.stop(true);
  folder[Symbol.dispose]();
});

function reach(): readonly string[] {
  return [`--server-addr=127.0.0.1:${edge.ports.https}`, "--root-cas=ca.pem", `--authtoken=${EDGE_TOKEN}`];
}

/** An http tunnel of the name, without any word about the log. */
function httpTunnel(label: string): readonly string[] {
  return ["http", `--url=http://${label}.${EDGE_DOMAIN}`, upstream.url.origin, ...reach()];
}

async function visitStatus(label: string): Promise<number> {
  return (await visit(`${label}.${EDGE_DOMAIN}`, { port: edge.ports.http })).status;
}

describe("the agent's log", () => {
  test(
    "the agent's log of a good run has the lines that programs wait for, in order, and no error",
    async () => {
      const settings = {
        version: 2,
        tunnels: {
          web: { proto: "http", schemes: ["http", "https"], addr: upstream.port, hostname: `log.${EDGE_DOMAIN}` },
          ssh: { proto: "tcp", addr: 22 },
        },
      };
      const files = { "ca.pem": edge.caPem, "agent.yml": JSON.stringify(settings) };
      await using agent = await AgentProcess.start(["start", "web", "ssh", "--config=agent.yml", ...reach()], {
        files,
      });
      await agent.url("ssh");
      expect(await visitStatus("log")).toBe(200);
      await agent.logged("join connections");
      expect(await agent.end()).toBe(0);
      await agent.logged("received stop request");

      const all = agent.log.lines.map((line) => JSON.parse(line) as Record<string, string>); // our own log
      // The port may be that of another agent: then a warning says so.
      const entries = all.filter(({ msg }) => msg?.startsWith("can't bind default web address") !== true);
      expect(entries.map(({ msg, name }) => (name === undefined ? msg : `${msg} ${name}`))).toEqual([
        "open config file",
        "starting web service",
        "client session established",
        "tunnel session started",
        "started tunnel web (http)",
        "started tunnel web",
        "started tunnel ssh",
        "join connections",
        "received stop request",
      ]);
      for (const entry of entries) {
        expect(entry["lvl"]).toBe("info");
        expect(entry["t"]).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d+Z$/);
        expect(Object.values(entry).every((value) => typeof value === "string")).toBe(true);
        expect(Object.keys(entry)).toEqual(Object.keys(entry).toSorted());
        expect(Object.keys(entry)).not.toContain("line");
      }
      expect(entries[4]).toMatchObject({ obj: "tunnels", addr: `http://localhost:${upstream.port}` });
      expect(entries[6]).toMatchObject({ addr: "//localhost:22" });
      expect(entries[7]?.["l"]).toContain(`:${upstream.port}`);
      expect(entries[7]?.["r"]).toMatch(/^127\.0\.0\.1:\d+$/);
      expect(agent.log.lines.join("\n")).not.toContain(EDGE_TOKEN);
      expect(agent.stderr.lines).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "the agent's log in a file is logfmt, appended to, and for its owner alone; stdout and stderr stay empty",
    async () => {
      const path = folder.file("agent.log");
      for (const label of ["first", "second"]) {
        const child = spawn([...httpTunnel(label), "--log", path]);
        await eventually(
          "the tunnel is told",
          () => existsSync(path) && readFileSync(path, "utf8").includes(`//${label}.`),
        );
        child.kill("SIGTERM");
        expect([await child.exited, await child.stdout.text(), await child.stderr.text()]).toEqual([0, "", ""]);
      }
      expect(statSync(path).mode & 0o777).toBe(0o600);
      const lines = (await Bun.file(path).text()).trimEnd().split("\n");
      for (const line of lines) {
        expect(line).toMatch(
          /^t=\d{4}-\d\d-\d\dT[\d:]{8}[+-]\d{4} lvl=(info|warn) msg=("[^"]+"|\S+)( \w+=("[^"]*"|\S+))*$/,
        );
      }
      const started = lines.filter((line) => line.includes('msg="started tunnel"'));
      expect(started.map((line) => line.slice(line.indexOf("url=")))).toEqual(
        ["first", "second"].map((label) => `url=http://${label}.${EDGE_DOMAIN}:${edge.ports.http}`),
      );
    },
    LIMIT_MS,
  );
});

describe("an agent without a log", () => {
  test.each([
    ["writes nothing at all", []],
    ["and without colours or screens runs the same when it is told its log is off", ["--log=false"]],
  ])(
    "an agent without a log %s",
    async (_, further) => {
      const from = edge.linesLogged;
      const child = spawn([...httpTunnel("silent"), ...further]);
      await edge.logged("endpoint online", "silent", from);
      expect(await visitStatus("silent")).toBe(200);
      child.kill("SIGINT");
      expect([await child.exited, await child.stdout.text(), await child.stderr.text()]).toEqual([0, "", ""]);
    },
    LIMIT_MS,
  );
});

describe("an agent serves visitors", () => {
  /** Runs until the agent has served, then ends it. */
  async function expectServes(label: string, child: Bun.Subprocess, from: number): Promise<void> {
    await edge.logged("endpoint online", label, from);
    for (let time = 0; time < 5; time += 1) expect(await visitStatus(label)).toBe(200);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
  }

  test.each(["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])(
    "an agent serves visitors when the shell has closed %s",
    async (closed) => {
      const from = edge.linesLogged;
      const argv = [process.execPath, MAIN, ...httpTunnel("closed"), "--log=stdout"];
      const child = Bun.spawn(["sh", "-c", `exec "$@" ${closed}`, "sh", ...argv], {
        cwd: folder.path,
        env: environment(),
        stdin: "ignore",
        stdout: "ignore",
        stderr: "ignore",
      });
      await expectServes("closed", child, from);
    },
    LIMIT_MS,
  );

  test(
    "an agent serves visitors when nobody reads its log and the pipe is full",
    async () => {
      const path = folder.file("pipe");
      Bun.spawnSync(["mkfifo", path]);
      // Both ends in one: it can be opened without a reader, and never breaks.
      const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
      fill(descriptor);
      const from = edge.linesLogged;
      const child = Bun.spawn([process.execPath, MAIN, ...httpTunnel("full"), "--log=stdout", "--log-level=debug"], {
        cwd: folder.path,
        env: environment(),
        stdin: "ignore",
        stdout: descriptor,
        stderr: "ignore",
      });
      await expectServes("full", child, from);
      closeSync(descriptor);
    },
    LIMIT_MS,
  );

  test(
    "an agent serves visitors for a user without name, home and a place to write",
    async () => {
      const asNobody =
        process.getuid?.() === 0 ? ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", "--"] : [];
      // The user cannot enter the folder of a test.
      const inline = reach().filter((flag) => !flag.startsWith("--root-cas"));
      const ca = `/dev/fd/0`;
      const from = edge.linesLogged;
      const child = Bun.spawn(
        [
          ...asNobody,
          process.execPath,
          MAIN,
          "http",
          `--url=http://nobody.${EDGE_DOMAIN}`,
          upstream.url.origin,
          ...inline,
          `--root-cas=${ca}`,
        ],
        {
          cwd: "/",
          env: { PATH: process.env["PATH"], BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
          stdin: Buffer.from(edge.caPem),
          stdout: "ignore",
          stderr: "inherit",
        },
      );
      await expectServes("nobody", child, from);
    },
    LIMIT_MS,
  );
});

function spawn(argv: readonly string[]): Bun.Subprocess<"ignore", "pipe", "pipe"> {
  return Bun.spawn([process.execPath, MAIN, ...argv], {
    cwd: folder.path,
    env: environment(),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

function environment(): Record<string, string | undefined> {
  return { PATH: process.env["PATH"], HOME: folder.path, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" };
}

function fill(descriptor: number): void {
  const block = Buffer.alloc(4096);
  try {
    for (;;) writeSync(descriptor, block);
  } catch {
    // EAGAIN: not even one more block
  }
}
