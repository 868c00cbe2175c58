/** Asks the edge for the endpoints of tunnels: the first time, again in every new session, and gives them back. */
import type { ExchangeRing } from "../capture/exchange-ring.ts";
import { type EndpointWish, endpointWishes } from "../model/endpoint-wish.ts";
import { refuseUnsupported, type TunnelDefinition } from "../model/tunnel-definition.ts";
import type { AgentSession } from "../net/agent-session.ts";
import { SessionError } from "../net/session-error.ts";
import { UNBIND } from "../protocol/rpc/agent-calls.ts";
import { BIND, type BindReply, type BindRequest } from "../protocol/rpc/bind.ts";
import { RemoteError } from "../protocol/rpc/rpc-error.ts";
import { ignoringInspect, startedTunnel } from "../telemetry/log-messages.ts";
import { TrafficMeters } from "../telemetry/traffic-meters.ts";
import { bindRequest } from "./bind-request.ts";
import { type EdgeTlsTexts, edgeTlsTexts } from "./edge-tls-texts.ts";
import { Forwarder, type ForwarderServices } from "./forwarder/forwarder.ts";
import type { SessionGate } from "./session-gate.ts";
import { refusalText } from "./session-refusal.ts";
import { isInspectionWished, Tunnel } from "./tunnel.ts";
import { trafficPolicyText } from "./traffic-policy-text.ts";
import { tunnelCapture } from "./tunnel-capture.ts";
import type { TunnelSet } from "./tunnel-set.ts";

/** A tunnel whose names are reserved and whose files are read. */
export interface PreparedTunnel {
  readonly definition: TunnelDefinition;
  readonly wishes: readonly EndpointWish[];
  readonly forwarder: Forwarder;
  /** Empty for none. */
  readonly trafficPolicy: string;
  readonly edgeTls: EdgeTlsTexts;
}

export interface TunnelBinderServices extends ForwarderServices {
  /** Of all tunnels. */
  readonly metrics: TrafficMeters;
  /** Keeps the exchanges of tunnels that may be inspected; undefined when nothing is captured. */
  readonly capture?: ExchangeRing | undefined;
  /** A tunnel has another URL than before. */
  readonly onMoved: (tunnel: Tunnel) => void;
}

export class TunnelBinder {
  readonly #sessions: SessionGate;
  readonly #tunnels: TunnelSet;
  readonly #services: TunnelBinderServices;

  constructor(sessions: SessionGate, tunnels: TunnelSet, services: TunnelBinderServices) {
    this.#sessions = sessions;
    this.#tunnels = tunnels;
    this.#services = services;
  }

  /** To be followed by {@link bindAll} or {@link discard}. @throws UsageError before the edge hears anything */
  async prepare(definition: TunnelDefinition): Promise<PreparedTunnel> {
    refuseUnsupported(definition);
    const wishes = endpointWishes(definition);
    this.#tunnels.reserve(namesOf(wishes));
    try {
      const trafficPolicy = await trafficPolicyText(definition, this.#services.clock);
      const edgeTls = await edgeTlsTexts(definition, this.#services.clock);
      return {
        definition,
        wishes,
        trafficPolicy,
        edgeTls,
        forwarder: await Forwarder.open(definition, this.#services),
      };
    } catch (error) {
      this.#tunnels.release(namesOf(wishes));
      throw error;
    }
  }

  discard({ wishes }: PreparedTunnel): void {
    this.#tunnels.release(namesOf(wishes));
  }

  /** All endpoints of the tunnel, or none. @throws RemoteError, or what the gate rejects with */
  async bindAll(prepared: PreparedTunnel): Promise<readonly Tunnel[]> {
    const bound: Tunnel[] = [];
    try {
      for (const wish of prepared.wishes) bound.push(await this.#bind(prepared, wish, bound[0]?.publicUrl));
    } catch (error) {
      for (const tunnel of bound) this.#tunnels.remove(tunnel);
      this.discard(prepared);
      await Promise.all(bound.map((tunnel) => this.unbind(tunnel)));
      throw error;
    }
    // The edge may have taken one away while the other was bound.
    const started = bound.filter((tunnel) => this.#tunnels.has(tunnel));
    for (const tunnel of started) this.#tunnels.addStarted(tunnel);
    const { definition } = prepared;
    const { capture, log } = this.#services;
    if (isInspectionWished(definition) && capture === undefined) ignoringInspect(log, definition.name);
    // Readers of the log expect http before https (clients.md K-095).
    for (const tunnel of started.toReversed()) this.#logStarted(tunnel);
    return started;
  }

  /**
   * One after the other, as other agents do. What is refused now is tried again in the next session; the others run. Never
   * rejects.
   */
  async rebindAll(session: AgentSession): Promise<void> {
    for (const tunnel of this.#tunnels.bound) {
      if (!this.#tunnels.has(tunnel)) continue;
      try {
        const isMoved = tunnel.rebound(await this.#bindAgain(session, tunnel));
        if (!this.#tunnels.has(tunnel)) await this.unbind(tunnel);
        else if (isMoved) this.#tellMoved(tunnel);
      } catch (error) {
        if (isSessionLost(error)) return;
        const err = error instanceof RemoteError ? refusalText(error) : error;
        this.#services.log.warn("tunnel not bound again", { obj: "tunnels", name: tunnel.name, err });
      }
    }
  }

  /** Gives the endpoint back, if there is a session: without one the edge does it by itself. Never rejects. */
  async unbind({ bindId, name }: Tunnel): Promise<void> {
    try {
      await this.#sessions.current?.call(UNBIND, { bindId });
    } catch (error) {
      if (isSessionLost(error)) return;
      this.#services.log.warn("endpoint not given back", { obj: "tunnels", name, err: error });
    }
  }

  /** A random address that is not to be had any more would keep the tunnel offline for ever: then any other will do. */
  async #bindAgain(session: AgentSession, tunnel: Tunnel): Promise<BindReply> {
    const { elsewhereRequest, name, publicUrl: url } = tunnel;
    try {
      return await session.call(BIND, tunnel.rebindRequest);
    } catch (error) {
      if (elsewhereRequest === undefined || !(error instanceof RemoteError)) throw error;
      const err = refusalText(error);
      this.#services.log.warn("public address lost, asking for another one", { obj: "tunnels", name, url, err });
      return session.call(BIND, elsewhereRequest);
    }
  }

  async #bind(
    { definition, forwarder, trafficPolicy, edgeTls }: PreparedTunnel,
    wish: EndpointWish,
    partnerUrl: string | undefined,
  ): Promise<Tunnel> {
    const request = bindRequest(definition, wish, { partnerUrl, trafficPolicy, edgeTls });
    const reply = await this.#place(request);
    const { clock, capture: ring, metrics: total } = this.#services;
    const metrics = new TrafficMeters(clock.nowMs(), total);
    const capture = ring && tunnelCapture({ ring, tunnelName: wish.name, meter: metrics.http });
    const tunnel = new Tunnel({ definition, wish, forwarder, metrics, capture }, request, reply);
    this.#tunnels.addBound(tunnel);
    return tunnel;
  }

  /** In the session that is up, or in the next one when that is lost meanwhile. */
  async #place(request: BindRequest): Promise<BindReply> {
    for (;;) {
      const session = await this.#sessions.wait();
      try {
        return await session.call(BIND, request);
      } catch (error) {
        if (!isSessionLost(error)) throw error;
      }
    }
  }

  #tellMoved(tunnel: Tunnel): void {
    this.#logStarted(tunnel);
    this.#services.onMoved(tunnel);
  }

  #logStarted({ name, definition: { proto }, address: addr, publicUrl: url }: Tunnel): void {
    startedTunnel(this.#services.log, { name, proto, addr, url });
  }
}

function namesOf(wishes: readonly EndpointWish[]): readonly string[] {
  return wishes.map(({ name }) => name);
}

function isSessionLost(error: unknown): boolean {
  return error instanceof SessionError && error.reason === "session ended";
}
