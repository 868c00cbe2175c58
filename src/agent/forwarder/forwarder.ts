/**
 * What becomes of the visitors of one tunnel: each brings a proxy stream, gets a connection of its own to the upstream, and
 * the two are joined. Made when the tunnel starts, so that what it needs from files is found missing then. This folder
 * knows streams and bytes; it knows nothing of sessions and public names.
 */
import { randomHex } from "../../base/random.ts";
import { type Capture, ExchangeRecorder } from "../../capture/exchange-recorder.ts";
import { ExchangeTap } from "../../capture/exchange-tap.ts";
import type { TunnelDefinition } from "../../model/tunnel-definition.ts";
import { DialError } from "../../net/dial-error.ts";
import type { Duplex } from "../../net/duplex.ts";
import { splice } from "../../net/splice.ts";
import { TlsHandshakeError } from "../../net/tls-handshake-error.ts";
import { MUX_ERRORS } from "../../protocol/mux/error-codes.ts";
import type { ProxyHeader } from "../../protocol/rpc/proxy-header.ts";
import { faultFacts } from "../../telemetry/fault-facts.ts";
import { joinedConnections } from "../../telemetry/log-messages.ts";
import type { TrafficMeters } from "../../telemetry/traffic-meters.ts";
import { openUpstream, type UpstreamServices } from "../upstream/open-upstream.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { answerFailedDial } from "./failed-dial.ts";
import { holdStream } from "./held-stream.ts";
import { rewrittenHost } from "./host-rewrite.ts";
import { forwardRewriting } from "./http-rewriter.ts";
import { MeteredConnection } from "./metered-connection.ts";
import { captureFailedDial } from "./missed-upstream.ts";
import { takeProxyPrelude } from "./proxy-prelude.ts";
import type { TapQueue } from "./tap-queue.ts";
import { TappedUpstream } from "./tapped-upstream.ts";
import { TlsTermination } from "./tls-termination.ts";

const JOIN_ID_BYTES = 6;
const NOTHING = new Uint8Array(0);

/** A proxy stream, as the edge opened it. */
export interface Visitor {
  readonly header: ProxyHeader;
  readonly stream: Duplex;
  /** What came with the header; may be empty. */
  readonly payload: Uint8Array;
  /** Whether the edge wants to know why a stream is reset in codes of ours. */
  readonly understandsResetCodes: boolean;
  /** It brings heads as the upstream is to see them: the Host header stays as it is. */
  readonly isRewritten?: boolean;
}

/** The tunnel that a visitor came to; the two of a pair share their forwarder. */
export interface VisitedTunnel {
  readonly name: string;
  readonly metrics: TrafficMeters;
  /** Undefined when nobody wants to see its exchanges; they are not read then. */
  readonly capture?: Capture | undefined;
}

export interface ForwarderServices extends UpstreamServices {
  /** One for all tunnels, so that their exchanges are recorded in the order in which they began. */
  readonly taps: TapQueue;
}

export class Forwarder {
  readonly #isHttp: boolean;
  readonly #upstream: Upstream;
  readonly #termination: TlsTermination | undefined;
  /** The Host that the upstream is to see, when it is not the visitor's. */
  readonly #host: string | undefined;
  /** Every visitor brings a PROXY header. */
  readonly #hasPrelude: boolean;
  /** It has to leave in another place than where it stands, or not at all. */
  readonly #movesPrelude: boolean;
  readonly #services: ForwarderServices;

  private constructor(
    tunnel: TunnelDefinition,
    upstream: Upstream,
    termination: TlsTermination | undefined,
    services: ForwarderServices,
  ) {
    this.#isHttp = tunnel.proto === "http" && tunnel.modules?.convertsWebSockets !== true;
    this.#upstream = upstream;
    this.#termination = termination;
    this.#host = tunnel.proto === "http" ? rewrittenHost(tunnel) : undefined;
    const isReadHere = termination !== undefined || this.#host !== undefined;
    this.#hasPrelude = tunnel.proxyProtocol !== undefined;
    this.#movesPrelude = this.#hasPrelude && (isReadHere || !upstream.isPlain);
    this.#services = services;
  }

  /** @throws UsageError when a file of the tunnel cannot be used, or a setting makes no sense */
  static async open(tunnel: TunnelDefinition, services: ForwarderServices): Promise<Forwarder> {
    const termination = tunnel.proto === "tls" ? tunnel.termination : undefined;
    const upstream = await openUpstream(tunnel, services);
    const opened = termination === undefined ? undefined : await TlsTermination.open(termination, services);
    return new Forwarder(tunnel, upstream, opened, services);
  }

  /** Takes the visitor's stream over. */
  forward(visitor: Visitor, tunnel: VisitedTunnel): void {
    const isPreludeTaken = this.#movesPrelude || (this.#hasPrelude && tunnel.capture !== undefined);
    if (!isPreludeTaken) return void this.#serve(visitor, tunnel, undefined);
    takeProxyPrelude(visitor.stream, visitor.payload, this.#services.clock, (prelude, payload) => {
      void this.#serve({ ...visitor, payload }, tunnel, prelude);
    });
  }

  /** Never rejects. Listens to the stream before it waits for anything. */
  async #serve(visitor: Visitor, tunnel: VisitedTunnel, prelude: Uint8Array | undefined): Promise<void> {
    try {
      if (this.#termination === undefined) return await this.#join(visitor, tunnel, prelude);
      const stream = await this.#termination.accept(visitor.stream, visitor.payload);
      await this.#join({ ...visitor, stream, payload: NOTHING }, tunnel, prelude);
    } catch (error) {
      if (error instanceof TlsHandshakeError) {
        this.#services.log.debug("visitor's TLS handshake failed", { obj: "join", err: error });
        return;
      }
      this.#services.log.error("visitor not served", { obj: "join", ...faultFacts(error) });
      visitor.stream.reset(MUX_ERRORS.internal);
    }
  }

  async #join(visitor: Visitor, tunnel: VisitedTunnel, prelude: Uint8Array | undefined): Promise<void> {
    const { stream, payload, understandsResetCodes } = visitor;
    const { clock, log } = this.#services;
    const signal = holdStream(stream);
    const tap = this.#tapOf(visitor, tunnel.capture);
    const dialled = await this.#connect(signal, prelude);
    if (dialled instanceof DialError) {
      if (tap !== undefined) await captureFailedDial(stream, payload, dialled, tap);
      answerFailedDial(stream, dialled, { understandsResetCodes, isHttp: this.#isHttp, clock });
      return;
    }
    const upstream = tap === undefined ? dialled : new TappedUpstream(dialled, tap, this.#services.taps);
    if (signal.aborted) {
      if (payload.length > 0) tap?.fromVisitor(payload);
      return upstream.reset();
    }
    joinedConnections(log, {
      id: randomHex(JOIN_ID_BYTES),
      upstream: this.#upstream.label,
      visitor: visitor.header.visitorAddress,
    });
    const connection = new MeteredConnection(stream, payload.length, tunnel.metrics, clock);
    if (this.#host === undefined || visitor.isRewritten === true) {
      splice(connection, upstream, { toSecond: payload });
      return;
    }
    const publicScheme = visitor.header.protocol === "http" ? "http" : "https";
    forwardRewriting(connection, upstream, payload, {
      rewrite: { host: this.#host, publicScheme },
      understandsResetCodes,
      clock,
    });
  }

  #tapOf({ header, payload }: Visitor, capture: Capture | undefined): ExchangeTap | undefined {
    if (capture === undefined) return undefined;
    const { clock, log } = this.#services;
    const tap = new ExchangeTap(new ExchangeRecorder(capture, header.visitorAddress), {
      clock,
      onFault: (fault) => log.error("exchange not captured", { obj: "join", ...faultFacts(fault) }),
    });
    if (payload.length > 0) tap.requestArrived();
    return tap;
  }

  async #connect(signal: AbortSignal, prelude: Uint8Array | undefined): Promise<Duplex | DialError> {
    try {
      return await this.#upstream.connect(signal, prelude);
    } catch (error) {
      if (!(error instanceof DialError)) throw error;
      if (error.reason !== "aborted") {
        this.#services.log.warn("upstream not reached", { obj: "join", l: this.#upstream.label, err: error });
      }
      return error;
    }
  }
}
