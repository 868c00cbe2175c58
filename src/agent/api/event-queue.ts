/** Server-sent events on their way to one listener (WHATWG HTML section 9.2), with a bound on what waits to be sent. */

/** A listener that leaves more than this unread is ended. */
export const UNSENT_LIMIT_BYTES = 1_048_576;
/** Events that can wait are held back from here on. */
const UNSENT_EASY_BYTES = UNSENT_LIMIT_BYTES / 2;

export class EventQueue {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #encoder = new TextEncoder();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  readonly #onEnd: () => void;

  /** `onEnd` is called once, when the listener leaves or is ended. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => this.#ended(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: UNSENT_LIMIT_BYTES }),
    );
  }

  /** Whether there is room for events that could come later as well. */
  get isEasy(): boolean {
    return (this.#controller?.desiredSize ?? 0) > UNSENT_EASY_BYTES;
  }

  send(event: string, data: unknown): void {
    this.#write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** A comment, so that nobody on the way takes the silence for the end. */
  ping(): void {
    this.#write(":\n\n");
  }

  #write(text: string): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    controller.enqueue(this.#encoder.encode(text));
    if ((controller.desiredSize ?? 0) > 0) return;
    controller.error(new Error("the listener does not keep up"));
    this.#ended();
  }

  #ended(): void {
    if (this.#controller === undefined) return;
    this.#controller = undefined;
    this.#onEnd();
  }
}
