/** Visitors who have to show a certificate, at https endpoints and at tls endpoints whose TLS ends here. */
import { afterEach, describe, expect, test } from "bun:test";
import { connect as connectHttp2 } from "node:http2";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { openDirectory, OPEN_ACCOUNT } from "../../src/edge/static-directory.ts";
import type { EdgeOptions } from "../../src/edge/edge.ts";
import { UNBIND } from "../../src/protocol/rpc/agent-calls.ts";
import { makeClientIdentities } from "../support/client-identities.ts";
import { runClient } from "../support/client-program.ts";
import { openssl } from "../support/openssl.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import type { TestIdentity } from "../support/test-certificates.ts";
import { type EdgeAgent, EDGE_CA_PEM, LOOPBACK, testEdge, type TestEdge } from "../support/test-edge.ts";

const ids = await makeClientIdentities();
const base64 = (pem: string): string => Buffer.from(pem).toString("base64");
const HOST = "a.edge.test";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

function newEdge(more: Partial<EdgeOptions> = {}): TestEdge {
  const edge = testEdge(more);
  ends.push(edge.end);
  return edge;
}

interface Served {
  readonly edge: TestEdge;
  readonly agent: EdgeAgent;
}

/** An agent that answers every connection, whatever it is. */
async function serve(wires: readonly object[], edge = newEdge()): Promise<Served> {
  const agent = await edge.agent();
  ends.push(() => agent.agent.session.close(""));
  const remember = agent.agent.onProxy.bind(agent.agent);
  agent.agent.onProxy = (header, stream, payload) => {
    remember(header, stream, payload);
    stream.write(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
    if (header.protocol === "tls") stream.end();
  };
  for (const wire of wires) await agent.bind({ ...wire });
  return { edge, agent };
}

const https = (ca: string, host = HOST): object => ({
  Proto: "https",
  Opts: { Domain: host, MutualTLSCA: { mutual_tls_ca: base64(ca) } },
});
const tlsAtEdge = (ca: string): object => ({
  Proto: "tls",
  Opts: { Domain: HOST, TLSTermination: { cert: "", key: "" }, MutualTLSAtEdge: { mutual_tls_ca: base64(ca) } },
});
const policy = (config: object, Proto = "https"): object => ({
  Proto,
  Opts: {
    Domain: HOST,
    TrafficPolicy: JSON.stringify({ on_tcp_connect: [{ actions: [{ type: "terminate-tls", config }] }] }),
  },
});

interface Seen {
  /** What the visitor heard behind the handshake. */
  readonly text: string;
  /** Code of what went wrong, as node:tls calls it. */
  readonly error: string;
  readonly protocol: string | null;
}

/** Sends a request and reads to the end. */
function visit({ edge }: Served, identity?: TestIdentity, options: ConnectionOptions = {}): Promise<Seen> {
  return new Promise((resolve) => {
    let [text, error] = ["", ""];
    let protocol: string | null = null;
    const own = identity === undefined ? {} : { cert: identity.certPem, key: identity.keyPem };
    const to = { host: LOOPBACK, port: edge.https, servername: HOST, ca: EDGE_CA_PEM };
    const socket: TLSSocket = connect({ ...to, ...own, ...options });
    socket.on("secureConnect", () => {
      protocol = socket.getProtocol();
      socket.write(`GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`);
    });
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (text.endsWith("hi")) socket.end();
    });
    socket.on("error", (cause: NodeJS.ErrnoException) => {
      error = cause.code ?? cause.message;
    });
    socket.on("close", () => resolve({ text, error, protocol }));
  });
}

const ENDPOINTS: readonly (readonly [name: string, wire: object])[] = [
  ["an https endpoint", https(ids.caPem)],
  ["a tls endpoint that ends at the edge", tlsAtEdge(ids.caPem)],
  ["terminate-tls of an https endpoint", policy({ mutual_tls_certificate_authorities: [ids.caPem] })],
  ["terminate-tls of a tls endpoint", policy({ mutual_tls_certificate_authorities: [ids.caPem] }, "tls")],
];

describe.each(ENDPOINTS)("mutual TLS at %s", (_, wire) => {
  describe.each(["TLSv1.2", "TLSv1.3"] as const)("with %s", (version) => {
    const options = { minVersion: version, maxVersion: version };

    test.each([
      ["a certificate of the authority", ids.good],
      ["one of an authority below it", ids.below],
    ])("lets a visitor in with %s", async (_name, identity) => {
      const { text, protocol } = await visit(await serve([wire]), identity, options);
      expect(text).toContain("HTTP/1.1 200 OK");
      expect(protocol).toBe(version);
    });

    test.each([
      ["no certificate", undefined],
      ["a certificate of another authority", ids.foreign],
      ["one that has expired", ids.expired],
      ["one that is for servers only", ids.server],
    ])("keeps out a visitor with %s: neither it nor the agent hears a byte", async (_name, identity) => {
      const served = await serve([wire]);
      expect((await visit(served, identity, options)).text).toBe("");
      expect(served.agent.agent.proxies).toEqual([]);
      expect(served.edge.edge.meters.handshakes.of("failed")).toBe(1);
    });
  });

  test.each([
    ["-tls1_3", "certificate required"],
    ["-tls1_2", "handshake failure"],
  ])("tells openssl with %s and no certificate by the alert: %s", async (version, alert) => {
    const { edge } = await serve([wire]);
    const way = ["-connect", `${LOOPBACK}:${edge.https}`, "-servername", HOST, version, "-ign_eof"];
    const { stdout, stderr } = await runClient(["openssl", "s_client", ...way], { stdin: "GET / HTTP/1.0\r\n\r\n" });
    expect(`${stdout.toString()}${stderr}`).toContain(`alert ${alert}`);
  });

  test.each(["-tls1_2", "-tls1_3"])(
    "resumes no session with %s: each visitor shows its certificate",
    async (version) => {
      const { edge } = await serve([wire]);
      using folder = new TemporaryFolder();
      await Promise.all([
        Bun.write(folder.file("crt"), ids.good.certPem),
        Bun.write(folder.file("key"), ids.good.keyPem),
      ]);
      const session = folder.file("session");
      const own = ["-cert", folder.file("crt"), "-key", folder.file("key")];
      const come = async (...more: string[]): Promise<string> => {
        const way = ["-connect", `${LOOPBACK}:${edge.https}`, "-servername", HOST, version, "-ign_eof", ...more];
        const request = `GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`;
        const { stdout, stderr } = await runClient(["timeout", "2", "openssl", "s_client", ...way], { stdin: request });
        return stdout.toString() + stderr;
      };
      const first = await come(...own, "-sess_out", session);
      expect(first).toContain("New, TLSv1");
      expect(first).toContain("200 OK");
      expect(first).not.toContain("TLS session ticket:");
      if (!(await Bun.file(session).exists())) return; // there is nothing to come back with
      expect(await come("-sess_in", session)).not.toContain("200 OK");
    },
  );
});

describe("mutual TLS of an https endpoint", () => {
  test("trusts an authority that another one signed, alone", async () => {
    const served = await serve([https(ids.intermediatePem)]);
    expect((await visit(served, ids.below)).text).toContain("200 OK");
    expect((await visit(served, ids.good)).text).toBe("");
  });

  test("trusts each of several authorities", async () => {
    const served = await serve([https(ids.caPem + ids.otherCaPem)]);
    expect((await visit(served, ids.good)).text).toContain("200 OK");
    expect((await visit(served, ids.foreign)).text).toContain("200 OK");
  });

  test.each([
    ["a connection without a name", { servername: "" }],
    ["a connection to another endpoint of the account", { servername: "b.edge.test" }],
    ["a connection to another endpoint that wants certificates too", { servername: "c.edge.test" }],
  ])("is reached by its own name alone, not over %s", async (_, options) => {
    const others = [{ Proto: "https", Opts: { Domain: "b.edge.test" } }, https(ids.caPem, "c.edge.test")];
    const served = await serve([https(ids.caPem), ...others]);
    const { text } = await visit(served, ids.good, { ...options, checkServerIdentity: () => undefined });
    expect(text).toContain("421 Misdirected Request");
    expect(served.agent.agent.proxies).toEqual([]);
  });

  test("is not reached over HTTP/2 by the connection to another name", async () => {
    const served = await serve([https(ids.caPem), { Proto: "https", Opts: { Domain: "b.edge.test" } }]);
    const ask = (servername: string, identity?: TestIdentity): Promise<number> => {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      const own = identity === undefined ? {} : { cert: identity.certPem, key: identity.keyPem };
      const to = `https://${LOOPBACK}:${served.edge.https}`;
      const session = connectHttp2(to, { servername, ca: EDGE_CA_PEM, ...own });
      ends.push(() => session.destroy());
      session.on("error", reject);
      session.on("close", () => reject(new Error("closed")));
      const stream = session.request({ ":authority": HOST, ":path": "/" });
      stream.on("error", reject);
      stream.on("response", (fields) => resolve(fields[":status"] ?? 0));
      return promise;
    };
    expect(await ask("b.edge.test", ids.good)).toBe(421);
    expect(await ask(HOST, ids.good)).toBe(200);
    const refused = await ask(HOST).then(
      () => "answered",
      () => "refused",
    );
    expect(refused).toBe("refused");
  });

  test("is not reached any more over a connection that was opened under its former terms", async () => {
    const served = await serve([https(ids.caPem)]);
    const { agent, bind } = served.agent;
    const socket = connect({
      host: LOOPBACK,
      port: served.edge.https,
      servername: HOST,
      ca: EDGE_CA_PEM,
      cert: ids.good.certPem,
      key: ids.good.keyPem,
    });
    ends.push(() => socket.destroy());
    const answer = (): Promise<string> => {
      socket.write(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
      return new Promise((resolve) => {
        socket.once("data", (chunk: Buffer) => resolve(chunk.toString("latin1")));
      });
    };
    expect(await answer()).toContain("200 OK");
    const [proxied] = agent.proxies;
    await agent.session.call(UNBIND, { bindId: proxied?.header.bindId ?? "" });
    await bind({ ...https(ids.otherCaPem) });
    expect(await answer()).toContain("421 Misdirected Request");
  });

  test("serves curl with its certificate", async () => {
    const { edge } = await serve([https(ids.caPem)]);
    using folder = new TemporaryFolder();
    await Promise.all([
      Bun.write(folder.file("ca"), EDGE_CA_PEM),
      Bun.write(folder.file("crt"), ids.good.certPem),
      Bun.write(folder.file("key"), ids.good.keyPem),
    ]);
    const url = `https://${HOST}:${edge.https}/`;
    const usual = [
      "curl",
      "-sS",
      "--noproxy",
      "*",
      "--cacert",
      folder.file("ca"),
      "--resolve",
      `${HOST}:${edge.https}:${LOOPBACK}`,
    ];
    const own = ["--cert", folder.file("crt"), "--key", folder.file("key")];
    expect((await runClient([...usual, ...own, "--http1.1", url])).stdout.toString()).toBe("hi");
    expect((await runClient([...usual, ...own, "--http2", url])).stdout.toString()).toBe("hi");
    expect((await runClient([...usual, "--http1.1", url])).code).not.toBe(0);
  });
});

describe("terminate-tls", () => {
  test.each([
    ["require-any", ids.foreign, "200 OK"],
    ["require-any", ids.expired, "200 OK"],
    ["require-any", undefined, ""],
    ["request", ids.foreign, "200 OK"],
    ["request", undefined, "200 OK"],
  ])("with %s and certificate %#", async (strategy, identity, answer) => {
    const served = await serve([policy({ mutual_tls_verification_strategy: strategy })]);
    const { text } = await visit(served, identity);
    if (answer === "") expect([text, served.agent.agent.proxies.length]).toEqual(["", 0]);
    else expect(text).toContain(answer);
  });

  test("asks openssl for a certificate, and names the authorities", async () => {
    const { edge } = await serve([policy({ mutual_tls_certificate_authorities: [ids.caPem] })]);
    const way = ["-connect", `${LOOPBACK}:${edge.https}`, "-servername", HOST, "-tls1_2"];
    const { stdout } = await runClient(["openssl", "s_client", ...way]);
    expect(stdout.toString()).toMatch(/Acceptable client certificate CA names\n(subject=)?CN ?= ?ca/);
  });

  test.each([
    [{ min_version: "1.3" }, "TLSv1.2", "TLSv1.3"],
    [{ max_version: 1.2 }, "TLSv1.3", "TLSv1.2"],
  ] as const)("keeps to the versions %p", async (config, refused, spoken) => {
    const served = await serve([policy(config)]);
    const { error, text } = await visit(served, undefined, { minVersion: refused, maxVersion: refused });
    expect([error === "", text]).toEqual([false, ""]);
    expect((await visit(served)).protocol).toBe(spoken);
  });

  test("shows the certificate that it was given", async () => {
    using folder = new TemporaryFolder();
    const files = ["-keyout", folder.file("key"), "-out", folder.file("crt")];
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    await openssl(["req", "-x509", ...key, ...files, "-subj", `/CN=own`, "-addext", `subjectAltName=DNS:${HOST}`]);
    const [certPem, keyPem] = await Promise.all([
      Bun.file(folder.file("crt")).text(),
      Bun.file(folder.file("key")).text(),
    ]);
    const served = await serve([policy({ server_certificate: certPem, server_private_key: keyPem })]);
    expect((await visit(served, undefined, { ca: certPem })).text).toContain("200 OK");
    expect(served.edge.issued).toEqual([]);
  });

  test("trusts an authority of the account by its id, as long as it is there", async () => {
    const authorities = new Map([["ca_1", ids.caPem]]);
    const account = { ...OPEN_ACCOUNT, certificateAuthority: (id: string) => authorities.get(id) };
    const edge = newEdge({ directory: { ...openDirectory, account: () => account } });
    const served = await serve([policy({ mutual_tls_certificate_authorities: ["ca_1"] })], edge);
    expect((await visit(served, ids.good)).text).toContain("200 OK");
    authorities.clear();
    const { text, error } = await visit(served, ids.good);
    expect([text, error === ""]).toEqual(["", false]);
    const unknown = serve([policy({ mutual_tls_certificate_authorities: ["ca_1"] })], edge);
    expect(await unknown.catch((cause: Error) => cause.message)).toContain("ca_1");
  });
});
