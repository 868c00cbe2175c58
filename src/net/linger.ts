/** Ending a connection politely when its peer may still be sending. */
import type { Clock } from "../base/clock.ts";
import type { Duplex } from "./duplex.ts";

/** How long a peer may take to end its side after we ended ours. */
export const LINGER_MS = 5_000;

/**
 * Ends our direction and throws away what still arrives until the peer ends too, so that a late byte of the peer does not
 * destroy what it has not read yet (RFC 9112 section 9.6). After {@link LINGER_MS} the connection is reset. `onGone` is
 * called once it has closed.
 */
export function lingeringEnd(duplex: Duplex, clock: Clock, onGone?: () => void): void {
  const cancel = clock.after(LINGER_MS, () => duplex.reset());
  const ignore = (): void => {};
  const onClose = (): void => {
    cancel();
    onGone?.();
  };
  duplex.listen({ onData: ignore, onDrain: ignore, onEnd: ignore, onClose });
  duplex.resume();
  duplex.end();
}
