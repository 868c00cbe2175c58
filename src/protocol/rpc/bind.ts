import { z } from "zod";
import {
  type BindOptions,
  type BindProtocol,
  encodeBindOptions,
  httpOptions,
  tcpOptions,
  tlsOptions,
} from "./bind-options.ts";
import type { RpcCall } from "./rpc-call.ts";
import { STREAM_TYPES } from "./stream-type.ts";
import { field, member, wireRecord } from "./wire-record.ts";
import {
  flag,
  jsonObject,
  type JsonObject,
  oneOf,
  optional,
  text,
  textList,
  type ValueOf,
  type WireValue,
} from "./wire-value.ts";

const bindRequestFields = wireRecord({
  /** Empty for a new bind, else the id to bind again. */
  bindId: field("Id", text),
  protocol: field("Proto", oneOf(["https", "http", "tcp", "tls"], "https")),
  /** Text for people. */
  forwardsTo: field("ForwardsTo", text),
  /** `http2`: the edge speaks HTTP/2 with prior knowledge on proxy streams. Empty: as `http1`. */
  forwardsProtocol: field("ForwardsProto", oneOf(["", "http1", "http2"], "")),
  wireOptions: field("Opts", jsonObject),
  extra: field(
    "Extra",
    wireRecord({
      name: field("Name", text),
      description: field("Description", text),
      /** The token of the first reply, when the bind is made again. */
      token: field("Token", text),
      ipPolicyRef: field("IPPolicyRef", text),
      metadata: field("Metadata", text),
      /** `public`, `internal`, `kubernetes`; none is as `public`. */
      bindings: field("Bindings", textList),
      poolingEnabled: field("PoolingEnabled", flag),
    }),
  ),
});

type BindRequestFields = ValueOf<typeof bindRequestFields>;

/**
 * Asks for an endpoint. `wireOptions` are the options in the spelling of whoever wrote them: when not undefined they are sent
 * as they are in place of `options`, so that a bind made again carries the `Opts` of the first reply.
 */
export type BindRequest = Omit<BindRequestFields, "protocol" | "wireOptions"> &
  BindOptions & { readonly wireOptions: JsonObject | undefined };

const bindRequest: WireValue<BindRequest> = {
  schema: bindRequestFields.schema.transform((fields, context): BindRequest => {
    const options = readOptions(fields.protocol, fields.wireOptions);
    if (options.success) return { ...fields, ...options.data };
    for (const issue of options.error.issues) {
      context.addIssue({ code: "custom", message: issue.message, path: ["Opts", ...issue.path] });
    }
    return z.NEVER;
  }),
  toWire: (request) =>
    bindRequestFields.toWire({ ...request, wireOptions: request.wireOptions ?? encodeBindOptions(request) }),
};

function readOptions(protocol: BindProtocol, wireOptions: JsonObject): z.ZodSafeParseResult<BindOptions> {
  switch (protocol) {
    case "http":
    case "https":
      return httpOptions.schema.transform((options): BindOptions => ({ protocol, options })).safeParse(wireOptions);
    case "tcp":
      return tcpOptions.schema.transform((options): BindOptions => ({ protocol, options })).safeParse(wireOptions);
    case "tls":
      return tlsOptions.schema.transform((options): BindOptions => ({ protocol, options })).safeParse(wireOptions);
  }
}

/** Longer than the longest name with scheme and port. */
const URL_LIMIT_CHARACTERS = 1024;

/** Of an endpoint. An agent shows it and goes by its host, so an edge must not name what is no address. */
const endpointUrl: WireValue<string> = {
  schema: z.string().max(URL_LIMIT_CHARACTERS).refine(isEndpointUrl, "expected the URL of an endpoint"),
  toWire: (url) => url,
};

function isEndpointUrl(url: string): boolean {
  return /^(https?|tcp|tls):\/\/[!-~]+$/.test(url) && URL.canParse(url);
}

/** What ginnel adds to the reply, ignored by everybody else. `warning`: for the agent's user; the endpoint is online all the same. */
const ginnelBound = wireRecord({ warning: field("Warning", text) });

const bindReply = wireRecord({
  bindId: field("Id", text),
  url: field("URL", endpointUrl),
  protocol: field("Proto", text),
  /** From {@link answerOptions}. An agent keeps them for binding again. */
  wireOptions: field("Opts", jsonObject),
  extra: field(
    "Extra",
    wireRecord({
      token: field("Token", text),
      tunnelId: field("TunnelID", text),
      ginnel: member("Ginnel", optional(ginnelBound)),
    }),
  ),
});
export type BindReply = ValueOf<typeof bindReply>;

export const BIND: RpcCall<BindRequest, BindReply> = {
  name: "Bind",
  streamType: STREAM_TYPES.bind,
  request: bindRequest,
  reply: bindReply,
  replyFrame: { Id: "", URL: "", Proto: "", Opts: null, Error: "", Extra: { Token: "", TunnelID: "" } },
};
