import type { Owned } from "./record.ts";

/** A key to the management API and the dashboard. `ak_…` */
export interface ApiKey extends Owned {
  /** SHA-256 of the key as lower-case hexadecimal digits; unique. */
  readonly tokenHash: string;
  readonly ownerId: string | undefined;
}
