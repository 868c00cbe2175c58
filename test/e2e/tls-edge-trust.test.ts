/** The TLS between agent and edge: whom the agent trusts, and what it says when there is no edge where it was told. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { AgentProcess, type AgentProcessOptions, type LogEntry } from "../support/agent-process.ts";
import { byteRelay, unchanged } from "../support/byte-relay.ts";
import { EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import { freePorts } from "../support/free-ports.ts";
import { openssl } from "../support/openssl.ts";
import { visitWithOpenssl } from "../support/openssl-visitor.ts";
import { RawUpstream } from "../support/raw-upstream.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { makeTestCertificates, type TestCertificates } from "../support/test-certificates.ts";
import { WatchedProgram } from "../support/watched-program.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
setDefaultTimeout(60_000);
const FAILED = "failed to reconnect session";

let edge: EdgeProcess;
let certificates: TestCertificates;
let folder: TemporaryFolder;
beforeAll(async () => {
  folder = new TemporaryFolder();
  [edge, certificates] = await Promise.all([
    EdgeProcess.start("--http=0.0.0.0:0", "--https=0.0.0.0:0"),
    makeTestCertificates(),
  ]);
  await Promise.all([
    Bun.write(folder.file("edge.pem"), edge.caPem),
    Bun.write(folder.file("other.pem"), certificates.caPem),
  ]);
});
afterAll(async () => {
  await edge[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const agentTo = (
  server: string,
  flags: readonly string[],
  options?: AgentProcessOptions,
): ReturnType<typeof AgentProcess.start> =>
  AgentProcess.start(["tcp", "1", `--server-addr=${server}`, `--authtoken=${EDGE_TOKEN}`, ...flags], options);

const edgeAt = (host: string): string => `${host}:${edge.ports.https}`;

/** Says so, goes on trying, and says nothing on stderr. */
async function expectTrying(agent: AgentProcess, err: string): Promise<void> {
  const { id, ...first } = await agent.logged(FAILED);
  expect(first["err"]).toBe(err);
  const isAnother = (line: string): true | undefined => {
    const entry = JSON.parse(line) as LogEntry; // our own log
    return entry["msg"] === FAILED && entry["id"] !== id ? true : undefined;
  };
  expect(await agent.log.find(isAnother)).toBe(true);
  expect(agent.stderr.lines).toEqual([]);
}

describe("an agent trusts", () => {
  test.each([
    ["the authorities of a file", () => ["--root-cas=edge.pem"], {}],
    ["those of the host", () => ["--root-cas=host"], { SSL_CERT_FILE: "edge.pem" }],
    ["those of the host where nothing else is said", () => [], { SSL_CERT_FILE: "edge.pem" }],
  ] as const)("%s", async (_, flags, variables) => {
    const env = Object.fromEntries(Object.entries(variables).map(([name, file]) => [name, folder.file(file)]));
    await using agent = await agentTo(edgeAt("127.0.0.1"), flags(), { files: { "edge.pem": edge.caPem }, env });
    await agent.url();
    expect(agent.stderr.lines).toEqual([]);
  });

  test.each([
    ["2", `version: "2"\nroot_cas: edge.pem\n`],
    ["3", `version: 3\nagent:\n  connect_cas: edge.pem\n`],
  ])("what a file of version %s names", async (_, text) => {
    await using agent = await agentTo(edgeAt("127.0.0.1"), ["--config=agent.yml"], {
      files: { "edge.pem": edge.caPem, "agent.yml": text },
    });
    await agent.url();
  });

  test.each([["--root-cas=trusted"], ["--root-cas=other.pem"]])(
    "nobody else, and says how to trust the edge's own authority: %s",
    async (flag) => {
      const files = { "other.pem": certificates.caPem };
      await using agent = await agentTo(edgeAt("127.0.0.1"), [flag], { files });
      const failure = "dial tls 127.0.0.1: x509: certificate signed by unknown authority";
      const remedy = "if the edge has its own, name the PEM file that 'ginnel edge ca' prints with --root-cas";
      await expectTrying(agent, `${failure}; ${remedy}`);
    },
  );

  test.each([["--root-cas=trusted"], ["--root-cas=host"], ["--root-cas=other.pem"], ["--region=us"]])(
    "nobody else, also where the environment switches the check of certificates off: %s",
    async (flag) => {
      const files = { "other.pem": certificates.caPem };
      const options = { files, env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" } };
      await using agent = await agentTo(edgeAt("127.0.0.1"), [flag], options);
      const { err } = await agent.logged(FAILED);
      expect(err).toStartWith("dial tls 127.0.0.1: x509: certificate signed by unknown authority;");
    },
  );

  test("nobody with an API key, also where the environment switches the check of certificates off", async () => {
    const env = {
      NODE_TLS_REJECT_UNAUTHORIZED: "0",
      GINNEL_API_KEY: edge.apiKey,
      GINNEL_API_URL: `https://${edgeAt("127.0.0.1")}`,
    };
    await using program = new WatchedProgram(["api", "account", "get"], { folder: folder.path, env });
    expect(await program.end()).toBe(1);
    expect(program.printed).toContain("x509: certificate signed by unknown authority");
  });

  test("a certificate that tells where to ask whether it was revoked, without asking; nor does its edge show an answer", async () => {
    let asked = 0;
    using authority = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: () => {
        asked += 1;
        return new Response("revoked");
      },
    });
    const made = [
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-keyout",
      "own.key",
      "-out",
      "own.crt",
    ];
    const extensions = [
      "subjectAltName=DNS:edge.test,IP:127.0.0.1",
      `crlDistributionPoints=URI:http://127.0.0.1:${authority.port}/list`,
      `authorityInfoAccess=OCSP;URI:http://127.0.0.1:${authority.port}/ask`,
    ].flatMap((extension) => ["-addext", extension]);
    await openssl(["req", "-x509", ...made, "-days", "2", "-subj", "/CN=edge.test", ...extensions], {
      cwd: folder.path,
    });
    const flags = [`--crt=${folder.file("own.crt")}`, `--key=${folder.file("own.key")}`];
    await using own = await EdgeProcess.start(...flags);
    await using agent = await agentTo(`127.0.0.1:${own.ports.https}`, [`--root-cas=${folder.file("own.crt")}`]);
    await agent.url();
    const shown = await visitWithOpenssl({ port: own.ports.https, serverName: "edge.test", flags: ["-status"] });
    expect(shown.text).toContain("OCSP response: no response sent");
    expect(asked).toBe(0);
  });

  test("no file that is not there", async () => {
    await using agent = await agentTo(edgeAt("127.0.0.1"), ["--root-cas=nowhere.pem"]);
    expect(await agent.child.exited).toBe(1);
    await agent.stderr.ended;
    expect(agent.stderr.lines[0]).toStartWith("ERROR:  The file nowhere.pem cannot be used: there is no such file.");
  });

  test("no certificate for another address", async () => {
    // The edge knows the address at which it is reached, and none that leads there.
    using relay = byteRelay(edge.ports.https, unchanged, "127.0.0.2");
    await using agent = await agentTo(`127.0.0.2:${relay.port}`, [`--root-cas=${folder.file("edge.pem")}`]);
    await expectTrying(agent, "dial tls 127.0.0.2: x509: certificate is not valid for 127.0.0.2");
  });
});

describe("an agent says that there is no edge, and goes on trying,", () => {
  const trusting = (): string[] => [`--root-cas=${folder.file("other.pem")}`];

  test("where nobody listens", async () => {
    const port = freePorts(1);
    await using agent = await agentTo(`127.0.0.1:${port}`, trusting());
    await expectTrying(agent, `dial tcp 127.0.0.1:${port}: connect: connection refused`);
  });

  test("where the edge knows no such name", async () => {
    await using agent = await agentTo(edgeAt("localhost"), [`--root-cas=${folder.file("edge.pem")}`]);
    const remedy =
      "an edge answers to the names of its --domain only: give --server-addr one of them, or its IP address where it has no --crt";
    await expectTrying(agent, `dial tls localhost: the peer refused: tls alert unrecognized name; ${remedy}`);
  });

  test("where plain HTTP is spoken", async () => {
    using web = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("hello") });
    await using agent = await agentTo(`127.0.0.1:${web.port}`, trusting());
    await expectTrying(agent, "dial tls 127.0.0.1: the peer does not speak TLS");
  });

  test("where HTTPS is spoken", async () => {
    const { certPem: cert, keyPem: key } = certificates.server;
    using web = Bun.serve({ hostname: "127.0.0.1", port: 0, tls: { cert, key }, fetch: () => new Response("hello") });
    await using agent = await agentTo(`127.0.0.1:${web.port}`, trusting());
    const first = await agent.logged(FAILED);
    expect(first["err"]).toStartWith("The session ended during Auth: ");
    expect(first["err"]).toEndWith(". Is the server address that of an edge?");
  });

  test("where the handshake is cut", async () => {
    using rude = new RawUpstream();
    await using agent = await agentTo(`127.0.0.1:${rude.port}`, trusting());
    const arrived = await rude.next();
    arrived.listen({ onData: () => arrived.reset(), onDrain() {}, onEnd() {}, onClose() {} });
    const { err } = await agent.logged(FAILED);
    expect(err).toMatch(/^dial tls 127\.0\.0\.1: (closed during the handshake|ECONNRESET)/);
  });
});

test("an agent finds the edge once there is one", async () => {
  await using other = await EdgeProcess.start();
  await other.end("SIGKILL");
  await using agent = await agentTo(`127.0.0.1:${other.ports.https}`, ["--root-cas=edge.pem"], {
    files: { "edge.pem": other.caPem },
  });
  await agent.logged(FAILED);
  await other.again();
  expect(await agent.url()).toStartWith("tcp://");
});
