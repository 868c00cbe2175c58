import { systemClock } from "../base/clock.ts";
import { ProtocolError } from "../base/errors.ts";
import type { HostPort } from "../base/host-port.ts";
import { HttpConnect } from "../protocol/outbound-proxy/http-connect.ts";
import type { HandshakeStep, ProxyHandshake } from "../protocol/outbound-proxy/proxy-handshake.ts";
import { type OutboundProxy, proxyLabel } from "../protocol/outbound-proxy/proxy-url.ts";
import { Socks5Handshake } from "../protocol/outbound-proxy/socks5.ts";
import { type DialFailure, DialError } from "./dial-error.ts";
import type { CloseCause, DuplexHandler } from "./duplex.ts";
import { SocketDuplex } from "./socket-duplex.ts";
import { type DialOptions, dialTcp } from "./tcp-dial.ts";
import { connectTls } from "./tls-client.ts";
import { clientTlsContext, type TlsContext } from "./tls-context.ts";

export interface ProxyDialOptions extends DialOptions {
  /** Whom to trust when the proxy itself speaks TLS; default: the authorities of this machine. */
  readonly proxyContext?: TlsContext;
}

/**
 * Connects to the target by way of the proxy, within `timeoutMs` for everything. The caller owns the connection, which
 * keeps what it receives until somebody listens; its `remoteAddress` is the proxy's.
 * @throws DialError that names the proxy without its credentials; RangeError, before anything is dialled, for a target that
 * no proxy could be asked for.
 */
export async function dialThroughProxy(
  target: HostPort,
  proxy: OutboundProxy,
  options: ProxyDialOptions,
): Promise<SocketDuplex> {
  const { clock = systemClock, timeoutMs } = options;
  const startedMs = clock.nowMs();
  const handshake = handshakeWith(proxy, target);
  try {
    const plain = await dialTcp(proxy, options);
    const left = (): ProxyDialOptions => ({
      ...options,
      timeoutMs: Math.max(0, timeoutMs - (clock.nowMs() - startedMs)),
    });
    const connection = proxy.scheme === "https" ? await secured(plain, proxy, left()) : plain;
    await new Negotiation(connection, handshake).run(left());
    return connection;
  } catch (cause) {
    if (!(cause instanceof DialError)) throw cause;
    throw new DialError(cause.reason, `proxy ${proxyLabel(proxy)}: ${cause.message}`, { cause });
  }
}

async function secured(plain: SocketDuplex, proxy: OutboundProxy, options: ProxyDialOptions): Promise<SocketDuplex> {
  const { proxyContext: context = clientTlsContext("host") } = options;
  const { connection } = await connectTls(plain, { ...options, context, serverName: proxy.host, verify: true });
  if (connection instanceof SocketDuplex) return connection;
  throw new Error("TLS over a socket is a socket");
}

function handshakeWith(proxy: OutboundProxy, target: HostPort): ProxyHandshake {
  return proxy.scheme === "socks5"
    ? new Socks5Handshake(target, proxy.credentials)
    : new HttpConnect(target, proxy.credentials);
}

/** Plays one handshake over a connection, and lets go of the connection or resets it. */
class Negotiation implements DuplexHandler {
  readonly #connection: SocketDuplex;
  readonly #handshake: ProxyHandshake;
  readonly #outcome = Promise.withResolvers<void>();
  #isOver = false;

  constructor(connection: SocketDuplex, handshake: ProxyHandshake) {
    this.#connection = connection;
    this.#handshake = handshake;
  }

  /** @throws DialError whose message does not name the proxy yet. */
  async run({ timeoutMs, signal, clock = systemClock }: DialOptions): Promise<void> {
    const abort = (): void => this.#fail("aborted", "operation was canceled");
    const cancelTimeout = clock.after(timeoutMs, () => this.#fail("timedOut", "no answer in time"));
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
    else this.#start();
    try {
      await this.#outcome.promise;
    } finally {
      cancelTimeout();
      signal?.removeEventListener("abort", abort);
    }
  }

  #start(): void {
    this.#connection.listen(this);
    this.#connection.write(this.#handshake.start());
  }

  onData(bytes: Uint8Array): void {
    if (this.#isOver) return;
    const step = this.#receive(bytes);
    if (step === undefined || step === "more") return;
    switch (step.type) {
      case "send":
        this.#connection.write(step.bytes);
        return;
      case "established":
        this.#isOver = true;
        this.#connection.release(step.rest);
        this.#outcome.resolve();
        return;
      case "refused":
        this.#fail("refused", step.reason);
        return;
      default:
        step satisfies never;
    }
  }

  onDrain(): void {
    // a handshake is far smaller than any buffer
  }

  onEnd(): void {
    this.#fail("refused", "ended the connection before it was through");
  }

  onClose(cause: CloseCause | undefined): void {
    this.#fail("refused", `closed the connection before it was through${cause ? ` (${cause.code})` : ""}`);
  }

  /** `undefined` when the proxy broke its protocol. */
  #receive(bytes: Uint8Array): HandshakeStep | undefined {
    try {
      return this.#handshake.receive(bytes);
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause;
      this.#fail("refused", cause.message, cause);
      return undefined;
    }
  }

  #fail(reason: DialFailure, message: string, cause?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#connection.reset();
    this.#outcome.reject(new DialError(reason, message, { cause }));
  }
}
