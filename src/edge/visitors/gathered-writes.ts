/** Joins small pieces that belong together, a response head and the start of its body, into one write. */
import type { Duplex } from "../../net/duplex.ts";

/** From this size on a copy costs more than the system call it saves. */
const GATHER_LIMIT_BYTES = 16 * 1024;

export class GatheredWrites {
  readonly #target: Duplex;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #hasRoom = true;
  #hasWritten = false;

  constructor(target: Duplex) {
    this.#target = target;
  }

  add(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  /** Whether anything was written yet. */
  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  /** To be told by the listener of the target: it took everything. */
  drained(): void {
    this.#hasRoom = true;
  }

  /** Writes what was added. False: stop until the target drains. */
  flush(): boolean {
    const pieces = this.#pieces;
    if (pieces.length === 0) return this.#hasRoom;
    const joined = pieces.length > 1 && this.#bytes <= GATHER_LIMIT_BYTES ? [Buffer.concat(pieces)] : pieces;
    this.#pieces = [];
    this.#bytes = 0;
    this.#hasWritten = true;
    for (const piece of joined) this.#hasRoom = this.#target.write(piece);
    return this.#hasRoom;
  }
}
