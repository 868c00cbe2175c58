/** An edge in this process, on free ports of 127.0.0.1, with an authority of its own and a log that a test can read. */
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { Edge, type EdgeLimits, type EdgeOptions } from "../../src/edge/edge.ts";
import { openDirectory } from "../../src/edge/static-directory.ts";
import { pipe } from "../../src/net/pipe.ts";
import type { Answer } from "../../src/net/rpc-answer.ts";
import { createLocalCa, LocalCa } from "../../src/pki/local-ca.ts";
import { AUTH, type AuthReply } from "../../src/protocol/rpc/auth.ts";
import { BIND, type BindReply } from "../../src/protocol/rpc/bind.ts";
import type { LogFields, Logger } from "../../src/telemetry/logger.ts";
import { bindRequest } from "./bind-request.ts";
import { AUTH_REQUEST, PlayedAgent } from "./session-pair.ts";

export const LOOPBACK = "127.0.0.1";

const ca = new LocalCa(await createLocalCa("test", systemClock), systemClock);
/** Of the authority of all edges made here. */
export const EDGE_CA_PEM = ca.certPem;

export const TEST_LIMITS: EdgeLimits = {
  maxSessions: 100,
  maxEndpointsPerAgent: 10,
  maxStreamsPerSession: 1_000,
  maxVisitors: 1_000,
  maxConnections: 2_000,
  headMs: 30_000,
  handshakeMs: 60_000,
  idleMs: 300_000,
};

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

export interface TestEdge {
  readonly edge: Edge;
  readonly http: number;
  readonly https: number;
  readonly agents: number;
  readonly log: LogLine[];
  /** Every certificate that was asked for, by its names. */
  readonly issued: (readonly string[])[];
  /** Connects an agent and lets it in. */
  readonly agent: (more?: AgentOptions) => Promise<EdgeAgent>;
  /** Ends what is left at once. */
  readonly end: () => Promise<void>;
}

export interface AgentOptions {
  readonly sessionId?: string;
  readonly legNumber?: number;
  /** Another one than the usual, where the directory looks. */
  readonly authtoken?: string;
  /** To what the edge calls. */
  readonly answers?: readonly Answer[];
}

export interface EdgeAgent {
  readonly agent: PlayedAgent;
  readonly auth: AuthReply;
  /** `wire` as for {@link bindRequest}. */
  readonly bind: (wire: Readonly<Record<string, unknown>>) => Promise<BindReply>;
}

/** Options of an edge on free ports, with a log and a list that are filled. */
export function testEdgeOptions(
  log: LogLine[] = [],
  issued: (readonly string[])[] = [],
  clock: Clock = systemClock,
): EdgeOptions {
  const anyPort = { hostname: LOOPBACK, port: 0 };
  return {
    baseDomains: ["edge.test"],
    listen: { http: anyPort, https: anyPort, agents: anyPort },
    takesAgentsOnHttps: true,
    publicPorts: { http: 80, https: 443 },
    tcp: undefined,
    region: "test",
    version: "0",
    limits: TEST_LIMITS,
    directory: openDirectory,
    certificates: [],
    issue: (names) => {
      issued.push(names);
      return ca.issue(names);
    },
    clock,
    log: recordingLogger(log),
  };
}

/** `more` replaces options of the edge. */
export function testEdge(more: Partial<EdgeOptions> = {}, clock: Clock = systemClock): TestEdge {
  const log: LogLine[] = [];
  const issued: (readonly string[])[] = [];
  const edge = new Edge({ ...testEdgeOptions(log, issued, clock), ...more });
  return {
    edge,
    http: edge.httpPort ?? 0,
    https: edge.httpsPort ?? 0,
    agents: edge.agentPort ?? 0,
    log,
    issued,
    agent: (said) => connectAgent(edge, said),
    end: () => edge.stop(AbortSignal.abort()),
  };
}

/** An agent that was let in, over a connection in memory. */
export async function connectAgent(
  edge: Pick<Edge, "acceptAgent">,
  { sessionId = "", legNumber = 0, authtoken, answers = [] }: AgentOptions = {},
): Promise<EdgeAgent> {
  const [edgeEnd, agentEnd] = pipe({ remoteAddresses: ["192.0.2.1:1", "<edge>"] });
  edge.acceptAgent(edgeEnd);
  const agent = new PlayedAgent(agentEnd, answers);
  const { agent: usual } = AUTH_REQUEST;
  const auth = await agent.session.call(AUTH, {
    ...AUTH_REQUEST,
    sessionId,
    agent: { ...usual, legNumber, authtoken: authtoken ?? usual.authtoken },
  });
  return { agent, auth, bind: (wire) => agent.session.call(BIND, bindRequest(wire)) };
}

function recordingLogger(lines: LogLine[], common: LogFields = {}): Logger {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}): void =>
      void lines.push({ level, message, fields: { ...common, ...fields } });
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    crit: at("crit"),
    with: (fields) => recordingLogger(lines, { ...common, ...fields }),
  };
}
