/** Reads the first bytes of a connection, as many as it takes to know who shall have it. */
import type { Duplex } from "../net/duplex.ts";
import type { IdleWatch } from "../net/idle-watch.ts";
import type { OpenVisitors } from "./open-visitors.ts";

const NOTHING = new Uint8Array(0);

export interface StartOptions {
  /** The connection is among them until its start is whole; an edge that drains does not wait for it. */
  readonly visitors: OpenVisitors;
  readonly idleWatch: IdleWatch;
  /** Then the connection is reset. */
  readonly limitMs: number;
  /** Hears of a connection that is reset for it. */
  readonly onLate?: () => void;
  /** Hears each piece as it comes; true once the start is whole. What it waits for has a limit of its own. */
  readonly isWhole: (bytes: Uint8Array) => boolean;
  /** The start is whole: all of it. Nothing more is heard until the callee listens to the connection, and resumes it. */
  readonly onStart: (start: Uint8Array) => void;
}

/** A connection that ends, or says nothing for too long, is dropped without a word. */
export function readStart(connection: Duplex, options: StartOptions): void {
  const { visitors, idleWatch, limitMs, onLate, isWhole, onStart } = options;
  const read: Uint8Array[] = [];
  const deadline = idleWatch.watch(limitMs, () => {
    onLate?.();
    connection.reset();
  });
  const waiting = { drain: (): void => connection.reset(), cut: (): void => connection.reset() };
  connection.listen({
    onData: (bytes) => {
      read.push(bytes);
      if (!isWhole(bytes)) return;
      deadline.stop();
      if (connection.release === undefined) connection.pause();
      else connection.release(NOTHING);
      onStart(read.length === 1 ? bytes : Buffer.concat(read));
      visitors.remove(waiting);
    },
    onDrain: () => {},
    onEnd: () => connection.reset(),
    onClose: () => {
      deadline.stop();
      visitors.remove(waiting);
    },
  });
  visitors.add(waiting);
}
