import type { CloseCause, Duplex } from "../../net/duplex.ts";

/**
 * Keeps a stream whose bytes nobody takes yet, because its upstream is still being connected. What its sender has under way
 * waits in it, bounded by its window; whoever listens next and resumes it gets everything. The signal is aborted when the
 * visitor has gone meanwhile: what is being done for it is no longer needed.
 */
export function holdStream(stream: Duplex): AbortSignal {
  const gone = new AbortController();
  const ignore = (): void => {};
  stream.pause();
  // A paused stream hears nothing but its close.
  stream.listen({
    onData: ignore,
    onDrain: ignore,
    onEnd: ignore,
    onClose: (cause: CloseCause | undefined) => gone.abort(cause),
  });
  return gone.signal;
}
