import type { CloseCause, Duplex } from "../../src/net/duplex.ts";
import { patternedBytes } from "./patterned-bytes.ts";

const PIECE = patternedBytes(65_521);

export interface BulkOutcome {
  readonly heardBytes: number;
  /** SHA-256 of what was heard. */
  readonly heard: string;
  /** Of what was sent. */
  readonly sent: string;
  readonly cause: CloseCause | undefined;
}

/** Sends `length` bytes as fast as they are taken, ends, and hears the peer until the connection is closed. */
export function exchangeBulk(connection: Duplex, length: number): Promise<BulkOutcome> {
  const heard = new Bun.CryptoHasher("sha256");
  const sent = new Bun.CryptoHasher("sha256");
  let heardBytes = 0;
  let left = length;
  const send = (): void => {
    for (let isFree = true; isFree && left > 0;) {
      const piece = PIECE.subarray(0, Math.min(left, PIECE.length));
      left -= piece.length;
      sent.update(piece);
      isFree = connection.write(piece);
      if (left === 0) connection.end();
    }
  };
  return new Promise((resolve) => {
    connection.listen({
      onData: (bytes) => {
        heardBytes += bytes.length;
        heard.update(bytes);
      },
      onDrain: send,
      onEnd: () => {},
      onClose: (cause) => resolve({ heardBytes, heard: heard.digest("hex"), sent: sent.digest("hex"), cause }),
    });
    send();
  });
}
