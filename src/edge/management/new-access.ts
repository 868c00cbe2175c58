/** Records that let somebody in, with the secret that is told once. */
import { randomBase62 } from "../../base/random.ts";
import { accessTokenOf, hashToken, TOKEN_SECRET_CHARS } from "../../model/access-token.ts";
import type { ApiKey } from "../../model/records/api-key.ts";
import type { Credential } from "../../model/records/credential.ts";
import type { Owned } from "../../model/records/record.ts";

/** The secret is nowhere else: the record has its hash. */
export interface NewAccess<R> {
  readonly record: R;
  readonly token: string;
}

/** An authtoken; `acl` is checked already. */
export function newCredential(
  owned: Owned,
  { acl = [], ownerId }: { readonly acl?: readonly string[]; readonly ownerId?: string | undefined } = {},
): NewAccess<Credential> {
  const token = newToken(owned.id);
  return { record: { ...owned, tokenHash: hashToken(token), acl, ownerId }, token };
}

export function newApiKey(owned: Owned, ownerId?: string): NewAccess<ApiKey> {
  const token = newToken(owned.id);
  return { record: { ...owned, tokenHash: hashToken(token), ownerId }, token };
}

function newToken(recordId: string): string {
  return accessTokenOf(recordId, randomBase62(TOKEN_SECRET_CHARS));
}
