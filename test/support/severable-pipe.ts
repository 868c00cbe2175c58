/** A connection in memory that can lose everything in silence, as a network does whose cable was pulled. */
import type { Duplex } from "../../src/net/duplex.ts";
import { pipe } from "../../src/net/pipe.ts";

export interface SeverablePipe {
  readonly ends: readonly [Duplex, Duplex];
  /** From now on nothing arrives, neither bytes nor an end. */
  readonly sever: () => void;
}

export function severablePipe(): SeverablePipe {
  const [a, nearA] = pipe();
  const [b, nearB] = pipe();
  let isWhole = true;
  const join = (from: Duplex, to: Duplex): void => {
    from.listen({
      onData: (bytes) => isWhole && to.write(bytes),
      onDrain: () => {},
      onEnd: () => isWhole && to.end(),
      onClose: (cause) => isWhole && cause !== undefined && to.reset(cause.resetCode),
    });
  };
  join(nearA, nearB);
  join(nearB, nearA);
  return {
    ends: [a, b],
    sever: () => {
      isWhole = false;
    },
  };
}
