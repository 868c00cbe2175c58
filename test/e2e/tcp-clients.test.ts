/** Programs that people really use over TCP tunnels, talking to the services that they are made for. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { agentOf, EDGES, portOf } from "../support/agent-of-edge.ts";
import type { AgentProcess } from "../support/agent-process.ts";
import { succeed } from "../support/client-program.ts";
import type { EdgeProcess } from "../support/edge-process.ts";
import { LineReader } from "../support/line-reader.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";
import type { StartedProgram } from "../support/started-program.ts";
import { SSH_CLIENT_CONF, startPostgres, startRedis, startSshd } from "../support/upstream-programs.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
setDefaultTimeout(60_000);
const SSH_FILE_BYTES = 20_000_000;
const ROWS = 100_000;

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

let sshd: StartedProgram;
let postgres: StartedProgram;
let redis: StartedProgram;
beforeAll(async () => {
  [sshd, postgres, redis] = await Promise.all([startSshd(), startPostgres(), startRedis()]);
});
afterAll(() => Promise.all([sshd, postgres, redis].map((program) => program[Symbol.asyncDispose]())));

describe.each(EDGES)("over %s", (_, startEdge) => {
  let edge: EdgeProcess | undefined;
  let agent: AgentProcess;
  const port: Record<string, number> = {};
  beforeAll(async () => {
    edge = await startEdge();
    const tunnel = (name: string, addr: number): string => `  ${name}: { proto: tcp, addr: ${addr} }\n`;
    const tunnels = tunnel("ssh", sshd.port) + tunnel("sql", postgres.port) + tunnel("redis", redis.port);
    agent = await agentOf(edge, ["start", "--all", "--config=all.yml"], {
      files: { "all.yml": `version: "2"\ntunnels:\n${tunnels}` },
    });
    for (const name of ["ssh", "sql", "redis"]) port[name] = portOf(await agent.url(name));
  });
  afterAll(async () => {
    await agent[Symbol.asyncDispose]();
    await edge?.[Symbol.asyncDispose]();
    expect(agent.stderr.lines).toEqual([]);
  });

  describe("OpenSSH", () => {
    const options = (): string[] => ["-F", sshd.folder.file(SSH_CLIENT_CONF)];

    test("runs a command, with its input, output and exit code", async () => {
      const command = [...options(), "-p", String(port["ssh"]), "127.0.0.1", "tr a-z A-Z; exit 7"];
      const child = Bun.spawn(["ssh", ...command], { stdin: Buffer.from("quiet\n"), stdout: "pipe", stderr: "pipe" });
      expect([await child.stdout.text(), await child.stderr.text(), await child.exited]).toEqual(["QUIET\n", "", 7]);
    });

    test("copies a file there and back with scp and sftp", async () => {
      const { folder } = sshd;
      const bytes = patternedBytes(SSH_FILE_BYTES);
      await Bun.write(folder.file("sent"), bytes);
      const remote = `scp://127.0.0.1:${port["ssh"]}/${folder.file("there")}`;
      await succeed(["scp", "-q", ...options(), folder.file("sent"), remote]);
      expect(sha256(await Bun.file(folder.file("there")).bytes())).toBe(sha256(bytes));
      const batch = `get ${folder.file("there")} ${folder.file("back")}\n`;
      await succeed(["sftp", "-q", ...options(), "-b", "-", "-P", String(port["ssh"]), "127.0.0.1"], {
        stdin: batch,
      });
      expect(sha256(await Bun.file(folder.file("back")).bytes())).toBe(sha256(bytes));
    });
  });

  describe("psql", () => {
    const sql = (text: string, stdin = ""): Promise<string> => {
      const place = `host=127.0.0.1 port=${port["sql"]} user=tester dbname=postgres`;
      return succeed(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", place, "-c", text], { stdin });
    };

    test("asks a question", async () => {
      expect(await sql("SELECT 6 * 7")).toBe("42\n");
    });

    test("is told of an error", async () => {
      expect(await sql("SELECT 1 / 0").catch(String)).toContain("division by zero");
    });

    test("copies rows in and out", async () => {
      const rows = Array.from({ length: ROWS }, (_row, at) => `${at}\trow number ${at}\n`).join("");
      await sql("DROP TABLE IF EXISTS copied; CREATE TABLE copied (id int PRIMARY KEY, line text)");
      await sql("COPY copied FROM STDIN", rows);
      expect(await sql("SELECT count(*), sum(id) FROM copied")).toBe(`${ROWS}|${(ROWS * (ROWS - 1)) / 2}\n`);
      expect(sha256(Buffer.from(await sql("COPY (SELECT * FROM copied ORDER BY id) TO STDOUT")))).toBe(
        sha256(Buffer.from(rows)),
      );
    });
  });

  describe("redis-cli", () => {
    const cli = (...words: string[]): string[] => [
      "redis-cli",
      "-h",
      "127.0.0.1",
      "-p",
      String(port["redis"]),
      ...words,
    ];

    test("sets and gets", async () => {
      expect(await succeed(cli("SET", "greeting", "hello"))).toBe("OK\n");
      expect(await succeed(cli("GET", "greeting"))).toBe("hello\n");
    });

    test("sends a pipeline of many commands at once", async () => {
      const commands = Array.from({ length: 10_000 }, (_set, at) => `SET key:${at} ${at}\r\n`).join("");
      expect(await succeed(cli("--pipe"), { stdin: commands })).toContain("errors: 0, replies: 10000");
      expect(await succeed(cli("GET", "key:9999"))).toBe("9999\n");
    });

    test("hears what is published, at once", async () => {
      const subscriber = Bun.spawn(cli("SUBSCRIBE", "news"), { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
      try {
        const heard = new LineReader(subscriber.stdout);
        await heard.find((line) => (line === "subscribe" ? line : undefined));
        expect(await succeed(cli("PUBLISH", "news", "first"))).toBe("1\n");
        expect(await heard.find((line) => (line === "first" ? line : undefined))).toBe("first");
      } finally {
        subscriber.kill();
        await subscriber.exited;
      }
    });
  });

  test("redis-benchmark finds fifty clients with pipelines served", async () => {
    const load = ["-c", "50", "-n", "20000", "-P", "16", "-t", "set,get", "-q"];
    const command = ["redis-benchmark", "-h", "127.0.0.1", "-p", String(port["redis"]), ...load];
    expect(await succeed(command)).toMatch(/GET: [\d.]+ requests per second/);
  });
});
