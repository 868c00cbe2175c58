import type { RequestHead } from "../protocol/http1/request-head.ts";
import { CR, LF } from "../protocol/http1/octets.ts";
import { RequestReader } from "../protocol/http1/request-reader.ts";
import { BoundedBytes } from "./bounded-bytes.ts";
import { UnreadOctets } from "./unread-octets.ts";

/** What a visitor sends behind a request for an upgrade before that is answered: more is not waited with. */
export const EARLY_LIMIT_BYTES = 65_536;

export interface RequestWatchHandler {
  /** So many octets came with it, of the body or of what follows. */
  onHead(head: RequestHead, restBytes: number): void;
  onBody(bytes: Uint8Array): void;
  onComplete(): void;
  onCut(): void;
  /** Where requests begin is not known any more. */
  onUnreadable(): void;
}

/**
 * Finds the requests that pass, one after the other without waiting for responses, until one asks for something else than
 * HTTP: what comes behind it is held until the answer is known. Keeps no reference to what it receives.
 */
export class RequestWatch {
  readonly #handler: RequestWatchHandler;
  #reader: RequestReader;
  readonly #unread = new UnreadOctets();
  #isInMessage = false;
  #wantsUpgrade = false;
  #early: BoundedBytes | undefined;
  #hasEnded = false;

  constructor(handler: RequestWatchHandler) {
    this.#handler = handler;
    this.#reader = this.#newReader();
  }

  receive(bytes: Uint8Array): void {
    if (this.#early !== undefined) return this.#keepEarly(bytes);
    this.#unread.begin(bytes);
    this.#reader.receive(bytes);
    if (this.#wantsUpgrade && !this.#isInMessage) this.#hold();
    this.#unread.end();
  }

  end(): void {
    this.#hasEnded = true;
    this.#reader.end();
  }

  /** The start of a head, as far as it came, is the caller's. Empty lines in front of one are none. */
  takeUnread(): Uint8Array {
    const unread = this.#unread.take();
    return unread.every((octet) => octet === CR || octet === LF) ? NOTHING : unread;
  }

  /** The upgrade was refused: what follows is HTTP. */
  goOn(): void {
    this.#wantsUpgrade = false;
    if (this.#early === undefined) return;
    const early = this.takeEarly();
    this.#reader = this.#newReader();
    if (early.length > 0) this.receive(early);
    if (this.#hasEnded) this.#reader.end();
  }

  /** The upgrade was granted: what came early is the caller's, like all that follows. */
  takeEarly(): Uint8Array {
    const early = this.#early?.kept ?? NOTHING;
    this.#early = undefined;
    return early;
  }

  #newReader(): RequestReader {
    return new RequestReader({
      onHead: (head) => {
        const restBytes = this.#reader.unreadBytes;
        this.#unread.head(restBytes);
        this.#isInMessage = true;
        this.#wantsUpgrade = head.upgrade !== undefined || head.method === "CONNECT";
        this.#handler.onHead(head, restBytes);
      },
      onBody: (bytes) => {
        this.#unread.body(this.#reader.unreadBytes);
        this.#handler.onBody(bytes);
      },
      onComplete: () => {
        this.#isInMessage = false;
        this.#handler.onComplete();
        if (!this.#wantsUpgrade) this.#reader.next();
      },
      onNoMore: () => {},
      onCut: () => this.#handler.onCut(),
      onRefused: () => this.#handler.onUnreadable(),
    });
  }

  #hold(): void {
    this.#early = new BoundedBytes(EARLY_LIMIT_BYTES);
    const rest = this.#reader.takeRest();
    this.#unread.body(0);
    for (const bytes of rest) this.#keepEarly(bytes);
  }

  #keepEarly(bytes: Uint8Array): void {
    this.#early?.add(bytes);
    if ((this.#early?.passedBytes ?? 0) > EARLY_LIMIT_BYTES) this.#handler.onUnreadable();
  }
}

const NOTHING = new Uint8Array(0);
