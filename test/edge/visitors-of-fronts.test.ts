/** Rules about addresses, and the access log, behind a load balancer that sends the PROXY protocol: they mean the visitor. */
import { afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../src/base/clock.ts";
import type { EdgeOptions } from "../../src/edge/edge.ts";
import { AccessLog } from "../../src/edge/operations/access-log.ts";
import { OPEN_ACCOUNT, openDirectory } from "../../src/edge/static-directory.ts";
import { AddressRules } from "../../src/model/address-rules.ts";
import { parseCidr } from "../../src/model/cidr.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { clientTlsContext } from "../../src/net/tls-context.ts";
import { clientHello } from "../support/client-hello.ts";
import { freePorts } from "../support/free-ports.ts";
import { recordingLog } from "../support/recording-log.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { type EdgeAgent, EDGE_CA_PEM, LOOPBACK, testEdge, type TestEdge } from "../support/test-edge.ts";
import { eventually } from "../support/turns.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const VISITOR = "192.0.2.1:56324";
const HEADER = Buffer.from("PROXY TCP4 192.0.2.1 198.51.100.9 56324 443\r\n");
const GET = Buffer.from("GET / HTTP/1.1\r\nHost: a.edge.test\r\nConnection: close\r\n\r\n");
/** Networks that the visitor is in, and that its front is in. */
const [OF_VISITOR, OF_FRONT] = ["192.0.2.0/24", "127.0.0.0/8"];

const PROTOCOLS = ["http", "https", "tls", "tcp"] as const;
type Protocol = (typeof PROTOCOLS)[number];

/** Keep a network out: as the edge knows them, or as the bind says them. */
interface Rules {
  readonly options: Partial<EdgeOptions>;
  readonly wire: object;
}

interface Scene {
  readonly edge: TestEdge;
  readonly tcpPort: number;
  readonly agent: EdgeAgent["agent"];
  /** Fields of the lines of the access log. */
  readonly noted: () => readonly unknown[];
}

/** An edge that trusts this machine, with one endpoint. */
async function scene(Proto: Protocol, { options, wire }: Rules): Promise<Scene> {
  const { log, lines } = recordingLog();
  const first = freePorts(1);
  const edge = testEdge({
    trustedProxies: [parseCidr(OF_FRONT)],
    tcp: { hostname: LOOPBACK, ports: { first, last: first } },
    accessLog: new AccessLog({ log, showsQuery: false, clock: systemClock }),
    ...options,
  });
  ends.push(edge.end);
  const { agent, bind } = await edge.agent();
  await bind({ Proto, Opts: { ...(Proto !== "tcp" && { Domain: "a.edge.test" }), ...wire } });
  return { edge, tcpPort: first, agent, noted: () => lines.map(({ fields }) => fields) };
}

/** Comes through the front, and says all that an agent would need. Answers what it hears. */
async function visit({ edge, tcpPort }: Scene, proto: Protocol): Promise<RecordingListener> {
  const port = { http: edge.http, https: edge.https, tls: edge.https, tcp: tcpPort }[proto];
  const connection = await dialTcp({ host: LOOPBACK, port }, { timeoutMs: 5_000 });
  ends.push(() => connection.reset());
  connection.write(HEADER);
  const inside = proto === "https" ? await behindTls(connection) : connection;
  const heard = new RecordingListener(inside);
  inside.write({ http: GET, https: GET, tls: await clientHello("a.edge.test"), tcp: Buffer.from("hello") }[proto]);
  return heard;
}

async function behindTls(connection: Duplex): Promise<Duplex> {
  const context = clientTlsContext([EDGE_CA_PEM]);
  return (await connectTls(connection, { serverName: "a.edge.test", context, verify: true })).connection;
}

function ofEndpoint(network: string): Rules {
  return { options: {}, wire: { IPRestriction: { deny_cidrs: [network] } } };
}

function ofAccount(network: string): Rules {
  const visitorAddresses = AddressRules.parse({ allow: [], deny: [network] }, "others");
  const directory = { ...openDirectory, account: () => ({ ...OPEN_ACCOUNT, visitorAddresses }) };
  return { options: { directory }, wire: {} };
}

const RULES = [
  ["an endpoint", ofEndpoint],
  ["an account", ofAccount],
] as const;

describe.each(RULES)("Edge with a rule of %s about networks, behind a trusted front,", (_, rules) => {
  test.each(PROTOCOLS)("refuses a visitor of %s for its own network", async (proto) => {
    const s = await scene(proto, rules(OF_VISITOR));
    const heard = await visit(s, proto);
    await heard.until(() => heard.isClosed || heard.hasEnded);
    expect(heard.text.startsWith("HTTP/1.1 403 ")).toBe(proto === "http" || proto === "https");
    await eventually("it is noted", () => s.noted().length > 0);
    expect(s.noted()).toMatchObject([{ proto, visitor: VISITOR, refused_by: "restrict_ips" }]);
    expect(s.agent.proxies).toEqual([]);
  });

  test.each(PROTOCOLS)("lets a visitor of %s in, whatever network its front is in", async (proto) => {
    const s = await scene(proto, rules(OF_FRONT));
    await visit(s, proto);
    await eventually("the agent has it", () => s.agent.proxies.length === 1);
    const [proxied] = s.agent.proxies;
    expect(proxied?.header.visitorAddress).toBe(VISITOR);
    proxied?.stream.reset();
    await eventually("it is noted", () => s.noted().length > 0);
    expect(s.noted()).toMatchObject([{ proto, visitor: VISITOR, refused_by: undefined }]);
  });
});
