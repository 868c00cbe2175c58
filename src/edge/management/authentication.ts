import { PublicError } from "../../base/errors.ts";
import { hashToken, idSuffixIn, isSameHash } from "../../model/access-token.ts";
import { AddressRules } from "../../model/address-rules.ts";
import { parseCidr } from "../../model/cidr.ts";
import type { IpRestriction } from "../../model/records/ip-restriction.ts";
import type { Reader } from "../../store/store.ts";
import type { AddressWarnings } from "../address-warnings.ts";
import type { Caller } from "./management-call.ts";

/**
 * The key in the Authorization header.
 * @throws PublicError 200, 201 (reference.md 8.1); its text never repeats what was sent
 */
export function bearerKey(authorization: string | null): string {
  if (authorization === null || authorization.trim() === "") throw new PublicError("ERR_NGROK_200", {});
  const key = /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1];
  if (key === undefined) throw new PublicError("ERR_NGROK_201", {});
  return key;
}

/**
 * Whose API key this is.
 * @throws PublicError 202 to 208, of status 401; its text never repeats what was sent
 */
export async function keyHolder(reader: Reader, key: string): Promise<Caller> {
  if (key.startsWith("cr_")) throw new PublicError("ERR_NGROK_206", {});
  if (key.startsWith("ak_")) throw new PublicError("ERR_NGROK_208", {});
  const suffix = idSuffixIn(key);
  const tokenHash = hashToken(key);
  const apiKey = suffix === undefined ? undefined : await reader.get("apiKey", `ak_${suffix}`);
  if (apiKey === undefined || !isSameHash(apiKey.tokenHash, tokenHash)) {
    const [credential] = await reader.all("credential", { tokenHash });
    if (credential !== undefined) throw new PublicError("ERR_NGROK_207", {});
    throw new PublicError(suffix === undefined ? "ERR_NGROK_202" : "ERR_NGROK_203", {});
  }
  const account = await reader.get("account", apiKey.accountId);
  if (account === undefined || account.isDisabled) throw new PublicError("ERR_NGROK_203", {});
  return { account, actor: { kind: "apiKey", id: apiKey.id } };
}

/** What a caller comes through, each with an IP restriction of its own. */
export type Entrance = Extract<IpRestriction["type"], "api" | "dashboard">;

export interface CallerSource {
  readonly accountId: string;
  readonly type: Entrance;
  /** Without port. */
  readonly ip: string;
}

export interface SourceServices {
  readonly store: Reader;
  /** Of restrictions that are not enforced. */
  readonly addressWarnings: AddressWarnings;
}

/**
 * Applies the account's IP restriction of this type, read literally: some allow entry has to match (reference.md 7.10).
 * @throws PublicError 220
 */
export async function checkSource(
  { store: reader, addressWarnings }: SourceServices,
  source: CallerSource,
): Promise<void> {
  const { accountId, type, ip } = source;
  const [restriction] = await reader.all("ipRestriction", { accountId, type });
  if (restriction === undefined) return;
  const rules = await Promise.all(restriction.policyIds.map((policyId) => reader.all("ipPolicyRule", { policyId })));
  const parsed = rules.flat().map(({ cidr, action }) => ({ cidr: parseCidr(cidr), action }));
  const addresses = new AddressRules(parsed, "nobody");
  if (!restriction.isEnforced) addressWarnings.check(addresses, source);
  else if (!addresses.admits(ip)) throw new PublicError("ERR_NGROK_220", { type });
}
