import type { VisitorProtocol } from "../open-visitors.ts";

/** What is there at an edge at this moment. */
export interface EdgeFigures {
  /** Ports are open, and visitors are taken. */
  readonly isReady: boolean;
  readonly agents: number;
  /** Sessions of agents. */
  readonly legs: number;
  /** Endpoints that are online. */
  readonly endpoints: ReadonlyMap<VisitorProtocol, number>;
  /** Connections of visitors. */
  readonly visitors: ReadonlyMap<VisitorProtocol, number>;
  /** Turned away because there were too many, since the start. */
  readonly visitorsTurnedAway: number;
}
