/** What a first start of an edge makes: the operator's account, and what lets the operator and a first agent in. */
import type { Clock } from "../../base/clock.ts";
import { newOwned } from "../../edge/management/account-records.ts";
import { newApiKey, newCredential } from "../../edge/management/new-access.ts";
import type { Actor } from "../../model/records/audit-entry.ts";
import { type Account, NO_LIMITS } from "../../model/records/account.ts";
import { newId } from "../../base/record-id.ts";
import { ID_PREFIXES } from "../../model/records/records.ts";
import type { Store } from "../../store/store.ts";

/** By this name it is found, whatever other accounts were made before the first start. */
export const OPERATOR_ACCOUNT = "operator";

const ACTOR: Actor = { kind: "system", id: "first start" };

/** The operator's account, made when it is not there. Rejects with a StoreError. */
export function operatorAccount(store: Store, clock: Clock): Promise<Account> {
  return store.change(ACTOR, async (transaction) => {
    const [known] = await transaction.all("account", { name: OPERATOR_ACCOUNT });
    if (known !== undefined) return known;
    const createdAt = clock.date();
    const account: Account = {
      id: newId(ID_PREFIXES.account, createdAt),
      createdAt,
      name: OPERATOR_ACCOUNT,
      isDisabled: false,
      limits: NO_LIMITS,
    };
    await transaction.insert("account", account);
    return account;
  });
}

/** In clear, to be told now or never. */
export interface FirstSecrets {
  readonly authtoken: string | undefined;
  readonly apiKey: string | undefined;
}

export interface FirstSecretsOptions {
  readonly accountId: string;
  /** False where the configuration has authtokens. */
  readonly needsAuthtoken: boolean;
  readonly clock: Clock;
}

/**
 * Makes an authtoken and an API key for an account that never had one: what the operator has deleted stays away. They are on disk
 * when it resolves. Rejects with a StoreError.
 */
export async function firstSecrets(
  store: Store,
  { accountId, needsAuthtoken, clock }: FirstSecretsOptions,
): Promise<FirstSecrets> {
  const hadOne = async (recordType: "credential" | "apiKey"): Promise<boolean> =>
    (await store.audit(accountId, { limit: 1, where: { recordType } })).length > 0;
  const [hadAuthtoken, hadApiKey] = [await hadOne("credential"), await hadOne("apiKey")];
  if ((hadAuthtoken || !needsAuthtoken) && hadApiKey) return { authtoken: undefined, apiKey: undefined };
  return store.change(ACTOR, async (transaction) => {
    // Another node that started at the same moment was faster, and has told its user.
    const isMissing = async (type: "credential" | "apiKey"): Promise<boolean> =>
      (await transaction.list(type, accountId, { limit: 1 })).length === 0;
    const owned = { now: clock.date(), notes: { description: "made at the first start" } };
    const makesAuthtoken = needsAuthtoken && !hadAuthtoken && (await isMissing("credential"));
    const makesApiKey = !hadApiKey && (await isMissing("apiKey"));
    const credential = makesAuthtoken ? newCredential(newOwned("credential", accountId, owned)) : undefined;
    const apiKey = makesApiKey ? newApiKey(newOwned("apiKey", accountId, owned)) : undefined;
    if (credential !== undefined) await transaction.insert("credential", credential.record);
    if (apiKey !== undefined) await transaction.insert("apiKey", apiKey.record);
    return { authtoken: credential?.token, apiKey: apiKey?.token };
  });
}

/** For standard output; empty when there is nothing to tell. `apiUrl` is where a key lets in, if anywhere. */
export function firstSecretsText({ authtoken, apiKey }: FirstSecrets, apiUrl: string | undefined): string {
  const lines = [
    ...(authtoken === undefined ? [] : [`Authtoken for agents (shown this once): ${authtoken}\n`]),
    ...(apiKey === undefined ? [] : [`API key of the operator (shown this once): ${apiKey}\n`]),
    ...(apiKey === undefined || apiUrl === undefined ? [] : [`Dashboard and API, with that key: ${apiUrl}\n`]),
  ];
  return lines.join("");
}
