import type { Clock } from "../../base/clock.ts";

/** Time for a caller to take a piece of an answer: far more than anybody needs who reads at all. */
export const WRITE_DEADLINE_MS = 30_000;

export interface WriteDeadlineOptions {
  readonly clock: Clock;
  /** Called when the caller has not taken a piece in time, or the source has failed; the source is cancelled then. */
  readonly onStuck: () => void;
  /** Called with what the source has failed by. Nobody else is told of it. */
  readonly onFailure: (failure: unknown) => void;
}

/**
 * Hands a stream on piece by piece, the next one when the last is with the system. Callers who do not read hold that up once
 * the buffers of the system are full, which takes a few MiB. An answer that cannot be told to its end ends in an error without a
 * reason: the runtime cuts the connection, and writes any reason to stderr, where programs look for that of our end
 * (clients.md K-030).
 */
export function withWriteDeadline(
  source: ReadableStream<Uint8Array>,
  { clock, onStuck, onFailure }: WriteDeadlineOptions,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  let cancelDeadline = (): void => {};
  const stuck = (): void => {
    cancelDeadline();
    leave(reader);
    onStuck();
  };
  // A failure would reach nobody before the next piece is asked for.
  reader.closed.catch((failure: unknown) => {
    onFailure(failure);
    stuck();
  });
  return new ReadableStream<Uint8Array>(
    {
      // Asked for a piece means: the one before it was taken.
      async pull(controller) {
        cancelDeadline();
        const piece = await reader.read().catch(() => undefined);
        if (piece === undefined) return controller.error();
        if (piece.done) return controller.close();
        controller.enqueue(piece.value);
        cancelDeadline = clock.after(WRITE_DEADLINE_MS, () => {
          // Who reads on after all must not take what there is for the whole.
          controller.error();
          stuck();
        });
      },
      cancel() {
        cancelDeadline();
        leave(reader);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Of a stream that has failed there is nothing more to be told. */
function leave(reader: { cancel(): Promise<void> }): void {
  reader.cancel().catch(() => {});
}
