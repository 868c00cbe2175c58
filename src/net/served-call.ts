import { ProtocolError } from "../base/errors.ts";
import { MUX_ERRORS } from "../protocol/mux/error-codes.ts";
import { JsonObjectReader } from "../protocol/rpc/json-object-reader.ts";
import type { Duplex, DuplexHandler } from "./duplex.ts";
import type { OnFault } from "./faults.ts";
import type { IdleWatch, Watched } from "./idle-watch.ts";
import type { Answer } from "./rpc-answer.ts";

/** How long a peer may take to send a whole request, and to end its direction after the reply. */
export const PEER_LIMIT_MS = 30_000;

export interface ServedCallContext {
  readonly idleWatch: IdleWatch;
  readonly onFault: OnFault;
  /** The stream has closed, and nobody works on the call any more: a peer's reset does not end that work. Once. */
  onDone(): void;
}

/**
 * A call that the peer placed on a stream (protocol.md section 5). The reply leaves as soon as the JSON of the request has
 * ended, since callers keep their direction open until they have it; FIN follows, since Rust agents wait for that.
 */
export class ServedCall implements DuplexHandler {
  readonly #stream: Duplex;
  readonly #answer: Answer;
  readonly #context: ServedCallContext;
  readonly #reader = new JsonObjectReader();
  #isReading = true;
  #isAnswering = false;
  #isClosed = false;
  #deadline: Watched;

  constructor(stream: Duplex, answer: Answer, context: ServedCallContext) {
    this.#stream = stream;
    this.#answer = answer;
    this.#context = context;
    this.#deadline = this.#expectPeer();
  }

  onData(bytes: Uint8Array): void {
    if (!this.#isReading) return;
    try {
      const message = this.#reader.receive(bytes);
      if (message !== undefined) this.#reply(message);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#isReading = false;
      this.#finish(this.#answer.refuse(error.message));
    }
  }

  onDrain(): void {}

  onEnd(): void {
    if (this.#isReading) this.#stream.reset(MUX_ERRORS.protocol);
  }

  onClose(): void {
    this.#isClosed = true;
    this.#deadline.stop();
    if (!this.#isAnswering) this.#context.onDone();
  }

  #reply(message: Uint8Array): void {
    this.#isReading = false;
    this.#isAnswering = true;
    this.#deadline.stop();
    void this.#answer.reply(message, this.#context.onFault).then((reply) => {
      this.#isAnswering = false;
      if (this.#isClosed) this.#context.onDone();
      else this.#finish(reply);
    });
  }

  #finish(reply: Uint8Array | undefined): void {
    if (reply !== undefined) this.#stream.write(reply);
    this.#stream.end();
    this.#deadline.stop();
    this.#deadline = this.#expectPeer();
  }

  #expectPeer(): Watched {
    return this.#context.idleWatch.watch(PEER_LIMIT_MS, () => this.#stream.reset(MUX_ERRORS.streamCancelled));
  }
}
