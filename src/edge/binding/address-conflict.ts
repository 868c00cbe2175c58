import { PublicError } from "../../base/errors.ts";
import type { Endpoint } from "../endpoint.ts";

/** Why an endpoint may not be where another one is (reference.md 7.12). */
export function cannotShare(wanted: Endpoint, holder: Endpoint): PublicError {
  const { url, accountId } = wanted.facts;
  const isMixed = wanted.pool !== undefined && holder.pool === undefined && wanted.place === holder.place;
  const isOwn = holder.facts.accountId === accountId;
  return isMixed && isOwn ? new PublicError("ERR_NGROK_6030", { url }) : new PublicError("ERR_NGROK_334", { url });
}
