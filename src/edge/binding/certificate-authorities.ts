import type { FindAuthority } from "../../policy/tls-terms.ts";
import type { Directory } from "../directory.ts";

/** The certificate authorities of an account, as they are whenever a visitor comes: one that was taken away is not trusted. */
export function authoritiesOf(directory: Pick<Directory, "account">, accountId: string): FindAuthority {
  return (id) => {
    const current = (): string | undefined => directory.account(accountId).certificateAuthority(id);
    return current() === undefined ? undefined : current;
  };
}

/** The same for a policy that is kept rather than brought, which may name one that was taken away meanwhile. */
export function keptAuthoritiesOf(directory: Pick<Directory, "account">, accountId: string): FindAuthority {
  return (id) => () => directory.account(accountId).certificateAuthority(id);
}
