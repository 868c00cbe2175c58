/** The calls between the processes of one edge: a worker asks the hub, which decides, and is told what is online. */
import { AUTH } from "../rpc/auth.ts";
import { BIND } from "../rpc/bind.ts";
import type { RpcCall, RpcNotice } from "../rpc/rpc-call.ts";
import { field, type Nothing, nothing, wireRecord } from "../rpc/wire-record.ts";
import { count, flag, jsonObject, listOf, oneOf, optional, text, textList, type ValueOf } from "../rpc/wire-value.ts";

/** Far from those of sessions with agents, so that a connection of the wrong kind is refused. */
const FIRST_STREAM_TYPE = 0x67_69_6e_40;

const hello = wireRecord({
  /** From 2 on; the hub is the first. */
  worker: field("Worker", count),
  pid: field("Pid", count),
  /** Of the program. */
  version: field("Version", text),
  /** To compare, see configuration-mark.ts. */
  configuration: field("Configuration", text),
});

/** Where visitors and agents come; 0: nowhere. */
const ports = wireRecord({
  http: field("Http", count),
  https: field("Https", count),
  agents: field("Agents", count),
});

/**
 * A worker has come up, and wants to hear of endpoints from now on. The reply comes when it has heard of all that there are. One of another
 * version or configuration is refused.
 */
export const HELLO: RpcCall<ValueOf<typeof hello>, ValueOf<typeof ports>> = {
  name: "Hello",
  streamType: FIRST_STREAM_TYPE,
  request: hello,
  reply: ports,
  replyFrame: {},
};

const admission = wireRecord({
  legId: field("Leg", text),
  /** Where the agent dialed from, as a Duplex tells it. */
  remoteAddress: field("Address", text),
  auth: field("Auth", AUTH.request),
});

const identity = wireRecord({
  clientId: field("Client", text),
  credentialId: field("Credential", text),
  accountId: field("Account", text),
});

/** May this agent come in? */
export const ADMIT: RpcCall<ValueOf<typeof admission>, ValueOf<typeof identity>> = {
  name: "Admit",
  streamType: FIRST_STREAM_TYPE + 1,
  request: admission,
  reply: identity,
  replyFrame: {},
};

const binding = wireRecord({ legId: field("Leg", text), bind: field("Bind", BIND.request) });

/** The reply comes when all workers have heard of the endpoint, or should have. */
export const BIND_FOR: RpcCall<ValueOf<typeof binding>, ValueOf<typeof BIND.reply>> = {
  name: "BindFor",
  streamType: FIRST_STREAM_TYPE + 2,
  request: binding,
  reply: BIND.reply,
  replyFrame: {},
};

const bindOfLeg = wireRecord({ legId: field("Leg", text), bindId: field("Bind", text) });

/** The reply to {@link BIND_FOR} has been passed on to the agent. */
export const BIND_ANSWERED: RpcNotice<ValueOf<typeof bindOfLeg>> = {
  name: "BindAnswered",
  streamType: FIRST_STREAM_TYPE + 11,
  request: bindOfLeg,
};

const unbound = wireRecord({ url: field("Url", text) });

/** The reply names what is offline now; empty: there was no such bind. */
export const UNBIND_FOR: RpcCall<ValueOf<typeof bindOfLeg>, ValueOf<typeof unbound>> = {
  name: "UnbindFor",
  streamType: FIRST_STREAM_TYPE + 3,
  request: bindOfLeg,
  reply: unbound,
  replyFrame: {},
};

const leg = wireRecord({ legId: field("Leg", text) });

/** The session is over. */
export const LEG_ENDED: RpcNotice<ValueOf<typeof leg>> = {
  name: "LegEnded",
  streamType: FIRST_STREAM_TYPE + 4,
  request: leg,
};

const closing = wireRecord({ legId: field("Leg", text), reason: field("Reason", text) });

/** Says goodbye to an agent, whose session then ends. */
export const CLOSE_LEG: RpcNotice<ValueOf<typeof closing>> = {
  name: "CloseLeg",
  streamType: FIRST_STREAM_TYPE + 5,
  request: closing,
};

const life = wireRecord({ isAlive: field("IsAlive", flag) });

/** Does the agent still answer? When not, its session has been ended. */
export const IS_ALIVE: RpcCall<ValueOf<typeof leg>, ValueOf<typeof life>> = {
  name: "IsAlive",
  streamType: FIRST_STREAM_TYPE + 6,
  request: leg,
  reply: life,
  replyFrame: {},
};

const servingLeg = wireRecord({
  legId: field("Leg", text),
  number: field("Number", count),
  /** Where its session is. */
  worker: field("Worker", count),
});

const endpoint = wireRecord({
  id: field("Id", text),
  bindId: field("BindId", text),
  accountId: field("Account", text),
  credentialId: field("Credential", text),
  clientId: field("Client", text),
  reservationId: field("Reservation", optional(text)),
  place: field("Place", text),
  host: field("Host", text),
  url: field("Url", text),
  protocol: field("Proto", oneOf(["http", "https", "tcp", "tls"], "https")),
  forwardsTo: field("ForwardsTo", text),
  /** What its agent asked for; a cloud endpoint has none. */
  bind: field("Bind", optional(BIND.request)),
  /** Of a cloud endpoint. */
  cloud: field(
    "Cloud",
    optional(
      wireRecord({ url: field("Url", text), trafficPolicy: field("Policy", text), isPooled: field("Pooled", flag) }),
    ),
  ),
  legs: field("Legs", listOf(servingLeg)),
  /** Its agent knows of it. */
  isAnswered: field("Answered", flag),
});
export type AnnouncedEndpoint = ValueOf<typeof endpoint>;

const served = wireRecord({
  id: field("Id", text),
  legs: field("Legs", listOf(servingLeg)),
  isAnswered: field("Answered", flag),
});

const announcement = wireRecord({
  /** Ids of those that are offline; they come before those that are online. */
  gone: field("Gone", textList),
  /** New; or a cloud endpoint that is another one than before. */
  online: field("Online", listOf(endpoint)),
  /** Told before, and served by other sessions now, or answered. */
  served: field("Served", listOf(served)),
});
export type Announcement = ValueOf<typeof announcement>;

/** Which endpoints are online has changed. The reply comes when visitors find what was told. */
export const ANNOUNCE: RpcCall<Announcement, Nothing> = {
  name: "Announce",
  streamType: FIRST_STREAM_TYPE + 7,
  request: announcement,
  reply: nothing,
  replyFrame: {},
};

/** Takes no more visitors. The reply comes when those that are there have ended their exchanges. Sessions of agents stay. */
export const DRAIN: RpcCall<Nothing, Nothing> = {
  name: "Drain",
  streamType: FIRST_STREAM_TYPE + 20,
  request: nothing,
  reply: nothing,
  replyFrame: {},
};

/** Ends the exchanges that {@link DRAIN} waits for. */
export const CUT: RpcNotice<Nothing> = { name: "Cut", streamType: FIRST_STREAM_TYPE + 21, request: nothing };

const account = wireRecord({ accountId: field("Account", text) });

const endpointTraffic = wireRecord({
  endpointId: field("Id", text),
  url: field("Url", text),
  requests: field("Requests", count),
  visitors: field("Visitors", count),
  visitorsOpen: field("Open", count),
  bytesIn: field("In", count),
  bytesOut: field("Out", count),
});
const trafficReply = wireRecord({ endpoints: field("Endpoints", listOf(endpointTraffic)) });

/** What has passed in this process at the endpoints of an account. */
export const TRAFFIC: RpcCall<ValueOf<typeof account>, ValueOf<typeof trafficReply>> = {
  name: "Traffic",
  streamType: FIRST_STREAM_TYPE + 8,
  request: account,
  reply: trafficReply,
  replyFrame: {},
};

const metricsReply = wireRecord({
  /** Of the kind that prometheus-text.ts writes. */
  metrics: field("Metrics", listOf(jsonObject)),
});

/** The metrics of this process alone. */
export const METRICS: RpcCall<Nothing, ValueOf<typeof metricsReply>> = {
  name: "Metrics",
  streamType: FIRST_STREAM_TYPE + 9,
  request: nothing,
  reply: metricsReply,
  replyFrame: {},
};

const expectation = wireRecord({
  /** Each as a place and a host, such as `https app.example.com`. */
  names: field("Names", textList),
  forMs: field("ForMs", count),
});

/** Names that are on their way back, before the first announcement. The reply comes when visitors wait for them. */
export const EXPECT: RpcCall<ValueOf<typeof expectation>, Nothing> = {
  name: "Expect",
  streamType: FIRST_STREAM_TYPE + 10,
  request: expectation,
  reply: nothing,
  replyFrame: {},
};
