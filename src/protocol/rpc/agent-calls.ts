/** The calls of the agent besides Auth and Bind (protocol.md section 5). */
import type { RpcCall } from "./rpc-call.ts";
import { STREAM_TYPES } from "./stream-type.ts";
import { changed, field, type Nothing, nothing, wireRecord } from "./wire-record.ts";
import { flag, oneOf, optional, text, textMap, type ValueOf } from "./wire-value.ts";

const unbindRequest = wireRecord({ bindId: field("Id", text) });
export type UnbindRequest = ValueOf<typeof unbindRequest>;

/** Ends a bind on all legs. Agents send it twice; an unknown id is not an error. */
export const UNBIND: RpcCall<UnbindRequest, Nothing> = {
  name: "Unbind",
  streamType: STREAM_TYPES.unbind,
  request: unbindRequest,
  reply: nothing,
  replyFrame: { Error: "", Extra: null },
};

const labelledTunnelRequest = wireRecord({
  labels: field("Labels", textMap),
  forwardsTo: field("ForwardsTo", text),
  forwardsProtocol: field("ForwardsProto", oneOf(["", "http1", "http2"], "")),
  metadata: field("Metadata", text),
});
export type LabelledTunnelRequest = ValueOf<typeof labelledTunnelRequest>;

const labelledTunnelReply = wireRecord({ bindId: field("Id", text) });
export type LabelledTunnelReply = ValueOf<typeof labelledTunnelReply>;

export const START_TUNNEL_WITH_LABEL: RpcCall<LabelledTunnelRequest, LabelledTunnelReply> = {
  name: "StartTunnelWithLabel",
  streamType: STREAM_TYPES.startTunnelWithLabel,
  request: labelledTunnelRequest,
  reply: labelledTunnelReply,
  replyFrame: { Id: "", Error: "" },
};

const srvInfoReply = wireRecord({ region: field("Region", text) });
export type SrvInfoReply = ValueOf<typeof srvInfoReply>;

/** A probe. An edge answers it before Auth. */
export const SRV_INFO: RpcCall<Nothing, SrvInfoReply> = {
  name: "SrvInfo",
  streamType: STREAM_TYPES.srvInfo,
  request: nothing,
  reply: srvInfoReply,
  replyFrame: { Region: "" },
};

/** Undefined leaves the value of the tunnel unchanged. */
const patchTunnelRequest = wireRecord({
  /** `tunnelId` of the Bind reply, not the bind id. */
  tunnelId: field("TunnelId", text),
  name: changed("Name", optional(text)),
  description: changed("Description", optional(text)),
  metadata: changed("Metadata", optional(text)),
  poolingEnabled: changed("PoolingEnabled", optional(flag)),
  trafficPolicy: changed("TrafficPolicy", optional(text)),
});
export type PatchTunnelRequest = ValueOf<typeof patchTunnelRequest>;

export const PATCH_TUNNEL_STATE: RpcCall<PatchTunnelRequest, Nothing> = {
  name: "PatchTunnelState",
  streamType: STREAM_TYPES.patchTunnelState,
  request: patchTunnelRequest,
  reply: nothing,
  replyFrame: { Error: "" },
};
