import type { CloseCause, Duplex } from "../../net/duplex.ts";

/**
 * A stream whose bytes nobody takes yet, because its upstream is still being connected. What its sender has under way waits
 * in it, bounded by its window; whoever listens next and resumes it gets everything.
 */
export class HeldStream {
  readonly #gone = new AbortController();

  constructor(stream: Duplex) {
    const ignore = (): void => {};
    stream.pause();
    // A paused stream hears nothing but its close.
    stream.listen({
      onData: ignore,
      onDrain: ignore,
      onEnd: ignore,
      onClose: (cause: CloseCause | undefined) => this.#gone.abort(cause),
    });
  }

  /** Aborted when the visitor has gone: what is being done for it is no longer needed. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }
}
