import type { Owned } from "./record.ts";

/** Applies policies to one side of the edge, for the whole account. `ipx_…` An account has at most one of each kind. */
export interface IpRestriction extends Owned {
  readonly type: "dashboard" | "api" | "agent" | "endpoints";
  /** Else it only warns. */
  readonly isEnforced: boolean;
  readonly policyIds: readonly string[];
}
