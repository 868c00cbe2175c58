/** What an edge tells an agent to do (protocol.md section 7). */
import type { RpcCall, RpcNotice } from "./rpc-call.ts";
import { STREAM_TYPES } from "./stream-type.ts";
import { field, type Nothing, nothing, wireRecord } from "./wire-record.ts";
import { flag, text, type ValueOf } from "./wire-value.ts";

/** Ends the agent. A Go agent that does not support it never answers. */
export const STOP: RpcCall<Nothing, Nothing> = {
  name: "Stop",
  streamType: STREAM_TYPES.stop,
  request: nothing,
  reply: nothing,
  replyFrame: {},
};

export const RESTART: RpcCall<Nothing, Nothing> = { ...STOP, name: "Restart", streamType: STREAM_TYPES.restart };

const updateRequest = wireRecord({
  version: field("Version", text),
  permitsMajorVersion: field("PermitMajorVersion", flag),
});
export type UpdateRequest = ValueOf<typeof updateRequest>;

export const UPDATE: RpcCall<UpdateRequest, Nothing> = {
  name: "Update",
  streamType: STREAM_TYPES.update,
  request: updateRequest,
  reply: nothing,
  replyFrame: {},
};

const stopTunnelRequest = wireRecord({
  bindId: field("Id", text),
  message: field("Message", text),
  errorCode: field("ErrorCode", text),
});
export type StopTunnelRequest = ValueOf<typeof stopTunnelRequest>;

/** Drops a bind. No reply, no Unbind; a Rust agent ignores it after its first reconnect. */
export const STOP_TUNNEL: RpcNotice<StopTunnelRequest> = {
  name: "StopTunnel",
  streamType: STREAM_TYPES.stopTunnel,
  request: stopTunnelRequest,
};
