import type { Owned } from "../../../model/records/record.ts";
import type { Records, RecordType } from "../../../model/records/records.ts";
import type { Transaction } from "../../../store/store.ts";

type OwnedType = { readonly [T in RecordType]: Records[T] extends Owned ? T : never }[RecordType];

/** What an account owns, in people's words, and in an order in which nothing that goes is needed by what is still there. */
const WORDS: Readonly<Record<OwnedType, string>> = {
  credential: "authtokens",
  apiKey: "API keys",
  cloudEndpoint: "cloud endpoints",
  reservedDomain: "names",
  reservedAddr: "TCP addresses",
  ipRestriction: "IP restrictions",
  ipPolicyRule: "rules",
  ipPolicy: "IP policies",
  tlsCertificate: "certificates",
  certificateAuthority: "authorities",
};
const OWNED_TYPES = Object.keys(WORDS) as readonly OwnedType[]; // the keys of that very table

/** How many of a kind went; kinds of which there were none are left out. */
export type Removed = ReadonlyMap<OwnedType, number>;

/** Removes an account with everything that it owns. Its audit log stays, for as long as entries are kept. */
export async function removeAccount(transaction: Transaction, accountId: string): Promise<Removed> {
  const removed = new Map<OwnedType, number>();
  for (const type of OWNED_TYPES) {
    const owned: readonly Owned[] = await transaction.all<OwnedType>(type, { accountId });
    for (const { id } of owned) await transaction.remove(type, id);
    if (owned.length > 0) removed.set(type, owned.length);
  }
  await transaction.remove("account", accountId);
  return removed;
}

/** As people read it; empty when there was nothing. */
export function removedText(removed: Removed): string {
  return [...removed].map(([type, count]) => `${WORDS[type]}=${count}`).join(" ");
}
