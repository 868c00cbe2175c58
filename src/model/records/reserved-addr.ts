import type { Owned } from "./record.ts";

/** A TCP address that only its account may bind. `ra_…` Host and port together are unique. */
export interface ReservedAddr extends Owned {
  readonly host: string;
  readonly port: number;
  /** Empty: everywhere. */
  readonly region: string;
}
