/** The secret that lets an agent in. An edge keeps its hash only. */
import { createHash } from "node:crypto";

/** SHA-256 of an authtoken. A plain hash suffices: tokens are random, not chosen by people. */
export function hashToken(token: string): Uint8Array {
  return Uint8Array.from(createHash("sha256").update(token).digest());
}
