import { type Clock, systemClock } from "../base/clock.ts";
import { UsageError } from "../base/errors.ts";
import type { Exchange } from "../capture/exchange.ts";
import type { ExchangeRing } from "../capture/exchange-ring.ts";
import type { ProxyProtocolVersion } from "../model/tunnel-definition.ts";
import type { Duplex } from "../net/duplex.ts";
import { lingeringEnd } from "../net/linger.ts";
import { pipe } from "../net/pipe.ts";
import { encodeVersion1 } from "../protocol/proxyproto/version-1.ts";
import { encodeVersion2 } from "../protocol/proxyproto/version-2.ts";
import { repeatedRequest, type ReplayChanges } from "./repeated-request.ts";
import type { Tunnel } from "./tunnel.ts";

export type { ReplayChanges };

/** A replay that has no response by then counts as recorded, as far as it came. */
export const REPLAY_TIMEOUT_MS = 30_000;
export const MAX_REPLAY_TIMES = 100;
/** A connection that closes without an exchange being recorded has met a fault of ours; what is under way still counts. */
const CLOSE_GRACE_MS = 1_000;
/** Nobody visits: the request comes from this machine. */
const REPLAY_ADDRESS = "127.0.0.1:0";

export interface ReplayOptions {
  /** Whose upstream gets the request. */
  readonly tunnel: Pick<Tunnel, "name" | "proto" | "bindId" | "definition" | "forwarder" | "metrics" | "capture">;
  /** Gets the new exchange, also when the tunnel itself is not inspected. */
  readonly ring: ExchangeRing;
  readonly changes?: ReplayChanges | undefined;
  /** One after the other; 1 when absent. */
  readonly times?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** For callers who stay. */
const NEVER = new AbortController().signal;

/**
 * Sends the request of an exchange to the upstream of a tunnel once more, without the edge, as a new exchange that says what
 * it repeats (reference.md 3.4). Resolves when that is recorded, whatever becomes of it: answered, cut, unreachable, or not
 * answered within {@link REPLAY_TIMEOUT_MS}. Of an upgrade the answer is recorded, and the connection ends.
 * The signal cuts the repetition that is under way, which is recorded as cut, and no further one is sent.
 * @throws UsageError when the request cannot be repeated, or the changes make none; the reason of the signal
 */
export async function replay(exchange: Exchange, options: ReplayOptions, signal: AbortSignal = NEVER): Promise<void> {
  const { tunnel, changes, times = 1 } = options;
  if (tunnel.definition.proto !== "http") {
    throw new UsageError(
      `tunnel "${tunnel.name}" cannot repeat a request: it does not speak HTTP; choose another tunnel`,
    );
  }
  if (!Number.isInteger(times) || times < 1 || times > MAX_REPLAY_TIMES) {
    throw new UsageError(`a request cannot be repeated ${times} times; choose a number from 1 to ${MAX_REPLAY_TIMES}`);
  }
  const request = repeatedRequest(exchange.request, changes);
  for (let time = 0; time < times; time++) {
    signal.throwIfAborted();
    await replayOnce(exchange, request, options, signal);
  }
  signal.throwIfAborted();
}

async function replayOnce(
  exchange: Exchange,
  request: Uint8Array,
  { tunnel, ring, clock = systemClock }: ReplayOptions,
  signal: AbortSignal,
): Promise<void> {
  const recorded = Promise.withResolvers<void>();
  const [stream, visitor] = pipe({ remoteAddresses: [REPLAY_ADDRESS, "<replay>"] });
  const watcher = {
    onStarted: (repeated: Exchange, atMs: number) => tunnel.capture?.watcher?.onStarted?.(repeated, atMs),
    onResponse: ({ response }: Exchange) => {
      // Only that of an upgrade is whole with its head. The status is not there when the ring has no room for it.
      if (response?.isWhole) recorded.resolve();
    },
    onEnded: (repeated: Exchange, atMs: number) => {
      tunnel.capture?.watcher?.onEnded?.(repeated, atMs);
      recorded.resolve();
    },
  };
  const capture = { ring, tunnelName: tunnel.name, replayOf: exchange.id, watcher };
  const header = {
    bindId: tunnel.bindId,
    visitorAddress: REPLAY_ADDRESS,
    protocol: tunnel.proto,
    edgeType: "0",
    passesTlsThrough: false,
  };
  tunnel.forwarder.forward(
    { header, stream, payload: NOTHING, understandsResetCodes: true, isRewritten: isRewritten(exchange, tunnel.name) },
    { name: tunnel.name, metrics: tunnel.metrics, capture },
  );
  const cut = (): void => visitor.reset();
  signal.addEventListener("abort", cut);
  let cancelTimeout = clock.after(REPLAY_TIMEOUT_MS, cut);
  readAndForget(visitor, () => {
    cancelTimeout();
    cancelTimeout = clock.after(CLOSE_GRACE_MS, recorded.resolve);
  });
  const { proxyProtocol } = tunnel.definition;
  if (proxyProtocol !== undefined) visitor.write(localHeader(proxyProtocol));
  visitor.write(request);
  await recorded.promise;
  signal.removeEventListener("abort", cut);
  cancelTimeout();
  lingeringEnd(visitor, clock);
}

/** A request that was forwarded has the Host that its upstream is to see; for another upstream it is made anew. */
function isRewritten({ tunnelName, outcome }: Exchange, replayedOn: string): boolean {
  return tunnelName === replayedOn && outcome !== "unreachable";
}

function readAndForget(visitor: Duplex, onClose: () => void): void {
  const ignore = (): void => {};
  visitor.listen({ onData: ignore, onDrain: ignore, onEnd: ignore, onClose });
}

function localHeader(version: ProxyProtocolVersion): Uint8Array {
  return version === 1 ? encodeVersion1({ type: "local" }) : encodeVersion2({ type: "local" });
}

const NOTHING = new Uint8Array(0);
