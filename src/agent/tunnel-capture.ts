import type { Capture } from "../capture/exchange-recorder.ts";
import type { ExchangeRing } from "../capture/exchange-ring.ts";
import type { ExchangeMeter } from "../telemetry/exchange-meter.ts";

/** What the capture of a tunnel's exchanges stands on. */
export interface CaptureParts {
  readonly ring: ExchangeRing;
  readonly tunnelName: string;
  /** Counts what is captured. */
  readonly meter: ExchangeMeter;
}

/** Where the exchanges of a tunnel go: into the ring, and through the tunnel's meter. */
export function tunnelCapture({ ring, tunnelName, meter }: CaptureParts): Capture {
  return {
    ring,
    tunnelName,
    watcher: {
      onStarted: (_exchange, atMs) => meter.started(atMs),
      onEnded: ({ endMs = 0 }, atMs) => meter.ended(endMs, atMs),
    },
  };
}
