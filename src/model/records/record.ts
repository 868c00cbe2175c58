/**
 * The records of the product, one kind per file: plain values, as the store keeps them and as every part of the edge reads them.
 * They know nothing of how they are stored or shown. Texts that are not given are empty, other values `undefined`.
 */

/** What every record of an account has. */
export interface Owned {
  /** Prefix of its kind and a sortable suffix (reference.md 8.2). */
  readonly id: string;
  readonly accountId: string;
  readonly createdAt: Date;
  /** For people; at most 255 bytes, which whoever takes it in has checked. */
  readonly description: string;
  /** For programs, never read by us; at most 4096 bytes, which whoever takes it in has checked. */
  readonly metadata: string;
}
