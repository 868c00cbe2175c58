/**
 * TLS on a socket that is already open. The one place that uses what Bun does not document: `isServer`, `initialData` and
 * `secureContext` of `upgradeTLS`, which node:tls itself is built on.
 */
import type { Socket } from "bun";
import type { SecureContext } from "node:tls";
import { systemClock } from "../base/clock.ts";
import { type DetachedSocket, SocketDuplex, socketOptionsOf, type SocketOptions } from "./socket-duplex.ts";
import type { TlsContext } from "./tls-context.ts";
import { TlsHandshakeError } from "./tls-handshake-error.ts";

/** How long a peer may take for its handshake, unless said otherwise. */
export const HANDSHAKE_TIMEOUT_MS = 60_000;

export interface UpgradeOptions extends SocketOptions {
  readonly context: TlsContext;
  /** Protocols to offer or accept, preferred first. Without it none are negotiated. */
  readonly alpn?: readonly string[] | undefined;
  /** For the whole handshake; default {@link HANDSHAKE_TIMEOUT_MS}. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type UpgradeRole =
  | {
      readonly side: "server";
      /** What was read from the socket before: the ClientHello, whole or in part. */
      readonly read: Uint8Array;
      readonly requestCertificate: boolean;
      /** Refuses a peer without a certificate that the context's authorities signed. */
      readonly requireCertificate: boolean;
    }
  | {
      readonly side: "client";
      /** The name to ask for and to hold the certificate against; without it neither happens. */
      readonly serverName: string | undefined;
      readonly verify: boolean;
    };

export interface Upgraded {
  readonly connection: SocketDuplex;
  readonly socket: Socket<SocketDuplex>;
  /** Why the peer's certificate, where there is one, is not trusted. */
  readonly untrusted: Error | undefined;
}

/**
 * In the place of those whose socket went into TLS: what the socket below still has to tell is for nobody. Without it each connection
 * would have two of these for as long as it is open.
 */
const UPGRADED = new SocketDuplex();

/** What Bun takes beyond its types. */
interface UndocumentedUpgrade extends Bun.TLSUpgradeOptions<SocketDuplex> {
  readonly isServer?: boolean;
  readonly initialData?: Uint8Array;
  /** The object inside a {@link SecureContext}. */
  readonly secureContext: unknown;
}

/**
 * Does the handshake and hands over the connection inside. `plain` is used up, whatever happens; may be paused.
 * @throws TlsHandshakeError
 */
export async function upgradeToTls(plain: SocketDuplex, role: UpgradeRole, options: UpgradeOptions): Promise<Upgraded> {
  const detached = plain.detach();
  if (detached === undefined) {
    plain.reset();
    throw new TlsHandshakeError("ECONNRESET", "closed before the handshake");
  }
  const hindrance = hindranceOf(detached, role, options);
  if (hindrance !== undefined) {
    detached.socket.terminate();
    throw hindrance;
  }
  const connection = new SocketDuplex(socketOptionsOf(options));
  if (detached.standsFor !== undefined) connection.standFor(detached.standsFor);
  const ended = handshakeEnd(connection, options);
  const socket = startTls(detached, upgradeParameters(connection, role, options, detached.unread));
  const { ok, error } = await ended;
  const isRefused = role.side === "server" ? role.requireCertificate && error !== undefined : role.verify && !ok;
  // Bun closes refused connections itself, after its alert; a reset from here could overtake that.
  if (isRefused || isBroken(ok, error)) throw TlsHandshakeError.of(error);
  return { connection, socket, untrusted: error };
}

/** Why TLS cannot start. */
function hindranceOf(
  { unread }: DetachedSocket,
  { side }: UpgradeRole,
  { signal }: UpgradeOptions,
): TlsHandshakeError | undefined {
  if (signal?.aborted === true) return canceled();
  const isTooEarly = side === "client" && unread.length > 0;
  return isTooEarly ? new TlsHandshakeError("EPROTO", "the peer spoke before the handshake") : undefined;
}

function canceled(): TlsHandshakeError {
  return new TlsHandshakeError("ABORT_ERR", "operation was canceled");
}

function startTls({ socket }: DetachedSocket, parameters: UndocumentedUpgrade): Socket<SocketDuplex> {
  try {
    const [below, secured] = socket.upgradeTLS(parameters);
    below.data = UPGRADED;
    // A socket that was paused stays so below TLS.
    secured.resume();
    return secured;
  } catch (cause) {
    socket.terminate();
    parameters.data?.reset();
    throw new TlsHandshakeError("EPROTO", "TLS cannot start on this socket", { cause });
  }
}

function upgradeParameters(
  connection: SocketDuplex,
  role: UpgradeRole,
  { context, alpn }: UpgradeOptions,
  unread: readonly Uint8Array[],
): UndocumentedUpgrade {
  const offered = alpn === undefined ? {} : { ALPNProtocols: alpnWire(alpn) };
  const shared = { data: connection, socket: SocketDuplex.events, secureContext: innerContext(context.secure) };
  if (role.side === "server") {
    const tls = { ...offered, requestCert: role.requestCertificate, rejectUnauthorized: role.requireCertificate };
    const initialData = unread.length === 0 ? role.read : Buffer.concat([role.read, ...unread]);
    return { ...shared, isServer: true, initialData, tls };
  }
  const name = role.serverName === undefined ? {} : { serverName: role.serverName };
  return { ...shared, isServer: false, tls: { ...offered, ...name, rejectUnauthorized: role.verify } };
}

/** node:tls types hide the native object that every SecureContext carries. */
function innerContext(secure: SecureContext): unknown {
  return secure.context;
}

interface HandshakeEnd {
  readonly ok: boolean;
  readonly error: Error | undefined;
}

function handshakeEnd(connection: SocketDuplex, options: UpgradeOptions): Promise<HandshakeEnd> {
  const { timeoutMs = HANDSHAKE_TIMEOUT_MS, clock = systemClock, signal } = options;
  const { promise, resolve, reject } = Promise.withResolvers<HandshakeEnd>();
  const fail = (failure: TlsHandshakeError): void => {
    reject(failure);
    connection.reset();
  };
  const abort = (): void => fail(canceled());
  const cancelTimeout = clock.after(timeoutMs, () => fail(new TlsHandshakeError("ETIMEDOUT", "TLS handshake timeout")));
  signal?.addEventListener("abort", abort, { once: true });
  connection.onHandshake((ok, error) => {
    cancelTimeout();
    signal?.removeEventListener("abort", abort);
    resolve({ ok, error });
  });
  return promise;
}

/** A handshake that did not come to its end, in contrast to one whose certificate is not trusted. */
function isBroken(ok: boolean, error: Error | undefined): boolean {
  if (ok) return false;
  const code = error !== undefined && "code" in error ? error.code : "ECONNRESET";
  return code === "ECONNRESET" || code === "EPROTO";
}

/** By the list, of which there are few. */
const ALPN_WIRES = new WeakMap<readonly string[], Buffer>();

/** RFC 7301 section 3.1: each name behind its length. Bun takes nothing else here. */
function alpnWire(names: readonly string[]): Buffer {
  const known = ALPN_WIRES.get(names);
  if (known !== undefined) return known;
  const wire = Buffer.from(names.map((name) => `${String.fromCodePoint(name.length)}${name}`).join(""), "latin1");
  ALPN_WIRES.set(names, wire);
  return wire;
}
