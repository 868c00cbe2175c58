import { PublicError } from "../../base/errors.ts";
import type { Endpoint } from "../endpoint.ts";

/** Why an endpoint may not be where another one is (reference.md 7.12). */
export function cannotShare(wanted: Endpoint, holder: Endpoint): PublicError {
  const { url, accountId } = wanted.facts;
  const isSame = wanted.place === holder.place && holder.facts.accountId === accountId;
  const [wants, shares] = [wanted.pool !== undefined, holder.pool !== undefined];
  if (isSame && wants && !shares) return new PublicError("ERR_NGROK_6030", { url });
  return new PublicError("ERR_NGROK_334", { url, canJoin: isSame && !wants && shares });
}
