/** TCP ports, from the first to the last. */
export interface PortRange {
  readonly first: number;
  /** Included; not below the first. */
  readonly last: number;
}
