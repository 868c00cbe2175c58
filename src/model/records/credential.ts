import type { Owned } from "./record.ts";

/** An authtoken, which lets agents of the account in. `cr_…` */
export interface Credential extends Owned {
  /** SHA-256 of the token as lower-case hexadecimal digits; unique. */
  readonly tokenHash: string;
  /** What its agents may bind, such as `bind:*.example.com`; empty: everything (reference.md 7.15). */
  readonly acl: readonly string[];
  readonly ownerId: string | undefined;
}
