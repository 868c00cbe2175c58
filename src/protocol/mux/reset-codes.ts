/**
 * Why our agent, or another process of our edge, resets a proxy stream: codes of its own, outside the published range, as protocol.md
 * section 11 rule 8 allows. Only ours send them; an edge of someone else sees an unknown code, which is a reset like any other.
 */
export const RESET_CODES = {
  upstreamRefused: 0x676e_0001,
  upstreamTimedOut: 0x676e_0002,
  upstreamNameUnresolved: 0x676e_0003,
  upstreamUnreachable: 0x676e_0004,
  upstreamTlsFailed: 0x676e_0005,
  /** The upstream ended the connection before the first byte of an answer. */
  upstreamClosedWithoutAnswer: 0x676e_0006,
  /** Connected, but what came back was not what the tunnel speaks. */
  upstreamProtocolError: 0x676e_0007,
  /** The agent serves no tunnel for the bind id of the proxy header. */
  unknownBind: 0x676e_0008,
  /** The process of the edge that the stream was handed to has no session with the agent any more, or no stream left there. */
  noWayToAgent: 0x676e_0009,
} as const;

export type ResetReason = keyof typeof RESET_CODES;

const REASONS: ReadonlyMap<number, ResetReason> = new Map(
  (Object.keys(RESET_CODES) as ResetReason[]).map((reason) => [RESET_CODES[reason], reason]), // keys of the literal above
);

/** Undefined for a published code and for one that we do not know. */
export function resetReasonOf(code: number | undefined): ResetReason | undefined {
  return code === undefined ? undefined : REASONS.get(code);
}
