/** TLS tunnels as they are by default: the edge reads the name in the ClientHello and hands everything on untouched. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { agentOf, portOf } from "../support/agent-of-edge.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { byteRelay, oneByOne } from "../support/byte-relay.ts";
import { runClient } from "../support/client-program.ts";
import { EdgeProcess } from "../support/edge-process.ts";
import { startLineServer } from "../support/openssl-server.ts";
import { visitWithOpenssl } from "../support/openssl-visitor.ts";
import { RawUpstream } from "../support/raw-upstream.ts";
import type { StartedProgram } from "../support/started-program.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { makeTestCertificates, type TestCertificates } from "../support/test-certificates.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
setDefaultTimeout(60_000);
/** What the test certificates are for. */
const NAME = "good.test";

let certificates: TestCertificates;
let folder: TemporaryFolder;
let lines: StartedProgram;
let web: Bun.Server<undefined>;
let plainWeb: Bun.Server<undefined>;
beforeAll(async () => {
  certificates = await makeTestCertificates();
  folder = new TemporaryFolder();
  await Bun.write(folder.file("ca.pem"), certificates.caPem);
  const { server: identity, caPem: clientCaPem } = certificates;
  lines = await startLineServer({ identity, clientCaPem, alpn: "h2,http/1.1" });
  const tls = { cert: identity.certPem, key: identity.keyPem };
  web = Bun.serve({ hostname: "127.0.0.1", port: 0, tls, fetch: () => new Response("over TLS") });
  plainWeb = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("in plain") });
});
afterAll(async () => {
  await lines[Symbol.asyncDispose]();
  await Promise.all([web.stop(true), plainWeb.stop(true)]);
  folder[Symbol.dispose]();
});

const curl = (url: string, port: number): ReturnType<typeof runClient> =>
  runClient(["curl", "-sS", "--cacert", folder.file("ca.pem"), "--resolve", `*:${port}:127.0.0.1`, url]);

describe.each([
  ["the embedded edge", () => Promise.resolve(undefined)],
  ["an edge of its own", () => EdgeProcess.start("--domain=test")],
] as const)("over %s", (_, startEdge) => {
  let edge: EdgeProcess | undefined;
  let agent: AgentProcess;
  let port: number;
  beforeAll(async () => {
    edge = await startEdge();
    const definitions = [
      `  lines: { proto: tls, addr: ${lines.port}, hostname: lines.test }`,
      `  plain: { proto: http, addr: ${plainWeb.port}, hostname: ${NAME}, bind_tls: false }`,
      `  web: { proto: tls, addr: ${web.port}, hostname: ${NAME} }`,
    ];
    agent = await agentOf(edge, ["start", "--all", "--config=all.yml"], {
      files: { "all.yml": ["tunnels:", ...definitions].join("\n") },
    });
    port = portOf(await agent.url("web"));
  });
  afterAll(async () => {
    await agent[Symbol.asyncDispose]();
    await edge?.[Symbol.asyncDispose]();
    expect(agent.stderr.lines).toEqual([]);
  });

  test("curl meets the upstream's own certificate", async () => {
    const { code, stdout, stderr } = await curl(`https://${NAME}:${port}/`, port);
    expect([code, stdout.toString(), stderr]).toEqual([0, "over TLS", ""]);
  });

  test("http and TLS of one name go each to its own tunnel", async () => {
    const httpUrl = await agent.url("plain");
    expect((await curl(httpUrl, portOf(httpUrl))).stdout.toString()).toBe("in plain");
    expect((await curl(`https://${NAME}:${port}/`, port)).stdout.toString()).toBe("over TLS");
  });

  test.each([
    ["-tls1_2", "TLSv1.2"],
    ["-tls1_3", "TLSv1.3"],
  ])("%s passes, with client certificate and ALPN", async (flag, version) => {
    const flags = [flag, "-alpn", "h2", "-CAfile", folder.file("ca.pem"), "-verify_hostname", NAME];
    const visit = { port, serverName: "lines.test", line: "stressed", identity: certificates.client, flags };
    const { text, subject, code } = await visitWithOpenssl(visit, "desserts");
    expect([subject, code]).toEqual(["CN = server", 0]);
    for (const part of [version, "ALPN protocol: h2", "Verify return code: 0 (ok)"]) expect(text).toContain(part);
  });

  test("a client without the certificate that the upstream demands hears of it from the upstream", async () => {
    const { text } = await visitWithOpenssl({ port, serverName: "lines.test", flags: ["-tls1_2"] });
    expect(text).toContain("alert handshake failure");
  });

  test("the name is found in a ClientHello that comes byte by byte", async () => {
    using relay = byteRelay(port, oneByOne);
    const visit = { port: relay.port, serverName: "lines.test", line: "live", identity: certificates.client };
    expect((await visitWithOpenssl(visit, "evil")).subject).toBe("CN = server");
  });

  test("names are compared without regard to case", async () => {
    const visit = { port, serverName: "LINES.Test", line: "live", identity: certificates.client };
    expect((await visitWithOpenssl(visit, "evil")).subject).toBe("CN = server");
  });

  test("a client that names nobody known is told so", async () => {
    const { text, subject } = await visitWithOpenssl({ port, serverName: "unknown.example" });
    expect([subject, text]).toEqual(["", expect.stringContaining("unrecognized name")]);
  });

  test("a client without a name reaches no upstream", async () => {
    const from = agent.log.lines.length;
    const { subject } = await visitWithOpenssl({ port, line: "hello" });
    expect(subject).not.toBe("CN = server");
    const named = { port, serverName: "lines.test", line: "live", identity: certificates.client };
    await visitWithOpenssl(named, "evil");
    await agent.logged("join connections", {}, from);
    expect(agent.log.lines.slice(from).filter((line) => line.includes("join connections"))).toHaveLength(1);
  });
});

describe("a name", () => {
  test("is random without a wish", async () => {
    await using agent = await AgentProcess.start(["tls", String(web.port)]);
    const url = await agent.url();
    expect(url).toMatch(/^tls:\/\/[0-9a-f]{16}\.localhost:\d+$/);
    expect((await agent.logged("started tunnel"))["addr"]).toBe(`localhost:${web.port}`);
  });

  test("may be a wildcard; an exact one wins over it", async () => {
    using any = new RawUpstream();
    using exact = new RawUpstream();
    const definitions = [
      `  any: { proto: tls, addr: ${any.port}, hostname: "*.wild.test" }`,
      `  exact: { proto: tls, addr: ${exact.port}, hostname: exact.wild.test }`,
    ];
    await using agent = await AgentProcess.start(["start", "--all", "--config=wild.yml"], {
      files: { "wild.yml": ["tunnels:", ...definitions].join("\n") },
    });
    const port = portOf(await agent.url("any"));
    await agent.url("exact");
    for (const [serverName, upstream] of [
      ["a.b.wild.test", any],
      ["exact.wild.test", exact],
    ] as const) {
      const arrived = upstream.next();
      const visited = visitWithOpenssl({ port, serverName });
      (await arrived).reset();
      expect((await visited).subject).toBe("");
    }
    const { text } = await visitWithOpenssl({ port, serverName: "wild.test" });
    expect(text).toContain("unrecognized name");
  });

  test.each([
    ["tls", ["http", "--scheme=https"]],
    ["http", ["tls"]],
  ] as const)(
    "that a tunnel of kind %s has for TLS is refused to another with 334",
    async (first, [second, ...flags]) => {
      await using edge = await EdgeProcess.start("--domain=test");
      const hostname = "--hostname=taken.test";
      await using holder = await agentOf(edge, [first, "1", hostname]);
      await holder.url();
      await using other = await agentOf(edge, [second, "1", hostname, ...flags]);
      expect(await other.child.exited).toBe(1);
      await other.stderr.ended;
      expect(other.stderr.lines).toContain("ERROR:  ERR_NGROK_334");
    },
  );
});
