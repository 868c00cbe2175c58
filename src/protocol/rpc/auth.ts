import type { RpcCall } from "./rpc-call.ts";
import { STREAM_TYPES } from "./stream-type.ts";
import { field, member, wireRecord } from "./wire-record.ts";
import {
  count,
  flag,
  listOf,
  nanoseconds,
  optional,
  text,
  textList,
  type ValueOf,
  type WireValue,
} from "./wire-value.ts";

/** Versions of the protocol that we speak, preferred first. */
export const PROTOCOL_VERSIONS: readonly string[] = ["3", "2"];

/** What a peer is assumed to do that does not tell (protocol.md section 4). */
export const DEFAULT_HEARTBEAT_INTERVAL_MS = 10_000;
export const DEFAULT_HEARTBEAT_TOLERANCE_MS = 15_000;

/**
 * Why the agent cannot perform a command; empty: it can. On the wire null means that the agent is too old to say
 * (protocol.md section 5), which is a reason like any other.
 */
const unsupportedReason: WireValue<string> = {
  schema: optional(text).schema.transform((reason) => reason ?? "The agent is too old for this command."),
  toWire: (reason) => reason,
};

/**
 * What ginnel adds to Auth, ignored by everybody else (protocol.md section 11.8). `resetCodes`: the sender gives and
 * understands the codes of protocol/mux/reset-codes.ts.
 */
const ginnelAgent = wireRecord({
  resetCodes: field("ResetCodes", flag),
  /** Endpoints of the same credential that an earlier run of this agent left behind come over to this session. */
  takesOver: field("TakesOver", flag),
  /** The version of {@link START_TUNNEL} that the agent takes, whether it will obey or not; 0: none. */
  startTunnelVersion: field("StartTunnel", count),
});
const ginnelEdge = wireRecord({
  resetCodes: field("ResetCodes", flag),
  /** Of the processes of the edge the one that has the session, from 1 on; 0: it does not say. */
  worker: field("Worker", count),
  /** How many there are: an agent with a leg to each of them is served best. */
  workers: field("Workers", count),
});

const authRequest = wireRecord({
  versions: field("Version", textList),
  /** Empty for a new session, else the id of the session to resume. */
  sessionId: field("ClientId", text),
  agent: field(
    "Extra",
    wireRecord({
      os: field("OS", text),
      architecture: field("Arch", text),
      authtoken: field("Authtoken", text),
      version: field("Version", text),
      hostname: field("Hostname", text),
      userAgent: field("UserAgent", text),
      metadata: field("Metadata", text),
      /** The last cookie from the edge, else empty. */
      cookie: field("Cookie", text),
      heartbeatIntervalMs: field("HeartbeatInterval", nanoseconds(DEFAULT_HEARTBEAT_INTERVAL_MS)),
      heartbeatToleranceMs: field("HeartbeatTolerance", nanoseconds(DEFAULT_HEARTBEAT_TOLERANCE_MS)),
      updateUnsupported: field("UpdateUnsupportedError", unsupportedReason),
      stopUnsupported: field("StopUnsupportedError", unsupportedReason),
      restartUnsupported: field("RestartUnsupportedError", unsupportedReason),
      proxyType: field("ProxyType", text),
      mutualTls: field("MutualTLS", flag),
      serviceRun: field("ServiceRun", flag),
      configVersion: field("ConfigVersion", text),
      customInterface: field("CustomInterface", flag),
      customCas: field("CustomCAs", flag),
      clientType: field("ClientType", text),
      legNumber: field("LegNumber", count),
      ginnel: member("Ginnel", optional(ginnelAgent)),
    }),
  ),
});

const deprecationWarning = wireRecord({
  nextMinimum: field("NextMin", text),
  /** RFC 3339; empty when not known. */
  nextDate: field("NextDate", text),
  message: field("Msg", text),
});

const connectAddress = wireRecord({ region: field("Region", text), address: field("ServerAddr", text) });

const authReply = wireRecord({
  version: field("Version", text),
  sessionId: field("ClientId", text),
  edge: field(
    "Extra",
    wireRecord({
      version: field("Version", text),
      region: field("Region", text),
      /** Opaque to the agent, which brings it in its next Auth. */
      cookie: field("Cookie", text),
      accountName: field("AccountName", text),
      planName: field("PlanName", text),
      banner: field("Banner", text),
      sessionDurationSeconds: field("SessionDuration", count),
      deprecationWarning: field("DeprecationWarning", optional(deprecationWarning)),
      /** More than one: the agent may dial a leg per entry. */
      connectAddresses: field("ConnectAddresses", optional(listOf(connectAddress))),
      agentSessionId: field("AgentSessionID", text),
      ginnel: member("Ginnel", optional(ginnelEdge)),
    }),
  ),
});

export type AuthRequest = ValueOf<typeof authRequest>;
export type AuthReply = ValueOf<typeof authReply>;
/** What an agent tells about itself. */
export type AgentFacts = AuthRequest["agent"];

export const AUTH: RpcCall<AuthRequest, AuthReply> = {
  name: "Auth",
  streamType: STREAM_TYPES.auth,
  request: authRequest,
  reply: authReply,
  replyFrame: { Version: "", ClientId: "", Error: "", Extra: {} },
};
