import type { ExchangeTap } from "../../capture/exchange-tap.ts";
import type { DialError } from "../../net/dial-error.ts";
import type { Duplex } from "../../net/duplex.ts";
import { failedDialResponse } from "./failed-dial.ts";

/**
 * Shows a tap the request of a visitor whose upstream could not be connected to, as far as it came: `read`, and what waits
 * in the stream. Resolves a turn later; the stream is paused again then.
 */
export async function captureFailedDial(
  stream: Duplex,
  read: Uint8Array,
  failure: DialError,
  tap: ExchangeTap,
): Promise<void> {
  if (read.length > 0) tap.fromVisitor(read);
  const ignore = (): void => {};
  stream.listen({ onData: (bytes) => tap.fromVisitor(bytes), onDrain: ignore, onEnd: ignore, onClose: ignore });
  stream.resume();
  const waiting = Promise.withResolvers<void>();
  setImmediate(waiting.resolve);
  await waiting.promise;
  stream.pause();
  if (failure.reason === "aborted") tap.closed("visitor");
  else tap.unreachable(failedDialResponse(failure));
}
