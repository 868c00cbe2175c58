import type { Owned } from "./record.ts";

/** A named set of rules about source addresses. `ipp_…` Deleting it deletes its rules; one that a restriction uses stays. */
export interface IpPolicy extends Owned {}
