/** A writer that wants more than any buffer holds, to see how much is taken for a reader who does not read. */
import type { Duplex } from "../../src/net/duplex.ts";
import { patternedBytes } from "./patterned-bytes.ts";
import type { RecordingListener } from "./recording-listener.ts";

const WISHED_BYTES = 512 << 20;
const ROUND_TRIPS = 50;

/** Sends as fast as it is allowed to. */
export class EagerSender {
  sentBytes = 0;
  readonly #connection: Duplex;
  readonly #piece = patternedBytes(65_521);
  #isFinished = false;

  constructor(connection: Duplex) {
    this.#connection = connection;
    const ignore = (): void => {};
    connection.listen({ onData: ignore, onDrain: () => this.#send(), onEnd: ignore, onClose: ignore });
    this.#send();
  }

  /** Nothing more than what was taken so far, then the end. */
  finish(): void {
    this.#isFinished = true;
    this.#connection.end();
  }

  #send(): void {
    for (let isFree = true; isFree && !this.#isFinished && this.sentBytes < WISHED_BYTES;) {
      this.sentBytes += this.#piece.length;
      isFree = this.#connection.write(this.#piece);
    }
  }
}

/**
 * Waits until the sender stands still while everything else moves: many round trips of a bystander, whose other end echoes,
 * and not a byte of the sender's.
 */
export async function stall(sender: EagerSender, bystander: Duplex, heard: RecordingListener): Promise<void> {
  for (let sent = -1; sent !== sender.sentBytes;) {
    sent = sender.sentBytes;
    for (let trip = 0; trip < ROUND_TRIPS; trip += 1) {
      const expected = heard.bytesHeard + 1;
      bystander.write(Buffer.from("p"));
      await heard.until(() => heard.bytesHeard === expected);
    }
  }
}
