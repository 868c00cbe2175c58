import type { ResponseHead } from "../protocol/http1/response-head.ts";
import { ResponseReader } from "../protocol/http1/response-reader.ts";
import { UnreadOctets } from "./unread-octets.ts";

export interface ResponseWatchHandler {
  /** Not of interim responses. So many octets came with it, of the body or of what follows. */
  onHead(head: ResponseHead, restBytes: number): void;
  onBody(bytes: Uint8Array): void;
  onComplete(): void;
  onCut(): void;
  /** Where responses begin is not known any more. */
  onUnreadable(): void;
  /** What came with a head that ended HTTP; further octets are the caller's. */
  onUpgraded(rest: readonly Uint8Array[]): void;
}

/** Finds the responses that pass, each after it was said to be expected. Keeps no reference to what it receives. */
export class ResponseWatch {
  readonly #handler: ResponseWatchHandler;
  readonly #reader: ResponseReader;
  readonly #unread = new UnreadOctets();
  #isUpgraded = false;

  constructor(handler: ResponseWatchHandler) {
    this.#handler = handler;
    this.#reader = new ResponseReader({
      onHead: (head) => {
        const restBytes = this.#reader.unreadBytes;
        this.#unread.head(restBytes);
        this.#isUpgraded = head.upgraded;
        if (!head.interim) handler.onHead(head, restBytes);
      },
      onBody: (bytes) => {
        this.#unread.body(this.#reader.unreadBytes);
        handler.onBody(bytes);
      },
      onComplete: () => handler.onComplete(),
      onNoMore: () => {},
      onCut: () => handler.onCut(),
      onRefused: () => handler.onUnreadable(),
    });
  }

  /** What comes next begins a head. */
  get isIdle(): boolean {
    return this.#unread.isEmpty;
  }

  /** A response to a request of this method comes next. */
  expect(method: string): void {
    this.#reader.next(method);
  }

  receive(bytes: Uint8Array): void {
    this.#unread.begin(bytes);
    this.#reader.receive(bytes);
    if (this.#isUpgraded) return this.#endHttp();
    // Nobody asked for more: it could be taken for the answer to the next request.
    if (this.#reader.unreadBytes > 0) this.#handler.onUnreadable();
    this.#unread.end();
  }

  end(): void {
    this.#reader.end();
  }

  /** The start of a head, as far as it came, is the caller's. */
  takeUnread(): Uint8Array {
    return this.#unread.take();
  }

  #endHttp(): void {
    const rest = this.#reader.takeRest();
    this.#unread.body(0);
    this.#unread.end();
    this.#handler.onUpgraded(rest);
  }
}
