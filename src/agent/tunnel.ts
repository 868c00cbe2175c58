import { randomHex } from "../base/random.ts";
import type { Capture } from "../capture/exchange-recorder.ts";
import type { EndpointWish } from "../model/endpoint-wish.ts";
import type { TunnelDefinition } from "../model/tunnel-definition.ts";
import { formatUpstreamAddress } from "../model/upstream-address.ts";
import type { BindReply, BindRequest } from "../protocol/rpc/bind.ts";
import type { TrafficMeters } from "../telemetry/traffic-meters.ts";
import { rebindRequest } from "./bind-request.ts";
import type { Forwarder } from "./forwarder/forwarder.ts";

export interface TunnelParts {
  readonly definition: TunnelDefinition;
  readonly wish: EndpointWish;
  readonly forwarder: Forwarder;
  readonly metrics: TrafficMeters;
  /** Undefined when nothing is captured. */
  readonly capture: Capture | undefined;
}

/** A running tunnel with one public URL; a definition with two schemes runs as two (reference.md 3.2). */
export class Tunnel {
  /** 32 hexadecimal digits, new at each start. */
  readonly id: string = randomHex(16);
  readonly name: string;
  readonly definition: TunnelDefinition;
  /** The public scheme. */
  readonly proto: EndpointWish["proto"];
  /** The upstream as other programs compare it (clients.md K-118). */
  readonly address: string;
  /** Whether what passes is captured: it was asked for, and there is a place for it. */
  readonly inspect: boolean;
  readonly forwarder: Forwarder;
  /** Since the start of the tunnel, over all sessions. */
  readonly metrics: TrafficMeters;
  /** Undefined when its exchanges are not captured. */
  readonly capture: Capture | undefined;
  /** What visitors' streams name it by; stays the same over reconnects. */
  readonly bindId: string;
  /** What the edge had to say of it when it was started; empty for nothing. Not to be trusted with a terminal. */
  readonly warning: string;
  readonly #isAddressRandom: boolean;
  readonly #request: BindRequest;
  #reply: BindReply;
  #lastWarning = "";

  constructor({ definition, wish, forwarder, metrics, capture }: TunnelParts, request: BindRequest, reply: BindReply) {
    this.definition = definition;
    this.name = wish.name;
    this.proto = wish.proto;
    this.address = formatUpstreamAddress(definition.upstream);
    this.inspect = isInspectionWished(definition) && capture !== undefined;
    this.forwarder = forwarder;
    this.metrics = metrics;
    this.capture = this.inspect ? capture : undefined;
    this.bindId = reply.bindId;
    this.warning = reply.extra.ginnel?.warning ?? "";
    this.#isAddressRandom = wish.proto === "tcp" && wish.address === undefined;
    this.#request = request;
    this.#reply = reply;
  }

  get publicUrl(): string {
    return this.#reply.url;
  }

  /** As its edge got it, also of a file or URL; empty for none. */
  get trafficPolicy(): string {
    return this.#request.options.trafficPolicy;
  }

  /** Asks a new session for the same endpoint. */
  get rebindRequest(): BindRequest {
    return rebindRequest(this.#request, this.#reply);
  }

  /** As {@link rebindRequest}, for any address in place of the one it had; undefined when its user chose that. */
  get elsewhereRequest(): BindRequest | undefined {
    return this.#isAddressRandom ? { ...this.#request, bindId: this.bindId } : undefined;
  }

  /** The edge has this to say of it, empty for nothing. True when that is something, and not what it said before. */
  warned(text: string): boolean {
    if (text === "" || text === this.#lastWarning) return false;
    this.#lastWarning = text;
    return true;
  }

  /** True when the edge gave another URL than before. */
  rebound(reply: BindReply): boolean {
    const isMoved = reply.url !== this.#reply.url;
    // Edges may answer with another id; agents go on under their first (protocol.md section 8).
    this.#reply = { ...reply, bindId: this.bindId };
    return isMoved;
  }
}

/** Only HTTP can be inspected, and is unless its user says otherwise. */
export function isInspectionWished(definition: TunnelDefinition): boolean {
  return definition.proto === "http" && definition.inspect && definition.modules?.convertsWebSockets !== true;
}
