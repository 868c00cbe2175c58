import type { StreamedMessage } from "./exchange.ts";

/** Of one message at most this much is kept. */
export const MESSAGE_LIMIT_BYTES = 64 * 1024;
/** Of one exchange at most so many messages are kept, and so many bytes of them: the newest. */
export const MESSAGES_LIMIT = 1_000;
export const MESSAGES_LIMIT_BYTES = 1024 * 1024;
/** Objects of one message, besides its bytes; measured. */
const RECORD_BYTES = 250;

/** A message as it was read; `bytes` belong to whoever gets it, and are no view of anything larger. */
export type PassingMessage = Omit<StreamedMessage, "index" | "atMs" | "from">;

/** The newest messages of one upgraded connection or event stream. */
export class MessageLog {
  readonly #messages: StreamedMessage[] = [];
  #memoryBytes = 0;
  #dropped = 0;

  /** Oldest first. */
  get messages(): readonly StreamedMessage[] {
    return this.#messages;
  }

  get droppedMessages(): number {
    return this.#dropped;
  }

  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  add(from: StreamedMessage["from"], atMs: number, message: PassingMessage): void {
    this.#messages.push({ index: this.#dropped + this.#messages.length, from, atMs, ...message });
    this.#memoryBytes += memoryOf(message);
    while (this.#messages.length > MESSAGES_LIMIT || this.#memoryBytes > MESSAGES_LIMIT_BYTES) this.#dropOldest();
  }

  drop(): void {
    this.#messages.length = 0;
    this.#memoryBytes = 0;
  }

  #dropOldest(): void {
    const oldest = this.#messages.shift();
    if (oldest === undefined) return;
    this.#memoryBytes -= memoryOf(oldest);
    this.#dropped += 1;
  }
}

function memoryOf({ bytes, eventName = "", eventId = "" }: PassingMessage): number {
  return RECORD_BYTES + bytes.length + eventName.length + eventId.length;
}
