import type { Clock } from "../../base/clock.ts";
import { DialAttempts } from "../../net/dial-attempts.ts";
import { DialError } from "../../net/dial-error.ts";
import type { Duplex } from "../../net/duplex.ts";
import type { OnFault } from "../../net/faults.ts";
import { type DialTarget, dialTcp } from "../../net/tcp-dial.ts";
import { connectTls } from "../../net/tls-client.ts";
import type { TlsContext } from "../../net/tls-context.ts";
import type { Upstream } from "./upstream.ts";

/** For name, connection and TLS together. */
export const UPSTREAM_TIMEOUT_MS = 10_000;

export interface UpstreamTls {
  readonly context: TlsContext;
  /** Asked for (SNI), and what the certificate must be for when it is verified. */
  readonly serverName: string;
  readonly verify: boolean;
  /** The upstream must agree to speak this protocol. */
  readonly alpn?: string;
}

export interface DialledUpstreamOptions {
  readonly label: string;
  readonly target: DialTarget;
  /** Present: the agent speaks TLS to the upstream. */
  readonly tls: UpstreamTls | undefined;
  /** See {@link UpstreamServices}. */
  readonly hasRoom?: (() => boolean) | undefined;
  /** See {@link UpstreamServices}. */
  readonly dials?: DialLimit | undefined;
  /** See {@link DialOptions}. */
  readonly mayDial?: ((address: string) => boolean) | undefined;
  readonly clock: Clock;
  readonly onFault: OnFault;
}

/** For each upstream; an upstream that answers nothing keeps no others from being dialled. */
export interface DialLimit {
  /** Attempts to connect at a time, also those that nobody waits for any more. */
  readonly maxAttempts: number;
  /** Those of all upstreams. */
  readonly attempts: DialAttempts;
}

/** An upstream behind a socket. A name is resolved anew for each connection. */
export class DialledUpstream implements Upstream {
  readonly #options: DialledUpstreamOptions;
  readonly #attempts: DialAttempts;

  constructor(options: DialledUpstreamOptions) {
    this.#options = options;
    this.#attempts = new DialAttempts(options.dials?.attempts);
  }

  get label(): string {
    return this.#options.label;
  }

  get isPlain(): boolean {
    return this.#options.tls === undefined;
  }

  async connect(signal: AbortSignal, prelude: Uint8Array | undefined): Promise<Duplex> {
    const { label, target, tls, hasRoom, dials, mayDial, clock, onFault } = this.#options;
    if (hasRoom?.() === false) throw new DialError("unreachable", `dial ${label}: too many open files`);
    const attempts = this.#attempts;
    if (dials !== undefined && attempts.underWay >= dials.maxAttempts) {
      throw new DialError("unreachable", `dial ${label}: too many attempts to connect are under way`);
    }
    const startedMs = clock.nowMs();
    const plain = await dialTcp(target, { timeoutMs: UPSTREAM_TIMEOUT_MS, signal, mayDial, attempts, clock, onFault });
    if (prelude !== undefined) plain.write(prelude);
    if (tls === undefined) return plain;
    const timeoutMs = Math.max(0, UPSTREAM_TIMEOUT_MS - (clock.nowMs() - startedMs));
    try {
      const alpn = tls.alpn === undefined ? undefined : [tls.alpn];
      const dialled = await connectTls(plain, { ...tls, alpn, timeoutMs, signal, clock, onFault });
      if (tls.alpn === undefined || dialled.alpn === tls.alpn) return dialled.connection;
      dialled.connection.reset();
      throw new DialError("tls", `dial tls ${tls.serverName}: the upstream does not agree to speak ${tls.alpn}`);
    } catch (cause) {
      // That it answered at all tells its user where to look: at TLS, not at the address.
      if (!(cause instanceof DialError) || cause.reason !== "timedOut") throw cause;
      throw new DialError("tls", cause.message, { cause });
    }
  }
}
