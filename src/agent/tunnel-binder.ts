/**
 * Asks the edge for the endpoints of tunnels: the first time in one session, then in all others that are up, again in every new one;
 * and gives them back.
 */
import { ProtocolError } from "../base/errors.ts";
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

  /** All endpoints of the tunnel, or none. @throws RemoteError, ProtocolError for a reply that cannot be, or what the gate rejects with */
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
    for (const tunnel of started.toReversed()) {
      this.#logStarted(tunnel);
      this.#logWarning(tunnel, tunnel.warning);
    }
    return started;
  }

  /**
   * One after the other, as other agents do. What is refused now is tried again in the next session; the others run. Never
   * rejects.
   */
  async rebindAll(session: AgentSession): Promise<void> {
    for (const tunnel of this.#tunnels.bound) {
      if (!session.isOpen) return;
      if (this.#tunnels.has(tunnel)) await this.#rebind(session, tunnel);
    }
  }

  /**
   * Gives the endpoint back in one session, which counts for all of them (protocol.md section 8). Without any the edge does it by
   * itself. Never rejects.
   */
  async unbind({ bindId, name }: Tunnel): Promise<void> {
    for (let session = this.#sessions.current; session !== undefined; session = this.#sessions.current) {
      try {
        await session.call(UNBIND, { bindId });
        return;
      } catch (error) {
        // The endpoint lives on in the others.
        if (isSessionLost(error)) continue;
        this.#services.log.warn("endpoint not given back", { obj: "tunnels", name, err: error });
        return;
      }
    }
  }

  /** Never rejects. */
  async #rebind(session: AgentSession, tunnel: Tunnel): Promise<void> {
    try {
      const reply = await this.#bindAgain(session, tunnel);
      const isMoved = tunnel.rebound(reply);
      this.#logWarning(tunnel, reply.extra.ginnel?.warning ?? "");
      // It was stopped meanwhile, and the edge may have heard that first.
      if (!this.#tunnels.has(tunnel)) await this.unbind(tunnel);
      else if (isMoved) this.#tellMoved(tunnel);
    } catch (error) {
      if (isSessionLost(error)) return;
      const facts = {
        obj: "tunnels",
        name: tunnel.name,
        err: error instanceof RemoteError ? refusalText(error) : error,
      };
      // While it is online over another session nobody misses this one.
      if (this.#sessions.current === session) this.#services.log.warn("tunnel not bound again", facts);
      else this.#services.log.debug("tunnel not bound in a further session", facts);
    }
  }

  /** A random address that is not to be had any more would keep the tunnel offline for ever: then any other will do. */
  async #bindAgain(session: AgentSession, tunnel: Tunnel): Promise<BindReply> {
    const { elsewhereRequest, name, publicUrl: url } = tunnel;
    try {
      return await session.call(BIND, tunnel.rebindRequest);
    } catch (error) {
      // While it is online over another session, its address is not lost.
      const mayMove = elsewhereRequest !== undefined && this.#sessions.current === session;
      if (!mayMove || !(error instanceof RemoteError)) throw error;
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
    const { session, reply } = await this.#place(request);
    const namesake = this.#tunnels.ofBind(reply.bindId);
    // Visitors of the one would come to the other. Giving it back would end that one too, so it goes with its session.
    if (namesake !== undefined) {
      const error = new ProtocolError(`The edge gave tunnel "${wish.name}" the id that tunnel "${namesake.name}" has.`);
      session.giveUp(error);
      throw error;
    }
    const { clock, capture: ring, metrics: total } = this.#services;
    const metrics = new TrafficMeters(clock.nowMs(), total);
    const capture = ring && tunnelCapture({ ring, tunnelName: wish.name, meter: metrics.http });
    const tunnel = new Tunnel({ definition, wish, forwarder, metrics, capture }, request, reply);
    this.#tunnels.addBound(tunnel);
    // Whoever started it does not wait for these.
    for (const further of this.#sessions.open) if (further !== session) void this.#rebind(further, tunnel);
    return tunnel;
  }

  /** In a session that is up, or in another one when that is lost meanwhile. */
  async #place(request: BindRequest): Promise<{ readonly session: AgentSession; readonly reply: BindReply }> {
    for (;;) {
      const session = await this.#sessions.wait();
      try {
        return { session, reply: await session.call(BIND, request) };
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

  #logWarning(tunnel: Tunnel, text: string): void {
    const { name, publicUrl: url } = tunnel;
    if (tunnel.warned(text)) this.#services.log.warn("the edge warns of a tunnel", { obj: "tunnels", name, url, text });
  }
}

function namesOf(wishes: readonly EndpointWish[]): readonly string[] {
  return wishes.map(({ name }) => name);
}

function isSessionLost(error: unknown): boolean {
  return error instanceof SessionError && error.reason === "session ended";
}
