/**
 * A call of ours alone: the edge asks an agent to start a tunnel (reference.md C-19). No published agent knows it, so it goes only
 * to one whose Auth says that it takes it (`Ginnel.StartTunnel`, the highest version of the call that it knows; 0 for none).
 */
import { z } from "zod";
import type { RpcCall } from "./rpc-call.ts";
import { STREAM_TYPES } from "./stream-type.ts";
import { field, wireRecord } from "./wire-record.ts";
import { type JsonObject, text, type ValueOf, type WireValue } from "./wire-value.ts";

/** The version of the call that this program speaks. */
export const START_TUNNEL_VERSION = 1;

/** Of a definition as JSON: a traffic policy of the largest size, and the rest. */
export const MAX_DEFINITION_BYTES = 128 * 1024;
/** A policy written as an object nests about 10 deep. */
export const MAX_DEFINITION_DEPTH = 16;

/** Why a definition is beyond what is sent and taken; undefined: it is not. */
export function definitionExcess(definition: JsonObject): string | undefined {
  if (nestsDeeper(definition, MAX_DEFINITION_DEPTH)) return `it nests more than ${MAX_DEFINITION_DEPTH} deep`;
  const bytes = new TextEncoder().encode(JSON.stringify(definition)).length;
  return bytes > MAX_DEFINITION_BYTES ? `it has ${bytes} bytes, and may have ${MAX_DEFINITION_BYTES}` : undefined;
}

function nestsDeeper(value: unknown, limit: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return limit === 0 || Object.values(value).some((inner) => nestsDeeper(inner, limit - 1));
}

const definition: WireValue<JsonObject> = {
  schema: z.looseObject({}).superRefine((value, context) => {
    const excess = definitionExcess(value);
    if (excess !== undefined) context.addIssue({ code: "custom", message: excess });
  }),
  toWire: (value) => value,
};

/** The fields of `POST /api/tunnels` of the agent API (reference.md 3.2), as they were given. */
const startTunnelRequest = wireRecord({ definition: field("Definition", definition) });
export type StartTunnelRequest = ValueOf<typeof startTunnelRequest>;

/** `Id` of the Bind reply that the tunnel got; of a pair that of the https one. */
const startTunnelReply = wireRecord({ bindId: field("Id", text) });
export type StartTunnelReply = ValueOf<typeof startTunnelReply>;

export const START_TUNNEL: RpcCall<StartTunnelRequest, StartTunnelReply> = {
  name: "StartTunnel",
  streamType: STREAM_TYPES.ginnelStartTunnel,
  request: startTunnelRequest,
  reply: startTunnelReply,
  replyFrame: { Id: "", Error: "" },
};
