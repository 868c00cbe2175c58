import type { Clock } from "../base/clock.ts";
import { MUX_ERRORS } from "../protocol/mux/error-codes.ts";
import type { MuxStream } from "../protocol/mux/mux-stream.ts";
import { HeartbeatProbe } from "./heartbeat.ts";

/** Whether the peer echoes a heartbeat on this new stream within the time. Ends the stream. */
export function echoesWithin(stream: MuxStream, limitMs: number, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (isAlive: boolean): void => {
      probe.stop();
      // Not by its end: an agent of the Rust kind would never stop echoing it (protocol.md section 4).
      stream.reset(MUX_ERRORS.streamCancelled);
      resolve(isAlive);
    };
    const probe = new HeartbeatProbe(stream, { intervalMs: 0, toleranceMs: limitMs }, clock, {
      onRoundTrip: () => settle(true),
      onDead: () => settle(false),
    });
  });
}
