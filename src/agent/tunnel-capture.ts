import type { Clock } from "../base/clock.ts";
import type { Capture } from "../capture/exchange-recorder.ts";
import type { ExchangeRing } from "../capture/exchange-ring.ts";
import type { ExchangeMeter } from "../telemetry/exchange-meter.ts";

/** What the capture of a tunnel's exchanges stands on. */
export interface CaptureParts {
  readonly ring: ExchangeRing;
  readonly tunnelName: string;
  /** Counts what is captured. */
  readonly meter: ExchangeMeter;
  readonly clock: Clock;
}

/** Where the exchanges of a tunnel go: into the ring, and through the tunnel's meter. */
export function tunnelCapture({ ring, tunnelName, meter, clock }: CaptureParts): Capture {
  return {
    ring,
    tunnelName,
    watcher: {
      onStarted: () => meter.started(clock.nowMs()),
      onEnded: ({ endMs = 0 }) => meter.ended(endMs, clock.nowMs()),
    },
  };
}
