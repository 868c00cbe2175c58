import { PublicError } from "../../base/errors.ts";
import type { Account } from "../../model/records/account.ts";
import type { Transaction } from "../../store/store.ts";
import type { OwnedType } from "./account-records.ts";

/**
 * Records of an account, whatever its operator allows it beside: each costs every node memory. Where the account has a limit of its own
 * for them, that holds alone. An IP restriction is one of few kinds, each once; IP policies have a limit and a code of their own.
 */
export const MAX_RECORDS_OF_ACCOUNT: Readonly<Record<Exclude<OwnedType, "ipRestriction" | "ipPolicy">, number>> = {
  credential: 5_000,
  apiKey: 1_000,
  reservedDomain: 5_000,
  reservedAddr: 1_000,
  ipPolicyRule: 10_000,
  tlsCertificate: 1_000,
  certificateAuthority: 200,
  cloudEndpoint: 1_000,
};

/** Before a record of the kind is made. @throws PublicError when the account has as many as it may */
export async function refuseTooManyRecords(
  transaction: Pick<Transaction, "count">,
  type: OwnedType,
  { id, limits }: Account,
): Promise<void> {
  if (type === "ipRestriction" || type === "ipPolicy" || ownLimit(type, limits) !== Infinity) return;
  const limit = MAX_RECORDS_OF_ACCOUNT[type];
  if ((await transaction.count(type, id)) < limit) return;
  if (type === "reservedDomain") throw new PublicError("ERR_NGROK_415", { limit });
  if (type === "reservedAddr") throw new PublicError("ERR_NGROK_508", { limit });
  throw new PublicError("ERR_GINNEL_TOO_MANY_RECORDS", { limit });
}

function ownLimit(type: OwnedType, { reservedDomains, reservedAddrs, endpoints }: Account["limits"]): number {
  if (type === "reservedDomain") return reservedDomains;
  if (type === "reservedAddr") return reservedAddrs;
  return type === "cloudEndpoint" ? endpoints : Infinity;
}
