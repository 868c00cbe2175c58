import type { LiveEndpoint } from "../../model/records/live-endpoint.ts";
import type { Clock } from "../../base/clock.ts";
import type { AuthRequest } from "../../protocol/rpc/auth.ts";
import type { BindReply, BindRequest } from "../../protocol/rpc/bind.ts";
import type { AgentIdentity, Binder } from "../binding/binder.ts";
import type { Endpoint } from "../endpoint.ts";
import { ipOf } from "../visitors/visitor-ip.ts";
import type { AgentRegistry } from "./agent-registry.ts";
import type { ControlledLeg, ControlPlane } from "./control-plane.ts";
import { liveEndpointOf } from "./live-endpoint-of.ts";
import type { OnlineReport } from "./online-report.ts";
import { Settling } from "./settling.ts";

/** As published (reference.md 8.3). */
const TRANSPORT = "ngrok/2";

export interface LocalControlOptions {
  readonly registry: AgentRegistry<ControlledLeg>;
  readonly binder: Pick<Binder<ControlledLeg>, "bind" | "unbind" | "find" | "legEnded">;
  readonly region: string;
  /** Absent: nobody keeps records of who is online. */
  readonly online?: { readonly report: OnlineReport; readonly nodeId: string } | undefined;
  /** The edge has several processes: see {@link Settling}. */
  readonly isOneOfSeveral: boolean;
  /** What the user of the agent is told of an endpoint that has come online; `undefined` for nothing. */
  readonly warningOf: (endpoint: Endpoint) => string | undefined;
  /** Resolves when everybody has heard of the endpoints that there are. Absent: there is nobody else. */
  readonly announced?: (() => Promise<void>) | undefined;
  /** Hears once of each endpoint of an agent that this knows of it. */
  readonly onAnswered?: ((endpoint: Endpoint) => void) | undefined;
  readonly clock: Clock;
}

/** Decides in this process, and has it put on record. */
export class LocalControl implements ControlPlane {
  readonly #options: LocalControlOptions;
  /** Of the agents that were let in. */
  readonly #settling = new Map<ControlledLeg, Settling>();

  constructor(options: LocalControlOptions) {
    this.#options = options;
  }

  onConnected(leg: ControlledLeg): void {
    this.#options.registry.onConnected(leg);
  }

  async admit(leg: ControlledLeg, request: AuthRequest): Promise<AgentIdentity> {
    const admitted = await this.#options.registry.admit(leg, request);
    const { isOneOfSeveral, clock } = this.#options;
    const onSettled = (): void => this.#reportSession(leg, admitted, request);
    this.#settling.set(leg, new Settling(request, { isOneOfSeveral, clock, onSettled }));
    return admitted;
  }

  async bind(leg: ControlledLeg, agent: AgentIdentity, request: BindRequest): Promise<BindReply> {
    const { binder, registry, announced, clock } = this.#options;
    // What is bound already is not read again, and over a further leg that is nothing to count.
    const known = binder.find(agent, request.bindId);
    const policyCharacters = known === undefined ? request.options.trafficPolicy.length : 0;
    if (known === undefined || known.legs.includes(leg)) {
      registry.bindPace.take(agent.accountId, policyCharacters, clock.nowMs());
    }
    const reply = await binder.bind(agent, leg, request);
    registry.onBound(leg);
    this.#settling.get(leg)?.settle();
    this.#reportEndpoint(leg, agent, { ...request, bindId: reply.bindId });
    // Over further legs it would be told again.
    const bound = known === undefined ? binder.find(agent, reply.bindId) : undefined;
    const warning = bound && this.#options.warningOf(bound);
    await announced?.();
    return warning === undefined ? reply : { ...reply, extra: { ...reply.extra, ginnel: { warning } } };
  }

  onAnswered(leg: ControlledLeg, agent: AgentIdentity, bindId: string): void {
    const endpoint = this.#options.binder.find(agent, bindId);
    if (endpoint === undefined || endpoint.isAnswered || !endpoint.legs.includes(leg)) return;
    endpoint.markAnswered();
    this.#options.onAnswered?.(endpoint);
  }

  unbind(_leg: ControlledLeg, agent: AgentIdentity, bindId: string): Promise<string | undefined> {
    const endpoint = this.#options.binder.unbind(agent, bindId);
    if (endpoint !== undefined) this.#options.online?.report.endpointEnded(endpoint.facts.id);
    return Promise.resolve(endpoint?.facts.url);
  }

  onEnded(leg: ControlledLeg): void {
    const { binder, registry, online } = this.#options;
    const wasReported = this.#settling.get(leg)?.end() === true;
    this.#settling.delete(leg);
    try {
      if (leg.agent !== undefined) binder.legEnded(leg.agent, leg);
    } finally {
      // Nothing else takes it out of the count.
      registry.onEnded(leg);
    }
    if (wasReported) online?.report.sessionEnded(leg.id);
  }

  /** The record of what an agent has online under this bind id. */
  liveEndpoint({ agent }: Pick<ControlledLeg, "agent">, bindId: string): LiveEndpoint | undefined {
    const endpoint = agent && this.#options.binder.find(agent, bindId);
    return endpoint && this.#options.online?.report.endpoint(endpoint.facts.id);
  }

  #reportSession(leg: ControlledLeg, { accountId, credentialId }: AgentIdentity, { agent }: AuthRequest): void {
    const { online, region, clock } = this.#options;
    online?.report.sessionStarted({
      id: leg.id,
      accountId,
      credentialId,
      nodeId: online.nodeId,
      agentVersion: agent.version,
      os: agent.os,
      ip: ipOf(leg.remoteAddress),
      metadata: agent.metadata,
      region,
      startedAt: clock.date(),
      transport: TRANSPORT,
    });
  }

  #reportEndpoint(leg: ControlledLeg, agent: AgentIdentity, request: BindRequest): void {
    const { binder, online, region, clock } = this.#options;
    const endpoint = online && binder.find(agent, request.bindId);
    // It may have been taken away again, or the session have ended, just behind the reply.
    if (endpoint === undefined || !endpoint.legs.includes(leg)) return;
    const where = { sessionId: leg.id, nodeId: online?.nodeId ?? "", region, startedAt: clock.date() };
    online?.report.endpointStarted(liveEndpointOf(endpoint.facts, request, where));
  }
}
