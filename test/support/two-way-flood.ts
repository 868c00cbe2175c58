/** One side of a connection on which both want to send more than every buffer on the way holds, before either reads. */
import type { Socket } from "node:net";
import { patternedBytes } from "./patterned-bytes.ts";
import { settles } from "./process-holdings.ts";

const PIECE = patternedBytes(65_521);

export class FloodSide {
  heardBytes = 0;
  sentBytes = 0;
  /** Of what was heard, once the peer has ended. */
  readonly heard: Promise<string>;
  readonly #socket: Socket;
  readonly #totalBytes: number;

  /** Begins to send at once, and reads nothing until {@link read}. */
  constructor(socket: Socket, totalBytes: number) {
    this.#socket = socket;
    this.#totalBytes = totalBytes;
    const digest = new Bun.CryptoHasher("sha256");
    socket.pause();
    this.heard = new Promise((resolve, reject) => {
      socket.on("data", (bytes) => {
        this.heardBytes += bytes.length;
        digest.update(bytes);
      });
      socket.on("end", () => resolve(digest.digest("hex")));
      socket.on("error", reject);
    });
    socket.on("drain", () => this.#send());
    this.#send();
  }

  read(): void {
    this.#socket.resume();
  }

  #send(): void {
    for (let isFree = true; isFree && this.sentBytes < this.#totalBytes;) {
      const piece = PIECE.subarray(0, this.#totalBytes - this.sentBytes);
      this.sentBytes += piece.length;
      isFree = this.#socket.write(piece);
      if (this.sentBytes === this.#totalBytes) this.#socket.end();
    }
  }
}

/** What a side sends in all, as {@link FloodSide.heard} tells it. */
export function floodDigest(totalBytes: number): string {
  const digest = new Bun.CryptoHasher("sha256");
  for (let sent = 0; sent < totalBytes; sent += PIECE.length) digest.update(PIECE.subarray(0, totalBytes - sent));
  return digest.digest("hex");
}

/** Resolves when nobody has got rid of anything from one look to the next. */
export async function standStill(sides: readonly FloodSide[]): Promise<void> {
  let last = -1;
  await settles(() => {
    const [before, now] = [last, sides.reduce((sum, { sentBytes }) => sum + sentBytes, 0)];
    last = now;
    return before === now;
  }, true);
}
