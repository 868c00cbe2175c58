/**
 * The port where TLS arrives: visitors of https and tls endpoints, and agents. Looks at the ClientHello before anything is
 * decrypted, then at the first byte inside (protocol.md section 1).
 */
import { ProtocolError, PublicError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import type { Duplex } from "../net/duplex.ts";
import type { IdleWatch } from "../net/idle-watch.ts";
import { lingeringEnd } from "../net/linger.ts";
import type { TlsContext } from "../net/tls-context.ts";
import { acceptTls, type TlsConnection } from "../net/tls-server.ts";
import { TlsHandshakeError } from "../net/tls-handshake-error.ts";
import { sniff } from "../protocol/sniff.ts";
import { type ClientHello, ClientHelloReader } from "../protocol/tls/client-hello.ts";
import { faultFacts } from "../telemetry/fault-facts.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Endpoint } from "./endpoint.ts";
import type { EndpointTls } from "./endpoint-tls.ts";
import type { OpenVisitors } from "./open-visitors.ts";
import type { TlsHandshakes } from "./operations/tls-handshakes.ts";
import type { TlsWaitEnd } from "./visitor-routes.ts";
import { readStart } from "./start-of-connection.ts";
import { watchedWait } from "./watched-wait.ts";
import { ACME_TLS, type PendingChallenges } from "./certificates/pending-challenges.ts";
import type { TlsCertificates } from "./certificates/tls-certificates.ts";
import { errorAnswer } from "./visitors/error-page.ts";
import { ownResponse } from "./visitors/own-response.ts";

/** For the ClientHello, from the connection on. Real ones come in one or two packets. */
const HELLO_MS = 10_000;

/** Alert of level fatal, unrecognized_name (RFC 8446 section 6, RFC 6066 section 3). */
const UNRECOGNIZED_NAME = Uint8Array.of(0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x70);
const NOT_TLS = errorAnswer(new PublicError("ERR_GINNEL_NOT_TLS", {}), undefined);

export interface TlsPortServices {
  readonly certificates: TlsCertificates;
  /** What authorities come to see; absent where there is no authority. */
  readonly challenges?: PendingChallenges | undefined;
  /** See {@link VisitorRoutes.waitForTls}; `bytes` of the visitor are here. */
  readonly waitForTls?: (
    connection: Duplex,
    serverName: string,
    bytes: number,
    signal: AbortSignal,
  ) => Promise<TlsWaitEnd> | undefined;
  /** The endpoint that gets a visitor of this name without, or behind, our TLS. Asked once for each connection. */
  readonly chooseTlsEndpoint: (serverName: string) => Endpoint | undefined;
  /** How TLS ends for this name, where an endpoint behind our TLS asks for more than everybody gets. */
  readonly httpsTerms: (serverName: string) => EndpointTls | undefined;
  /** Whether it is still the visitors' way. */
  readonly isRouted: (endpoint: Endpoint) => boolean;
  readonly onRawVisitor: (connection: Duplex, endpoint: Endpoint, initial: Uint8Array) => void;
  readonly onHttpVisitor: (connection: Duplex, initial: Uint8Array, visitor: HttpsVisitor) => void;
  readonly onAgent: (connection: Duplex, initial: Uint8Array) => void;
  /** Connections are among them until they are handed on. */
  readonly visitors: OpenVisitors;
  readonly handshakes: TlsHandshakes;
  readonly clock: Clock;
  readonly idleWatch: IdleWatch;
  readonly handshakeMs: number;
  /** For the first byte behind the handshake. */
  readonly headMs: number;
  readonly log: Logger;
}

/** What the handshake of a visitor came to. */
export interface HttpsVisitor {
  readonly serverName: string | undefined;
  /** It was agreed to speak HTTP/2. */
  readonly speaksHttp2: boolean;
  /** What it was good for; see {@link EndpointTls.mark}. */
  readonly tlsMark: string | undefined;
}

/** A connection whose ClientHello is here. */
interface Arrival {
  readonly connection: Duplex;
  /** The bytes read so far. */
  readonly start: Uint8Array;
  readonly serverName: string | undefined;
  /** Protocols that are offered. */
  readonly alpn: readonly string[];
  /** Ends the handshake. */
  readonly cut: AbortController;
}

/** What a handshake is made with. */
interface HandshakeTerms {
  readonly context: TlsContext;
  readonly alpn: readonly string[] | undefined;
  readonly terms?: EndpointTls | undefined;
}

/** Some programs offer the older one alone (`curl --http1.0`), and would be refused without it (RFC 7301 section 3.2). */
const HTTP_1: readonly string[] = ["http/1.1", "http/1.0"];
const HTTP: readonly string[] = ["h2", ...HTTP_1];

/** Who is served on a port. */
export interface TlsPortCallers {
  readonly visitors: boolean;
  readonly agents: boolean;
}

export class TlsPort {
  readonly #services: TlsPortServices;
  readonly #callers: TlsPortCallers;

  constructor(services: TlsPortServices, callers: TlsPortCallers) {
    this.#services = services;
    this.#callers = callers;
  }

  /** Takes a connection that was just accepted. */
  accept(connection: Duplex): void {
    const reader = new ClientHelloReader();
    let hello: ClientHello | "more" | "none" = "more";
    readStart(connection, {
      visitors: this.#services.visitors,
      idleWatch: this.#services.idleWatch,
      limitMs: HELLO_MS,
      isWhole: (bytes) => {
        hello = readHello(reader, bytes);
        return hello !== "more";
      },
      onStart: (start) => this.#onStart(connection, start, hello),
    });
  }

  #onStart(connection: Duplex, start: Uint8Array, hello: ClientHello | "more" | "none"): void {
    if (typeof hello === "object") {
      const { serverName, alpn } = hello;
      void this.#serve({ connection, start, serverName, alpn, cut: new AbortController() });
      return;
    }
    this.#services.handshakes.add("not_tls");
    if (sniff(start) === "http1") {
      const date = this.#services.clock.date();
      connection.write(ownResponse(NOT_TLS, { toHead: false, keepsAlive: false, date }));
    }
    this.#dismiss(connection);
  }

  /** Never rejects. */
  async #serve(arrival: Arrival): Promise<void> {
    const { visitors } = this.#services;
    const shaking = {
      drain: (): void => {},
      // Whatever is being waited for finds the connection closed when it comes.
      cut: (): void => {
        arrival.cut.abort();
        arrival.connection.reset();
        visitors.remove(shaking);
      },
    };
    visitors.add(shaking, arrival.connection.remoteAddress);
    try {
      await this.#onHello(arrival);
    } catch (error) {
      this.#fail(arrival.connection, error);
    } finally {
      visitors.remove(shaking);
    }
  }

  async #onHello(arrival: Arrival): Promise<void> {
    const { connection, start, serverName, alpn } = arrival;
    const challenge = this.#services.challenges?.tlsContext(serverName, alpn);
    if (challenge !== undefined) {
      // Nothing is to be said inside (RFC 8737 section 3).
      this.#dismiss((await this.#handshake(arrival, { context: challenge, alpn: [ACME_TLS] })).connection);
      return;
    }
    if (serverName !== undefined && this.#callers.visitors) {
      const waiting = this.#services.waitForTls?.(connection, serverName, start.length, arrival.cut.signal);
      if (waiting !== undefined) return this.#wait(arrival, waiting);
    }
    await this.#welcome(arrival);
  }

  /** For a name on its way back. */
  async #wait(arrival: Arrival, waiting: Promise<TlsWaitEnd>): Promise<void> {
    const { connection, start, cut } = arrival;
    const over = waiting.then(() => {});
    const more = await watchedWait(connection, over, () => cut.abort());
    if (cut.signal.aborted || (await waiting) === "full") connection.reset();
    else await this.#welcome(more.length === 0 ? arrival : { ...arrival, start: Buffer.concat([start, more]) });
  }

  /** To the endpoint that serves its name, or into our own TLS. */
  async #welcome(arrival: Arrival): Promise<void> {
    const { connection, start, serverName } = arrival;
    const endpoint = this.#tlsEndpoint(serverName);
    const terms = endpoint === undefined ? this.#httpsTerms(serverName) : endpoint.facts.options.terminateTls;
    if (endpoint !== undefined && terms === undefined) {
      this.#services.onRawVisitor(connection, endpoint, start);
      return;
    }
    const tlsMark = terms?.mark;
    const context = await this.#context(arrival, terms);
    if (context === undefined) {
      this.#services.handshakes.add("unknown_name");
      connection.write(UNRECOGNIZED_NAME);
      this.#dismiss(connection);
      return;
    }
    const offered = endpoint === undefined ? this.#offered() : undefined;
    const inside = await this.#handshake(arrival, { context, alpn: offered, terms });
    if (endpoint === undefined) this.#onTls(inside, { serverName, tlsMark });
    // The handshake took its time: the name may be somebody else's by now.
    else if (!this.#services.isRouted(endpoint)) inside.connection.reset();
    else this.#services.onRawVisitor(inside.connection, endpoint, new Uint8Array(0));
  }

  #tlsEndpoint(serverName: string | undefined): Endpoint | undefined {
    return serverName === undefined || !this.#callers.visitors
      ? undefined
      : this.#services.chooseTlsEndpoint(serverName);
  }

  #httpsTerms(serverName: string | undefined): EndpointTls | undefined {
    return serverName === undefined || !this.#callers.visitors ? undefined : this.#services.httpsTerms(serverName);
  }

  /** `undefined` when nothing is served under the name, or there is no certificate for it. */
  async #context({ serverName, connection }: Arrival, terms: EndpointTls | undefined): Promise<TlsContext | undefined> {
    const { certificates } = this.#services;
    if (terms === undefined) return certificates.contextFor(serverName, connection);
    const certificate = terms.identity ?? (await certificates.certificateFor(serverName, connection));
    return certificate && terms.contextFor(certificate);
  }

  #offered(): readonly string[] {
    return this.#callers.visitors ? HTTP : HTTP_1;
  }

  async #handshake(
    { connection, start, cut }: Arrival,
    { context, alpn, terms }: HandshakeTerms,
  ): Promise<TlsConnection> {
    const { handshakes, handshakeMs: timeoutMs, clock } = this.#services;
    const clientCertificate = terms?.clientCertificate;
    const options = { context, alpn, timeoutMs, clock, clientCertificate, signal: cut.signal };
    const inside = await acceptTls(connection, start, options);
    if (terms?.isEnough(inside.peerCertificate) === false) {
      inside.connection.reset();
      throw new TlsHandshakeError("EPROTO", "the visitor showed no certificate");
    }
    handshakes.add("done");
    return inside;
  }

  /** An agent always speaks first, with a byte that no request begins with. */
  #onTls({ connection, alpn }: TlsConnection, handshake: Pick<HttpsVisitor, "serverName" | "tlsMark">): void {
    const { visitors, idleWatch, headMs, onAgent, onHttpVisitor } = this.#services;
    readStart(connection, {
      visitors,
      idleWatch,
      limitMs: headMs,
      isWhole: () => true,
      onStart: (start) => {
        const isAgent = sniff(start) === "mux";
        if (isAgent && this.#callers.agents) onAgent(connection, start);
        else if (!isAgent && this.#callers.visitors) {
          onHttpVisitor(connection, start, { ...handshake, speaksHttp2: alpn === "h2" });
        } else this.#dismiss(connection);
      },
    });
  }

  /** Counted until it has gone, since any stranger can come here; an edge that drains does not wait for it. */
  #dismiss(connection: Duplex): void {
    const { visitors, clock } = this.#services;
    const leaving = { drain: (): void => {}, cut: (): void => connection.reset() };
    visitors.onServed(leaving, connection.remoteAddress);
    lingeringEnd(connection, clock, () => visitors.remove(leaving));
  }

  #fail(connection: Duplex, error: unknown): void {
    connection.reset();
    if (error instanceof TlsHandshakeError) {
      this.#services.handshakes.addFailure(error);
      this.#services.log.debug("TLS handshake failed", { visitor: connection.remoteAddress, err: error });
    } else this.#services.log.error("a TLS connection could not be served", faultFacts(error));
  }
}

/** "none": what came is no TLS, or no hello that anybody could send in earnest. */
function readHello(reader: ClientHelloReader, bytes: Uint8Array): ClientHello | "more" | "none" {
  try {
    return reader.receive(bytes);
  } catch (error) {
    if (error instanceof ProtocolError) return "none";
    throw error;
  }
}
