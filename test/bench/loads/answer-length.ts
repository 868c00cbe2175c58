/** Octets of "HTTP/1.1 200 ". */
const SUCCESS = Buffer.from("HTTP/1.1 200 ");

/**
 * How long an answer is. Its head is complete in the first piece, as those of small answers are. Most are as long as the one before; such a
 * one is known by its length and its status, and nothing is made of it for the garbage collector.
 */
export class AnswerLength {
  #usual = 0;

  /**
   * `piece` begins with the first `length` bytes of the answer; they may be all.
   * @throws Error when it is no success, or does not tell its length
   */
  of(piece: Uint8Array, length: number): number {
    if (length === this.#usual && isSuccess(piece)) return length;
    const text = Buffer.from(piece.buffer, piece.byteOffset, length).toString("latin1");
    const headEnd = text.indexOf("\r\n\r\n") + 4;
    const bodyLength = /\r\ncontent-length: *(\d+)\r\n/i.exec(text.slice(0, headEnd))?.[1];
    if (!isSuccess(piece) || bodyLength === undefined) throw new Error(`unexpected answer: ${text.slice(0, 200)}`);
    this.#usual = headEnd + Number(bodyLength);
    return this.#usual;
  }
}

function isSuccess(piece: Uint8Array): boolean {
  for (let at = 0; at < SUCCESS.length; at++) if (piece[at] !== SUCCESS[at]) return false;
  return true;
}
