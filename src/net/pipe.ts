/**
 * A connection inside the process: two ends, and what one writes the other hears, on a later turn of the event loop.
 * Joins agent and embedded edge, and stands in for sockets in tests.
 */
import { ByteQueue } from "../base/byte-queue.ts";
import type { CloseCause, Duplex, DuplexHandler } from "./duplex.ts";
import { warnOfFault, type OnFault } from "./faults.ts";

/** `write` answers false once this many bytes wait for the other end: about what the kernel holds for a local socket. */
const HIGH_WATER_BYTES = 1024 * 1024;
/** The same of a pipe for one stream among many: a stranger may have thousands that nobody reads. */
export const STREAM_PIPE_BYTES = 128 * 1024;
/** `onDrain` comes when no more than this part of it waits. */
const LOW_WATER_PART = 1 / 2;

export interface PipeOptions {
  /** `remoteAddress` of the two ends, in the order of the ends. */
  readonly remoteAddresses?: readonly [string, string];
  /** `localAddress` of the first end, where it stands for a connection that has one. */
  readonly localAddress?: string | undefined;
  /** What may wait for either end, and a write more; 1 MiB unless told otherwise. */
  readonly highWaterBytes?: number | undefined;
  /** Hears what handlers throw. */
  readonly onFault?: OnFault;
}

/** Both ends of a new connection. */
export function pipe(options: PipeOptions = {}): readonly [Duplex, Duplex] {
  const [first, second] = options.remoteAddresses ?? ["<pipe>", "<pipe>"];
  const { localAddress, highWaterBytes = HIGH_WATER_BYTES, onFault = warnOfFault } = options;
  const a = new PipeEnd(first, localAddress, highWaterBytes, onFault);
  const b = new PipeEnd(second, undefined, highWaterBytes, onFault);
  a.join(b);
  b.join(a);
  return [a, b];
}

class PipeEnd implements Duplex {
  readonly remoteAddress: string;
  readonly localAddress?: string;
  readonly #onFault: OnFault;
  #peer: PipeEnd | undefined;
  #handler: DuplexHandler | undefined;
  /** What the peer wrote and we have not handed on. */
  readonly #highWaterBytes: number;
  readonly #inbox: ByteQueue;
  #peerEnded = false;
  #endHeard = false;
  #ended = false;
  #isPaused = false;
  /** The peer holds back until our inbox has room. */
  #isFull = false;
  #mayDrain = false;
  #cause: CloseCause | undefined;
  #isClosed = false;
  #closeHeard = false;
  #isDue = false;

  constructor(remoteAddress: string, localAddress: string | undefined, highWaterBytes: number, onFault: OnFault) {
    this.remoteAddress = remoteAddress;
    this.#highWaterBytes = highWaterBytes;
    this.#inbox = new ByteQueue(highWaterBytes);
    if (localAddress !== undefined) this.localAddress = localAddress;
    this.#onFault = onFault;
  }

  join(peer: PipeEnd): void {
    this.#peer = peer;
  }

  listen(handler: DuplexHandler): void {
    this.#handler = handler;
    this.#endHeard = false;
    this.#closeHeard = false;
    this.#wake();
  }

  write(bytes: Uint8Array): boolean {
    return this.#isWritable() && (this.#peer?.take(bytes) ?? false);
  }

  writeNow(bytes: Uint8Array, offset: number, length: number): number {
    const room = this.#isWritable() ? (this.#peer?.roomBytes() ?? 0) : 0;
    const count = Math.min(room, length);
    if (count > 0) this.#peer?.take(bytes.slice(offset, offset + count));
    return count;
  }

  end(): void {
    if (!this.#isWritable()) return;
    this.#ended = true;
    this.#peer?.hearEnd();
    this.#wake();
  }

  reset(code?: number): void {
    if (this.#isOver()) return;
    const cause = code === undefined ? { code: "RESET" } : { code: "RESET", resetCode: code };
    this.#peer?.fail(cause);
    this.fail(cause);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#wake();
  }

  /** The peer wrote. False: it should wait for `drain`. */
  take(bytes: Uint8Array): boolean {
    const hasRoom = this.#inbox.push(bytes);
    if (!hasRoom) this.#isFull = true;
    this.#wake();
    return hasRoom;
  }

  /** How much the peer may hand over without a copy being held beyond the mark; asking for none left counts as waiting. */
  roomBytes(): number {
    const room = Math.max(0, this.#highWaterBytes - this.#inbox.bytes);
    if (room === 0) this.#isFull = true;
    return room;
  }

  hearEnd(): void {
    this.#peerEnded = true;
    this.#wake();
  }

  drain(): void {
    this.#mayDrain = true;
    this.#wake();
  }

  fail(cause: CloseCause): void {
    if (this.#isOver()) return;
    this.#cause = cause;
    this.#inbox.clear();
    this.#wake();
  }

  #isOver(): boolean {
    return this.#isClosed || this.#cause !== undefined;
  }

  #isWritable(): boolean {
    return !this.#ended && !this.#isOver();
  }

  #wake(): void {
    if (this.#isDue || this.#closeHeard) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      try {
        this.#turn();
      } catch (fault) {
        this.#onFault(fault);
        this.reset();
      }
    });
  }

  #turn(): void {
    if (this.#handler === undefined) return;
    if (this.#cause !== undefined) return this.#close();
    if (this.#mayDrain) {
      this.#mayDrain = false;
      if (this.#isWritable()) this.#handler.onDrain();
    }
    this.#deliver();
    if (this.#cause !== undefined) return this.#close();
    if (this.#peerEnded && !this.#endHeard && !this.#isPaused && this.#inbox.bytes === 0) {
      this.#endHeard = true;
      this.#handler.onEnd();
    }
    if (this.#cause !== undefined || (this.#endHeard && this.#ended)) this.#close();
  }

  #deliver(): void {
    while (!this.#isPaused && this.#cause === undefined) {
      const bytes = this.#inbox.shift();
      if (bytes === undefined) break;
      this.#handler?.onData(bytes);
    }
    if (this.#isFull && this.#inbox.bytes <= this.#highWaterBytes * LOW_WATER_PART) {
      this.#isFull = false;
      this.#peer?.drain();
    }
  }

  #close(): void {
    if (this.#closeHeard) return;
    this.#isClosed = true;
    this.#closeHeard = true;
    this.#handler?.onClose(this.#cause);
  }
}
