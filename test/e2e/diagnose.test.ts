/** `diagnose` as a process, on ways that work and on ways that are broken at every step. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DeafPort } from "../support/deaf-port.ts";
import { DnsServer } from "../support/dns-server.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import { startTinyproxy, type RunningProxy } from "../support/forward-proxies.ts";
import { freePorts } from "../support/free-ports.ts";
import { LineReader } from "../support/line-reader.ts";
import { RawUpstream } from "../support/raw-upstream.ts";
import { runProgram } from "../support/run-program.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { makeTestCertificates, type TestCertificates } from "../support/test-certificates.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
setDefaultTimeout(60_000);
const PASSWORD = "pass-word-of-proxy";

let edge: EdgeProcess;
let proxy: RunningProxy;
let certificates: TestCertificates;
beforeAll(async () => {
  [edge, proxy, certificates] = await Promise.all([
    EdgeProcess.start(),
    startTinyproxy(`me ${PASSWORD}`),
    makeTestCertificates(),
  ]);
});
afterAll(async () => {
  await Promise.all([edge[Symbol.asyncDispose](), proxy[Symbol.asyncDispose]()]);
});

interface Report {
  readonly ok: boolean;
  readonly region: string | null;
  readonly latency_ms: number | null;
  readonly groups: readonly { readonly title: string; readonly steps: readonly ReportedStep[] }[];
  readonly config: Readonly<Record<string, unknown>>;
}

interface ReportedStep {
  readonly name: string;
  readonly verdict: string;
  readonly detail: string;
  readonly remedy?: string;
  readonly code?: string;
}

interface Diagnosed {
  readonly code: number;
  readonly stdout: string;
  readonly report: Report;
  /** Of every group but the one about localhost. */
  readonly steps: readonly ReportedStep[];
}

/** Diagnoses by this configuration file. Nothing secret is ever shown, whatever happens. */
async function diagnose(agent: readonly string[], more = "", flags = ""): Promise<Diagnosed> {
  using folder = new TemporaryFolder();
  const below = ["connect_cas: ca.pem", `authtoken: ${EDGE_TOKEN}`, "connect_timeout: 5s", ...agent];
  const set = new Map(below.map((line) => [line.split(":")[0], line]));
  const lines = [...set.values()].map((line) => `  ${line}\n`).join("");
  writeFileSync(folder.file("c.yml"), `version: 3\nagent:\n${lines}${more}`);
  writeFileSync(folder.file("ca.pem"), edge.caPem);
  writeFileSync(folder.file("other.pem"), certificates.caPem);
  const line = `diagnose --config=c.yml -w r.json ${flags}`;
  const { code, stdout, stderr } = await runProgram(line, { home: folder.path });
  expect(stderr).toBe("");
  expect(stdout).toContain("Report written to r.json\n");
  expect(statSync(folder.file("r.json")).mode & 0o777).toBe(0o600);
  const text = readFileSync(folder.file("r.json"), "utf8");
  expect(`${stdout}${text}`).not.toContain(EDGE_TOKEN);
  expect(`${stdout}${text}`).not.toContain(PASSWORD);
  const report = JSON.parse(text) as Report; // our own
  expect(report.ok).toBe(code === 0);
  return { code, stdout, report, steps: report.groups.slice(1).flatMap(({ steps }) => steps) };
}

const verdicts = (steps: readonly ReportedStep[]): readonly string[] =>
  steps.map(({ name, verdict }) => `${name}: ${verdict}`);

const edgeAt = (host: string): string => `connect_url: "${host}:${edge.ports.https}"`;

describe("diagnose finds", () => {
  test("an edge in order, and the services of the tunnels", async () => {
    using upstream = new RawUpstream();
    using names = await DnsServer.start("127.0.0.1");
    const { code, stdout, report, steps } = await diagnose(
      [edgeAt(EDGE_DOMAIN), `dns_resolver_ips: ["${names.hostPort}"]`],
      `tunnels:
  web: { proto: http, addr: ${upstream.port}, basic_auth: ["u:secret-of-web"] }
  site: { proto: http, addr: "file:///" }
endpoints:
  - { name: later, bindings: [kubernetes], upstream: { url: ${upstream.port} } }
`,
    );
    expect(code).toBe(0);
    expect(verdicts(steps)).toEqual([
      "Name Resolution: ok",
      "TCP (IPv4): ok",
      "TLS: ok",
      "Tunnel Protocol: ok",
      "web: ok",
      "site: ok",
      "later: warn",
    ]);
    expect(steps[2]?.detail).toMatch(
      /^certificate for .*edge\.test.*, issued by "ginnel local CA .*", valid until \d{4}-/,
    );
    expect(steps[3]?.detail).toMatch(/^edge 0\.1\.0, region us, latency \d+ ms$/);
    expect(report.groups.map(({ title }) => title)).toEqual([
      "Localhost Connectivity",
      `Edge Connectivity - Region us: ${EDGE_DOMAIN}:${edge.ports.https}`,
      "Local services of the configured tunnels",
    ]);
    expect(report).toMatchObject({ region: "us", config: { authtoken: true, connect_cas: "ca.pem" } });
    expect(stdout).toMatch(/\nConnectivity is fine: region us, latency \d+ ms\n$/);
    expect(stdout).not.toContain("secret-of-web");
  });

  test("an edge by its address", async () => {
    const { code, steps } = await diagnose([edgeAt("127.0.0.1")]);
    expect({ code, verdicts: verdicts(steps) }).toEqual({
      code: 0,
      verdicts: ["Name Resolution: ok", "TCP (IPv4): ok", "TLS: ok", "Tunnel Protocol: ok"],
    });
  });

  test("an edge behind a proxy with a password", async () => {
    const { code, report, steps } = await diagnose([
      edgeAt("127.0.0.1"),
      `proxy_url: "http://me:${PASSWORD}@127.0.0.1:${proxy.port}"`,
    ]);
    expect({ code, verdicts: verdicts(steps) }).toEqual({
      code: 0,
      verdicts: ["Proxy: ok", "Through the Proxy: ok", "TLS: ok", "Tunnel Protocol: ok"],
    });
    expect(report.config["proxy_url"]).toBe(`http://127.0.0.1:${proxy.port}`);
  });

  test("that the edge inside works where none is configured", async () => {
    using home = new TemporaryFolder();
    const { code, stdout, stderr } = await runProgram("diagnose", { home: home.path });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const name of ["Ports", "Tunnel Protocol", "HTTP", "HTTPS"])
      expect(stdout).toMatch(new RegExp(`\\n {2}${name} +\\[ OK \\]\\n`));
    expect(stdout).toEndWith("\nConnectivity is fine\n");
  });
});

interface Broken {
  readonly agent: readonly string[];
  readonly flags?: string;
  readonly name: string;
  readonly code: string;
  readonly reason: string;
}

const BROKEN: readonly (readonly [string, Broken])[] = [
  [
    "a name that nobody knows",
    { agent: ['connect_url: "edge.invalid:443"'], name: "Name Resolution", code: "8000", reason: "no such host" },
  ],
  [
    "a port where nobody listens",
    { agent: [`connect_url: "127.0.0.1:${freePorts(1)}"`], name: "TCP (IPv4)", code: "8002", reason: "refused" },
  ],
  [
    "an interface that is not there",
    { agent: ["connect_interface: nosuch0"], name: "TCP", code: "8002", reason: "no such network interface" },
  ],
  [
    "an edge without IPv6 where it is demanded",
    { agent: [], flags: "-6", name: "TCP (IPv6)", code: "8011", reason: "no IPv6 address" },
  ],
  [
    "an authority that it does not know",
    { agent: ["connect_cas: other.pem"], name: "TLS", code: "8003", reason: "unknown authority; certificate for " },
  ],
  [
    "a file of authorities that is not there",
    { agent: ["connect_cas: none.pem"], name: "TLS", code: "8003", reason: "none.pem" },
  ],
  [
    "a token that is wrong",
    { agent: ["authtoken: wrong-token"], name: "Tunnel Protocol", code: "8004", reason: "ERR_NGROK_107" },
  ],
  [
    "that there is no token",
    { agent: ['authtoken: ""'], name: "Tunnel Protocol", code: "8004", reason: "ERR_NGROK_4018" },
  ],
  ["another region", { agent: ["region: eu"], name: "Tunnel Protocol", code: "8004", reason: "wants region eu" }],
];

describe("diagnose tells", () => {
  test.each(BROKEN)("%s", async (_, { agent, flags, name, code, reason }) => {
    const diagnosed = await diagnose([edgeAt("127.0.0.1"), ...agent], "", flags);
    const failed = diagnosed.steps.find(({ verdict }) => verdict === "fail");
    expect(failed).toMatchObject({ name, code: `ERR_NGROK_${code}`, detail: expect.stringContaining(reason) });
    expect(failed?.remedy).toMatch(/[.?]$/);
    expect(diagnosed.code).toBe(1);
    expect(diagnosed.stdout).toContain(`\nFailed:\n  ${failed?.code}  `);
    expect(diagnosed.stdout).toContain(`${failed?.remedy} (${failed?.code})\n`);
  });

  test("an address family that is dead, and a name that is not the edge's", async () => {
    const { steps } = await diagnose([edgeAt("localhost")]);
    expect(verdicts(steps)).toEqual(["Name Resolution: ok", "TCP (IPv4): ok", "TCP (IPv6): warn", "TLS: fail"]);
    expect(steps[3]?.remedy).toStartWith("An edge answers to the names of its --domain only: ");
  });

  test("a machine that never answers, within the time of the configuration", async () => {
    await using deaf = await DeafPort.open();
    const { steps } = await diagnose([`connect_url: "127.0.0.1:${deaf.port}"`, "connect_timeout: 200ms"]);
    expect(steps.at(-1)).toMatchObject({
      name: "TCP (IPv4)",
      verdict: "fail",
      detail: expect.stringContaining("timeout"),
    });
  });

  test.each(["silent", "web"] as const)("a %s peer in place of an edge", async (kind) => {
    using silent = new RawUpstream();
    const { certPem: cert, keyPem: key } = certificates.server;
    using web = Bun.serve({ hostname: "127.0.0.1", port: 0, tls: { cert, key }, fetch: () => new Response("hello") });
    const port = kind === "silent" ? silent.port : web.port;
    const { steps } = await diagnose([
      `connect_url: "127.0.0.1:${port}"`,
      "connect_timeout: 500ms",
      "connect_cas: other.pem",
    ]);
    const expected = {
      silent: { name: "TLS", detail: "dial tls 127.0.0.1: TLS handshake timeout" },
      web: { name: "Tunnel Protocol", remedy: "Is that the address of an edge?" },
    }[kind];
    expect(steps.at(-1)).toMatchObject({ verdict: "fail", ...expected });
  });

  test("a certificate whose time is over", async () => {
    const { certPem: cert, keyPem: key } = certificates.expired;
    using web = Bun.serve({ hostname: "127.0.0.1", port: 0, tls: { cert, key }, fetch: () => new Response("hello") });
    const { steps } = await diagnose([`connect_url: "127.0.0.1:${web.port}"`, "connect_cas: other.pem"]);
    expect(steps.at(-1)).toMatchObject({
      name: "TLS",
      verdict: "fail",
      detail: expect.stringContaining("valid until"),
    });
    expect(steps.at(-1)?.remedy).toStartWith("The certificate is expired: renew it, or set the clock of this machine");
  });

  test.each([
    ["a proxy that is not there", () => `http://me:${PASSWORD}@127.0.0.1:${freePorts(1)}`, "ERR_NGROK_8005"],
    ["a proxy that refuses", () => `http://me:${PASSWORD}x@127.0.0.1:${proxy.port}`, "ERR_NGROK_8006"],
  ])("%s", async (_, url, code) => {
    const { steps } = await diagnose([edgeAt("127.0.0.1"), `proxy_url: "${url()}"`]);
    expect(steps.at(-1)).toMatchObject({ verdict: "fail", code });
    expect(steps.length).toBe(code === "ERR_NGROK_8005" ? 1 : 2);
  });

  test("services that do not run and tunnels that are no tunnels, and a way that works all the same", async () => {
    const { code, steps } = await diagnose(
      [edgeAt("127.0.0.1")],
      `tunnels: { dead: { proto: tcp, addr: ${freePorts(1)} }, odd: { proto: gopher }, site: { proto: http, addr: "file:///no/such" } }\n`,
    );
    expect(code).toBe(1);
    expect(verdicts(steps).slice(-4)).toEqual(["Tunnel Protocol: ok", "dead: fail", "odd: fail", "site: fail"]);
  });
});

test("diagnose --region=all tests the edge of every region and writes a report unasked", async () => {
  using folder = new TemporaryFolder();
  writeFileSync(folder.file("ca.pem"), edge.caPem);
  const address = `127.0.0.1:${edge.ports.https}`;
  const regions = `regions: { us: "${address}", far: "127.0.0.1:${freePorts(1)}" }`;
  writeFileSync(folder.file("c.yml"), `version: 2\nroot_cas: ca.pem\nauthtoken: ${EDGE_TOKEN}\n${regions}\n`);
  const all = await runProgram("diagnose --config=c.yml -r all", { home: folder.path });
  expect(all.code).toBe(1);
  const name = readdirSync(folder.path).find((file) => file.endsWith(".json")) ?? "";
  expect(name).toMatch(/^ginnel-diagnose-\d{8}T\d{6}Z\.json$/);
  expect(all.stdout).toContain(`Report written to ${name}\n`);
  expect(all.stdout).toContain(`Edge Connectivity - Region us: ${address}\n`);
  const one = await runProgram("diagnose --config=c.yml --region=us", { home: folder.path });
  expect(one.stdout).toContain("Connectivity is fine: region us");
  const none = await runProgram("diagnose --config=c.yml --region=mars", { home: folder.path });
  expect(none.stderr).toContain('region "mars" has no server');
});

test("diagnose ends at SIGINT, and takes what was cut short for no finding", async () => {
  await using deaf = await DeafPort.open();
  using folder = new TemporaryFolder();
  const main = join(import.meta.dir, "../../src/main.ts");
  const child = Bun.spawn([process.execPath, main, "diagnose", `--server-addr=127.0.0.1:${deaf.port}`], {
    env: { PATH: process.env["PATH"], HOME: folder.path, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const shown = new LineReader(child.stdout);
  await shown.find((line) => (line.includes("Name Resolution") ? true : undefined));
  child.kill("SIGINT");
  expect(await child.exited).toBe(1);
  expect(await child.stderr.text()).toBe("ERROR:  The diagnosis was stopped by SIGINT.\nERROR:  \n");
  expect(shown.lines.filter((line) => line.includes("[ FAIL ]"))).toEqual([]);
});
