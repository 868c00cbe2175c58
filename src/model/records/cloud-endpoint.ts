import type { Owned } from "./record.ts";

/** An endpoint without an agent: its traffic policy answers. `ep_…` */
export interface CloudEndpoint extends Owned {
  readonly url: string;
  readonly bindings: readonly string[];
  /** As it was written: YAML or JSON. It may hold passwords, so the audit log never shows it. */
  readonly trafficPolicy: string;
  /** May share its URL with others that may (reference.md 7.12); whoever writes it has checked that. */
  readonly isPooled: boolean;
  readonly updatedAt: Date;
}
