/** `ginnel edge` as its operator starts it: tokens, certificates, ports, and what it refuses. */
import { afterEach, describe, expect, test } from "bun:test";
import { chmodSync, readdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { listenTcp } from "../../src/net/tcp-listen.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import { LineReader } from "../support/line-reader.ts";
import { openssl } from "../support/openssl.ts";
import { visitWithOpenssl } from "../support/openssl-visitor.ts";
import { type Outcome, runProgram } from "../support/run-program.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

const LIMIT_MS = 30_000;
const MAIN = join(import.meta.dir, "../../src/main.ts");
const LOOPBACK = "--http=127.0.0.1:0 --https=127.0.0.1:0 --tcp-ports=off";

const running: Bun.Subprocess[] = [];
afterEach(async () => {
  for (const child of running.splice(0)) {
    child.kill("SIGKILL");
    await child.exited;
  }
});

interface StartedEdge {
  readonly child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly output: LineReader;
  readonly ready: Readonly<Record<string, string>>;
}

/** An edge without a token of its configuration. */
async function startEdge(line: string, folder: TemporaryFolder, env: object = {}): Promise<StartedEdge> {
  const child = Bun.spawn([process.execPath, MAIN, "edge", ...line.split(" "), "--log-format=json"], {
    cwd: folder.path,
    env: { PATH: process.env["PATH"], HOME: folder.path, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0", ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  running.push(child);
  const output = new LineReader(child.stdout);
  const ready = await output.find((text) =>
    text.includes('"edge ready"') ? (JSON.parse(text) as Record<string, string>) : undefined,
  );
  return { child, output, ready };
}

const TOLD = /^Authtoken for agents \(shown this once\): (\S+)$/;

describe("the edge command", () => {
  test.each([
    ["http", (port: number) => `--http=127.0.0.1:${port} --https=127.0.0.1:0`],
    ["https", (port: number) => `--http=127.0.0.1:0 --https=127.0.0.1:${port}`],
    ["agents", (port: number) => `${LOOPBACK} --agents=127.0.0.1:${port}`],
    ["operator's", (port: number) => `${LOOPBACK} --operator-addr=127.0.0.1:${port}`],
    ["management", (port: number) => `${LOOPBACK} --management-addr=127.0.0.1:${port}`],
  ])(
    "the edge command whose %s port is taken says so, and has told nothing; the next start tells",
    async (_, ports) => {
      using folder = new TemporaryFolder();
      const taken = listenTcp({ hostname: "127.0.0.1", port: 0 }, (connection) => connection.reset());
      const outcome = await runProgram(`edge --domain=${EDGE_DOMAIN} --data=data ${ports(taken.port)}`, {
        home: folder.path,
      });
      taken.close();
      expect(outcome).toMatchObject({ code: 1, stdout: "" });
      expect(outcome.stderr).toStartWith(
        `ERROR:  listen tcp 127.0.0.1:${taken.port}: bind: address already in use. Stop the program that listens there`,
      );
      const next = await startEdge(`--domain=${EDGE_DOMAIN} --data=data ${LOOPBACK}`, folder);
      expect(await next.output.find((text) => TOLD.exec(text)?.[1])).toBeString();
    },
    LIMIT_MS,
  );

  test.each([
    ["no domain", "", "no base domain: give --domain"],
    ["an unknown flag", "--domian=x.test", "Did you mean --domain?"],
    ["a flag given twice", "--domain=x.test --region=us --region=eu", "flag --region: may be given only once"],
    [
      "a value that is none",
      "--domain=x.test --idle-timeout=soon",
      'expected a duration such as 30s or 5m, found "soon"',
    ],
    ["a bad name", "--domain=a_b.test", "flag --domain: "],
    ["half a certificate", "--domain=x.test --crt=a.crt", "crt and key need each other"],
    ["no way for agents", "--domain=x.test --https=off", "agents could not reach this edge"],
    ["a file that is not there", "--config=no-such.yml", "no-such.yml"],
    [
      "a slip in its file",
      "--config=edge.yml",
      "'edge.yml': YAML parsing error: line 2, column 1: field htps not found",
    ],
    ["a token file that is not there", "--domain=x.test --authtoken-file=no-such", "no-such"],
    ["a certificate that is not there", `--domain=x.test --crt=no.crt --key=no.key ${LOOPBACK}`, "The file no.crt"],
  ])(
    "the edge command refuses %s on stderr, with code 1",
    async (_, line, text) => {
      using folder = new TemporaryFolder();
      await Bun.write(folder.file("edge.yml"), "domain: x.test\nhtps: :443\n");
      const { code, stdout, stderr } = await runProgram(`edge --data=data ${line}`, { home: folder.path });
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toContain(text);
      expect(stderr).not.toContain("Internal error");
      for (const told of stderr.slice(0, -1).split("\n")) expect(told).toStartWith("ERROR:  ");
    },
    LIMIT_MS,
  );

  test(
    "the edge command takes its settings from file and environment, its tokens from a file of their own, and agents on a port of theirs",
    async () => {
      using folder = new TemporaryFolder();
      await Bun.write(folder.file("tokens"), `# ours\n${EDGE_TOKEN} # the builder\n`);
      await Bun.write(
        folder.file("edge.yml"),
        `domain: [${EDGE_DOMAIN}]\nhttp: off\nhttps: 127.0.0.1:0\nagents: 127.0.0.1:0\ntcp_ports: off\ndata: data\nauthtoken-file: tokens\n`,
      );
      const edge = await startEdge("--config=edge.yml", folder, { GINNEL_REGION: "eu" });
      expect(edge.ready).toMatchObject({ domains: EDGE_DOMAIN, region: "eu" });
      expect(edge.ready).not.toContainKeys(["http", "tcp"]);
      const { stdout: caPem } = await runProgram("edge ca --data=data", { home: folder.path });
      const reach = [`--server-addr=127.0.0.1:${edge.ready["agents"]}`, "--root-cas=ca.pem"];
      const options = { files: { "ca.pem": caPem }, env: { NGROK_AUTHTOKEN: EDGE_TOKEN } };
      await using agent = await AgentProcess.start(["http", "80", ...reach], options);
      expect(await agent.url()).toEndWith(`:${edge.ready["https"]}`);
      await using tcp = await AgentProcess.start(["tcp", "22", ...reach], options);
      expect(await tcp.child.exited).toBe(1);
      await tcp.stderr.find((line) => (line.startsWith("ERROR:  ERR_") ? true : undefined));
    },
    LIMIT_MS,
  );

  test(
    "the edge command serves a renewed certificate without a restart",
    async () => {
      using folder = new TemporaryFolder();
      await makeCertificate(folder, "old", 11);
      await makeCertificate(folder, "new", 12);
      const use = (name: string): void => {
        for (const ending of ["crt", "key"])
          renameSync(folder.file(`${name}.${ending}`), folder.file(`live.${ending}`));
      };
      use("old");
      await using edge = await EdgeProcess.start(
        `--crt=${folder.file("live.crt")}`,
        `--key=${folder.file("live.key")}`,
      );
      expect(await serialAt(edge)).toBe("serial=0B");
      const from = edge.linesLogged;
      use("new");
      await edge.logged("certificate loaded", "", from);
      expect(await serialAt(edge)).toBe("serial=0C");
    },
    LIMIT_MS,
  );

  test(
    "the edge command leaves its own authority out with --local-ca=false: refuses names without a certificate, and makes no authority",
    async () => {
      using folder = new TemporaryFolder();
      await makeCertificate(folder, "own", 13);
      const files = [`--crt=${folder.file("own.crt")}`, `--key=${folder.file("own.key")}`];
      await using edge = await EdgeProcess.start(`--data=${folder.file("data")}`, "--local-ca=false", ...files);
      expect(await serialAt(edge)).toBe("serial=0D");
      const { text } = await visitWithOpenssl({ port: edge.ports.https, serverName: "elsewhere.test" });
      expect(text).toContain("SSL alert number 112");
      expect(readdirSync(folder.file("data"))).not.toContain("local-ca");
    },
    LIMIT_MS,
  );
});

describe("edge ca", () => {
  test(
    "edge ca prints the same authority each time, and keeps its key to its owner",
    async () => {
      using folder = new TemporaryFolder();
      const ask = (): Promise<Outcome> => runProgram("edge ca --data=data", { home: folder.path });
      const [first, second] = [await ask(), await ask()];
      expect(first).toEqual(second);
      expect(first.stderr).toBe("");
      expect(await openssl(["x509", "-noout", "-ext", "basicConstraints"], { input: first.stdout })).toContain(
        "CA:TRUE",
      );
      const kept = readdirSync(folder.file("data"), { recursive: true, withFileTypes: true });
      for (const entry of kept.filter((each) => each.isFile() && each.name.includes("key"))) {
        expect(statSync(join(entry.parentPath, entry.name)).mode & 0o077).toBe(0);
      }
      expect(kept.length).toBeGreaterThan(0);
    },
    LIMIT_MS,
  );

  test(
    "edge ca does not tell those to remove an authority who only may not read it",
    async () => {
      using folder = new TemporaryFolder();
      await runProgram("edge ca --data=data", { home: folder.path });
      chmodSync(folder.file("data/local-ca"), 0);
      // Root may read everything.
      const asOther = process.getuid?.() === 0 ? ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"] : [];
      const child = Bun.spawn([...asOther, process.execPath, MAIN, "edge", "ca", `--data=${folder.file("data")}`], {
        cwd: "/",
        env: { PATH: process.env["PATH"], BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      });
      running.push(child);
      const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
      chmodSync(folder.file("data/local-ca"), 0o700);
      expect([await child.exited, stdout]).toEqual([1, ""]);
      expect(stderr).toContain("this user may not read it. Run this as the user who made it, or as root.\n");
      expect(stderr).not.toContain("remove");
    },
    LIMIT_MS,
  );
});

async function makeCertificate(folder: TemporaryFolder, name: string, serial: number): Promise<void> {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder.file(`${name}.key`)];
  const names = ["-subj", `/CN=${EDGE_DOMAIN}`, "-addext", `subjectAltName=DNS:${EDGE_DOMAIN},DNS:*.${EDGE_DOMAIN}`];
  const rest = ["-days", "2", "-set_serial", String(serial), "-out", folder.file(`${name}.crt`)];
  await openssl(["req", "-x509", ...key, ...names, ...rest]);
}

/** Of the certificate that a visitor sees. */
async function serialAt(edge: EdgeProcess): Promise<string> {
  const target = ["-connect", `127.0.0.1:${edge.ports.https}`, "-servername", `a.${EDGE_DOMAIN}`];
  const shown = await openssl(["s_client", ...target]);
  return (await openssl(["x509", "-noout", "-serial"], { input: shown })).trim();
}
