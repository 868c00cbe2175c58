/**
 * What the edge asks of its records: who holds an authtoken, and who may use a name. Stores fit this interface; the edge
 * knows nothing of how they keep things.
 */

/** The record of an authtoken, without the token. */
export interface Credential {
  readonly id: string;
  readonly accountId: string;
}

export type NameVerdict =
  /** The account may bind it. */
  | "allowed"
  /** Nobody reserved it, and it needs a reservation. */
  | "notReserved"
  | "ofAnotherAccount";

export interface Directory {
  /** The credential of an authtoken, which may be empty; `undefined` when no such token is known or it was revoked. */
  authenticate(authtoken: string): Promise<Credential | undefined>;
  /** Whether an account may bind a host name or wildcard (lower case, valid) as a public endpoint. */
  nameVerdict(accountId: string, host: string): Promise<NameVerdict>;
  /** Whether an account may bind this TCP port when it asks for it by number. */
  portVerdict(accountId: string, port: number): Promise<NameVerdict>;
}
