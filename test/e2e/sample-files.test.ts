/**
 * The sample configuration files that people have (features S-141 to S-144, reference.md 2.4 and 2.5) start and carry traffic. The
 * texts are those of test/config/golden; only what belongs to another machine is replaced: ports, the address of a proxy, a folder.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { type Listening, listenTcp } from "../../src/net/tcp-listen.ts";
import { caPemOf, portOf } from "../support/agent-of-edge.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { EdgeProcess } from "../support/edge-process.ts";
import { httpNameProxy, socksNameProxy } from "../support/name-proxy.ts";
import { startLineServer } from "../support/openssl-server.ts";
import { visitWithOpenssl } from "../support/openssl-visitor.ts";
import { PlayedUpstream } from "../support/played-upstream.ts";
import { RawEnd } from "../support/raw-end.ts";
import { echo } from "../support/raw-upstream.ts";
import { runProgram } from "../support/run-program.ts";
import type { StartedProgram } from "../support/started-program.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { makeTestCertificates, type TestCertificates, type TestIdentity } from "../support/test-certificates.ts";
import { visit } from "../support/visit.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
setDefaultTimeout(60_000);

const GOLDEN = join(import.meta.dir, "../config/golden");
/** The authtoken of the samples. */
const TOKEN = "4nq9771bPxe8ctg7LKr_2ClH7Y15Zqe4bWLWF9p";
const PROXY_V2_SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

let certificates: TestCertificates;
/** Tells the Host header that it got. */
let web: Bun.Server<undefined>;
/** Answers each line backwards, over TLS of its own. */
let secure: StartedProgram;
/** Sends back what comes. */
let echoing: Listening;
let edge: EdgeProcess;
beforeAll(async () => {
  web = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => new Response(request.headers.get("host")) });
  echoing = listenTcp({ hostname: "127.0.0.1", port: 0 }, echo);
  certificates = await makeTestCertificates();
  const reserved = ["example.com", "myapp.example.com", "*.apps.example.com"].map((name) => `--reserve=${name}`);
  [secure, edge] = await Promise.all([
    startLineServer({ identity: certificates.server }),
    EdgeProcess.start("--domain=example.org", ...reserved, `--authtoken=${TOKEN}`),
  ]);
});
afterAll(async () => {
  await Promise.all([edge[Symbol.asyncDispose](), secure[Symbol.asyncDispose](), web.stop(true)]);
  echoing.close();
});

/** The text of a sample, with these upstreams behind the ports that it names. */
async function sample(name: string, upstreams: Readonly<Record<string, number | undefined>> = {}): Promise<string> {
  const golden = await Bun.file(join(GOLDEN, `sample-${name}.txt`)).text();
  const [text = ""] = golden.split("----------\n");
  const addresses = /(?<!\w)((?:addr|url): (?:"\[::1\]:)?)(\d+)/g;
  const withUpstreams = text.replaceAll(
    addresses,
    (_, start: string, port: string) => start + (upstreams[port] ?? port),
  );
  // The web port of the samples may be taken on this machine.
  const withFreePort = withUpstreams.replace(/^(\s*web_addr: .*):4040$/m, "$1:0");
  return withFreePort.replaceAll("1.tcp.example.org:12345", `1.tcp.example.org:${edge.ports.tcp}`);
}

/** What is behind the ports of the samples of version 1. */
function usualUpstreams(): Readonly<Record<string, number | undefined>> {
  return { 22: echoing.port, 80: web.port, 443: secure.port, 4040: web.port, 8888: web.port, 9000: echoing.port };
}

/** For an agent of the edge of its own. */
function reach(): Readonly<Record<string, string>> {
  return { GINNEL_SERVER_ADDR: `127.0.0.1:${edge.ports.https}`, GINNEL_ROOT_CAS: "edge.pem" };
}

/** `start ARGV` with a sample as its only file; what else the samples name lies beside it. */
function start(text: string, argv: readonly string[], env: Readonly<Record<string, string>>): Promise<AgentProcess> {
  const { server, caPem } = certificates;
  const pairs = {
    "example.crt": server.certPem,
    "example.key": server.keyPem,
    "a.crt": server.certPem,
    "a.key": server.keyPem,
  };
  const files = { "ngrok.yml": text, "edge.pem": edge.caPem, "ca.pem": caPem, ...pairs };
  return AgentProcess.start(["start", ...argv, "--config=ngrok.yml", "--log-level=info"], { files, env });
}

interface Run {
  readonly agent: AgentProcess;
  /** Vouches for its edge. */
  readonly caPem: string;
}

type Check = (run: Run) => Promise<void>;

/** A visitor of an http tunnel gets this status, and a text that starts so. */
const answers =
  (tunnel: string, answer: string, credentials?: string): Check =>
  async ({ agent, caPem }) => {
    const { protocol, hostname, port } = new URL(await agent.url(tunnel));
    const headers = credentials === undefined ? {} : { Authorization: `Basic ${btoa(credentials)}` };
    const trusting = protocol === "https:" ? { caPem } : {};
    const { status, body } = await visit(hostname, { port: Number(port), headers, ...trusting });
    expect(`${status} ${body.toString()}`).toStartWith(answer);
  };

/** A visitor of a tls tunnel meets the certificate of this file, and its line has this answer. */
const speaksTls =
  (tunnel: string, line: string, answer: string, identity?: () => TestIdentity): Check =>
  async ({ agent }) => {
    const url = await agent.url(tunnel);
    const visitor = {
      port: portOf(url),
      serverName: new URL(url).hostname,
      line,
      ...(identity && { identity: identity() }),
    };
    const { text, subject } = await visitWithOpenssl(visitor, answer);
    expect([subject, text]).toEqual(["CN = server", expect.stringContaining(answer)]);
  };

const echoes =
  (tunnel: string): Check =>
  async ({ agent }) => {
    const port = portOf(await agent.url(tunnel));
    const visitor = new RawEnd(await dialTcp({ host: "127.0.0.1", port }, { timeoutMs: 5_000 }));
    visitor.send("a line\n");
    expect(await visitor.gets("a line\n")).toBe("a line\n");
    visitor.connection.end();
  };

const VIRTUAL_HOSTS = ["app-foo", "app-bar"].flatMap((site) => [
  answers(site, `200 ${site}.dev`),
  answers(`${site} (http)`, `200 ${site}.dev`),
]);

const SAMPLES_OF_ANY_EDGE: readonly (readonly [string, readonly Check[]])[] = [
  ["virtual-hosts", VIRTUAL_HOSTS],
  [
    "custom-domain",
    [answers("my-http-tunnel", "200 example.com"), speaksTls("my-https-tunnel", "stressed", "desserts")],
  ],
  [
    "inspection-interface",
    [
      answers("myapp-inspect", "401 "),
      answers("myapp-inspect", "200 myapp-inspect.", "user:secretpassword"),
      answers("myapp-inspect (http)", "401 "),
    ],
  ],
];

describe.each([
  ["the embedded edge", false],
  ["an edge of its own", true],
] as const)("over %s", (_, hasOwnEdge) => {
  test.each(SAMPLES_OF_ANY_EDGE)("the sample %s starts and carries traffic", async (name, checks) => {
    await using agent = await start(await sample(name, usualUpstreams()), ["--all"], hasOwnEdge ? reach() : {});
    const run = { agent, caPem: await caPemOf(hasOwnEdge ? edge : undefined, agent) };
    for (const check of checks) await check(run);
    expect(agent.stderr.lines).toEqual([]);
  });
});

describe("over an edge of its own, whose names stand in them,", () => {
  test("the sample all-options starts through its proxy and carries traffic", async () => {
    using proxy = socksNameProxy();
    const text = (await sample("all-options", usualUpstreams())).replace("localhost:9150", `127.0.0.1:${proxy.port}`);
    const server = `example.org:${edge.ports.https}`;
    await using agent = await start(text, ["--all"], { ...reach(), GINNEL_SERVER_ADDR: server });
    const run = { agent, caPem: edge.caPem };
    await answers("website", "401 ")(run);
    await answers("website", "200 myapp.example.org", "bob:bobpassword")(run);
    await speaksTls("e2etls", "a line", "a line")(run);
    await echoes("ssh-access")(run);
    expect(await agent.url("ssh-access")).toEndWith(`:${edge.ports.tcp}`);
    expect([proxy.asked, agent.stderr.lines]).toEqual([[server], []]);
  });

  test("the sample version-1 starts all of its tunnels and carries traffic", async () => {
    const text = await sample("version-1", usualUpstreams());
    await using agent = await start(text, ["--all"], { ...reach(), NGROK_AUTHTOKEN: TOKEN });
    const run = { agent, caPem: edge.caPem };
    const checks = [
      ...VIRTUAL_HOSTS,
      answers("my-http", "200 example.com"),
      speaksTls("my-https", "stressed", "desserts"),
      answers("inspect", "200 myapp-inspect.example.org", "user:secretpassword"),
      answers("website", "200 myapp.example.org", "bob:bobpassword"),
      speaksTls("e2etls", "a line", "a line"),
      echoes("ssh"),
    ];
    for (const check of checks) await check(run);
    expect(agent.stderr.lines).toEqual([]);
  });

  test("the sample version-2 starts by name, through its proxy, and serves its folder", async () => {
    using proxy = httpNameProxy();
    using site = new TemporaryFolder();
    await Bun.write(site.file("index.html"), "the shop");
    const text = (await sample("version-2"))
      .replace("proxy.example.com:3128", `127.0.0.1:${proxy.port}`)
      .replace("file:///srv/site", `file://${site.path}`)
      .replace("./ca.pem", "./edge.pem");
    const server = `tunnel.example.org:${edge.ports.https}`;
    await using agent = await start(text, ["web", "secure"], { GINNEL_SERVER_ADDR: server });
    const { port } = new URL(await agent.url("web"));
    const folder = { port: Number(port), caPem: edge.caPem };
    const pairs = ["alice:longenough", "bob:pass:word"].map((pair) => ({ Authorization: `Basic ${btoa(pair)}` }));
    const pages = await Promise.all(pairs.map((headers) => visit("a.apps.example.com", { ...folder, headers })));
    expect(pages.map(({ body }) => body.toString())).toEqual(["the shop", "the shop"]);
    expect((await visit("b.apps.example.com", folder)).status).toBe(401);
    expect(await agent.url("web (http)")).toStartWith("http://*.apps.example.com:");
    expect(await agent.url("secure")).toMatch(/^https:\/\/[0-9a-f]{16}\.example\.org:/);
    expect([proxy.asked, agent.stderr.lines]).toEqual([[`user:pw@${server}`], []]);
  });

  test("the sample version-3 starts all of its endpoints and carries traffic", async () => {
    using played = new PlayedUpstream();
    const onIpv6 = listenTcp({ hostname: "::1", port: 0 }, echo);
    const upstreams = { 8080: portOf(played.addr), 8025: echoing.port, 22: onIpv6.port };
    const text = await sample("version-3", upstreams);
    await using agent = await start(text, ["--all"], { ...reach(), GINNEL_AUTHTOKEN: TOKEN });
    const run = { agent, caPem: edge.caPem };
    const visited = answers("web", "200 hello")(run);
    const server = await played.accept();
    const head = await server.gets("\r\nHost: app.example.org\r\n");
    expect(head).toStartWith(PROXY_V2_SIGNATURE);
    expect(head).toContain("GET / HTTP/1.1\r\n");
    server.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    await visited;
    await speaksTls("mail", "a line", "a line", () => certificates.client)(run);
    await echoes("ssh")(run);
    expect(await agent.url("mail")).toStartWith("tls://mail.example.org:");
    expect(agent.stderr.lines).toEqual([]);
    onIpv6.close();
  });
});

describe("a sample that asks for what is not built yet", () => {
  test.each([
    ["the tunnel locked of version-2", "version-2", "", "", "locked", "oauth is not yet supported"],
    ["the labels of version-2", "version-2", "", "", "tunnel-lb", "labelled tunnels are not yet supported"],
    ["all of version-2", "version-2", "", "", "--all", "oauth is not yet supported"],
    [
      "an endpoint of Kubernetes",
      "version-3",
      "[public]",
      "[kubernetes]",
      "web",
      "bindings: kubernetes is not yet supported",
    ],
  ])(
    "a sample that asks for what is not built yet is refused by name: %s",
    async (_, name, from, to, argument, words) => {
      using folder = new TemporaryFolder();
      await Bun.write(folder.file("ngrok.yml"), (await sample(name)).replace(from, to));
      const { code, stdout, stderr } = await runProgram(`start ${argument} --config=ngrok.yml`, { home: folder.path });
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toContain(words);
    },
  );
});
