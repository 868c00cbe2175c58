/** Who owns records, agents and endpoints. */
export interface Account {
  /** `acct_…` */
  readonly id: string;
  readonly createdAt: Date;
  /** For the operator; unique. */
  readonly name: string;
  /** Its credentials and keys let nobody in. */
  readonly isDisabled: boolean;
  readonly limits: AccountLimits;
}

/** How much an account may have at a time. `Infinity` is no limit. */
export interface AccountLimits {
  readonly sessions: number;
  readonly endpoints: number;
  readonly reservedDomains: number;
  readonly reservedAddrs: number;
  /** Of visitors, over all its endpoints. */
  readonly connectionsPerSecond: number;
  /** Both directions together, over all its endpoints. */
  readonly bytesPerSecond: number;
}

export const NO_LIMITS: AccountLimits = {
  sessions: Infinity,
  endpoints: Infinity,
  reservedDomains: Infinity,
  reservedAddrs: Infinity,
  connectionsPerSecond: Infinity,
  bytesPerSecond: Infinity,
};
