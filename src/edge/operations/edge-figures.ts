import type { Endpoint } from "../endpoint.ts";
import type { OpenVisitors, VisitorProtocol } from "../open-visitors.ts";
import type { AgentRegistry } from "../sessions/agent-registry.ts";
import type { VisitorGate } from "../visitor-gate.ts";

/** What is there at an edge at this moment. */
export interface EdgeFigures {
  /** Ports are open, and visitors are taken. */
  readonly isReady: boolean;
  readonly agents: number;
  /** Sessions of agents. */
  readonly legs: number;
  /** Endpoints that are online. */
  readonly endpoints: ReadonlyMap<VisitorProtocol, number>;
  /** Those of them whose agent was given visitors and does not answer. */
  readonly silentEndpoints: number;
  /** Connections of visitors. */
  readonly visitors: ReadonlyMap<VisitorProtocol, number>;
  /** Turned away because there were too many, since the start. */
  readonly visitorsTurnedAway: number;
}

export interface FiguredEdge {
  readonly endpoints: Iterable<Endpoint>;
  readonly registry: Pick<AgentRegistry, "agents" | "sessions">;
  readonly visitors: Pick<OpenVisitors, "isDraining" | "countByProtocol">;
  readonly gate: Pick<VisitorGate, "turnedAway">;
}

/** As of now. Goes through all endpoints and visitors: for those who ask now and then. */
export function edgeFigures({ endpoints, registry, visitors, gate }: FiguredEdge): EdgeFigures {
  const byProtocol = new Map<VisitorProtocol, number>();
  let silentEndpoints = 0;
  for (const { facts, isSilent } of endpoints) {
    byProtocol.set(facts.proto, (byProtocol.get(facts.proto) ?? 0) + 1);
    if (isSilent) silentEndpoints += 1;
  }
  return {
    isReady: !visitors.isDraining,
    agents: registry.agents,
    legs: registry.sessions,
    endpoints: byProtocol,
    silentEndpoints,
    visitors: visitors.countByProtocol(),
    visitorsTurnedAway: gate.turnedAway,
  };
}
