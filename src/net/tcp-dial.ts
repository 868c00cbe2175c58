import { isIP } from "node:net";
import { systemClock } from "../base/clock.ts";
import { bracketHost, formatHostPort } from "../base/host-port.ts";
import type { DialAttempts } from "./dial-attempts.ts";
import { connectFailure, DialError } from "./dial-error.ts";
import { resolveHost } from "./resolve.ts";
import { SocketDuplex, socketOptionsOf, type SocketOptions } from "./socket-duplex.ts";
import { limitUnsent } from "./unsent-limit.ts";

/** The next address is tried when the one before has not answered within this time (RFC 8305 section 5). */
const ATTEMPT_DELAY_MS = 250;

export type DialTarget =
  /** `host` is a name or an address, IPv6 without brackets. */
  { readonly host: string; readonly port: number } | { readonly unix: string };

export interface DialOptions extends SocketOptions {
  /** For everything: name, all addresses. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** The address of this machine to dial from. */
  readonly localAddress?: string;
  /** Addresses of name servers to ask in place of the system's. */
  readonly resolvers?: readonly string[];
  /** Asked of every address before it is dialled, also of those that a name leads to. False: it is left out. */
  readonly mayDial?: ((address: string) => boolean) | undefined;
  /** Where attempts are counted. */
  readonly attempts?: DialAttempts | undefined;
}

/**
 * Connects to the first address of the target that answers; attempts overlap, the slower ones are cut. The caller owns
 * the connection, which keeps what it receives until somebody listens.
 * @throws DialError
 */
export async function dialTcp(target: DialTarget, options: DialOptions): Promise<SocketDuplex> {
  return new Dial(target, options).run();
}

/** Bun's own connect can neither be timed nor cancelled, so what opens too late is cut here. */
class Dial {
  readonly #target: DialTarget;
  readonly #options: DialOptions;
  readonly #outcome = Promise.withResolvers<SocketDuplex>();
  #isOver = false;
  /** Addresses not tried yet. */
  #waiting: readonly string[] = [];
  #pending = 0;
  #firstFailure: DialError | undefined;
  #cancelNext: (() => void) | undefined;

  constructor(target: DialTarget, options: DialOptions) {
    this.#target = target;
    this.#options = options;
  }

  async run(): Promise<SocketDuplex> {
    const { timeoutMs, signal, clock = systemClock } = this.#options;
    const abort = (): void => this.#fail(new DialError("aborted", `dial ${this.#name()}: operation was canceled`));
    const cancelTimeout = clock.after(timeoutMs, () => {
      this.#fail(new DialError("timedOut", `dial ${this.#name()}: i/o timeout`));
    });
    signal?.addEventListener("abort", abort, { once: true });
    try {
      if (signal?.aborted) abort();
      else this.#start();
      return await this.#outcome.promise;
    } finally {
      cancelTimeout();
      this.#cancelNext?.();
      signal?.removeEventListener("abort", abort);
    }
  }

  #name(): string {
    return "unix" in this.#target ? `unix ${this.#target.unix}` : `tcp ${formatHostPort(this.#target)}`;
  }

  #start(): void {
    if ("unix" in this.#target) return this.#attempt({ unix: this.#target.unix }, `unix ${this.#target.unix}`);
    const { host } = this.#target;
    if (isIP(host) !== 0) return this.#tryAll([host]);
    resolveHost(host, this.#options.resolvers).then(
      (addresses) => this.#tryAll(addresses),
      (failure: DialError) => this.#fail(failure),
    );
  }

  #tryAll(addresses: readonly string[]): void {
    const { mayDial = () => true } = this.#options;
    this.#waiting = addresses.filter(mayDial);
    if (this.#waiting.length > 0) return this.#tryNext();
    this.#fail(new DialError("unreachable", `dial ${this.#name()}: its address is not allowed`));
  }

  #tryNext(): void {
    this.#cancelNext?.();
    if (this.#isOver || "unix" in this.#target) return;
    const [address, ...rest] = this.#waiting;
    if (address === undefined) return;
    this.#waiting = rest;
    const { port } = this.#target;
    const { localAddress, clock = systemClock } = this.#options;
    const from = localAddress === undefined ? {} : { localAddress };
    // First, since an attempt that fails at once goes on by itself.
    if (rest.length > 0) this.#cancelNext = clock.after(ATTEMPT_DELAY_MS, () => this.#tryNext());
    this.#attempt({ hostname: address, port, ...from }, `tcp ${bracketHost(address)}:${port}`);
  }

  #attempt(address: { unix: string } | { hostname: string; port: number }, where: string): void {
    this.#pending += 1;
    this.#options.attempts?.began();
    const connection = new SocketDuplex(socketOptionsOf(this.#options));
    const shared = { data: connection, allowHalfOpen: true, socket: SocketDuplex.events };
    const failed = (cause: unknown): void => this.#attemptFailed(connectFailure(where, cause));
    try {
      const connecting =
        "unix" in address
          ? Bun.connect<SocketDuplex>({ ...address, ...shared })
          : Bun.connect<SocketDuplex>({ ...address, ...shared });
      connecting.then((socket) => {
        limitUnsent(socket);
        this.#opened(connection);
      }, failed);
    } catch (cause) {
      // What cannot be asked for, such as port 65536, is refused at once.
      failed(cause);
    }
  }

  #opened(connection: SocketDuplex): void {
    this.#attemptEnded();
    if (this.#isOver) return connection.reset();
    this.#end();
    this.#outcome.resolve(connection);
  }

  #attemptFailed(failure: DialError): void {
    this.#attemptEnded();
    this.#firstFailure ??= failure;
    if (this.#waiting.length > 0) this.#tryNext();
    else if (this.#pending === 0) this.#fail(this.#firstFailure);
  }

  #fail(failure: DialError): void {
    if (this.#isOver) return;
    this.#end();
    this.#outcome.reject(failure);
  }

  #attemptEnded(): void {
    this.#pending -= 1;
    this.#options.attempts?.ended(this.#isOver);
  }

  #end(): void {
    this.#isOver = true;
    this.#options.attempts?.abandon(this.#pending);
  }
}
