/**
 * Where log lines go: a file descriptor that may be a file, a pipe, a socket or a terminal, and whose reader may have
 * stopped reading. Each line is one write, made at once, in order, away from the event loop; while one write is stuck the
 * next lines wait in a bounded queue and are then dropped, so nothing that logs can be held up by who reads the log.
 */
import { write as writeToDescriptor } from "node:fs";
import type { Clock } from "../base/clock.ts";

/** Lines waiting behind a stuck reader; further ones are dropped. About a thousand lines. */
const QUEUE_LIMIT_BYTES = 256 * 1024;

/** Somebody made the descriptor non-blocking, and it is full: try again after this. */
const RETRY_DELAY_MS = 20;

/** The reader is gone for good; this is no failure of ours and is not told to anyone. */
const READER_GONE = new Set(["EPIPE", "ECONNRESET", "EBADF", "EIO"]);

export interface LineSinkOptions {
  /** Open for writing. The sink never closes it. */
  readonly descriptor: number;
  readonly clock: Pick<Clock, "after">;
  /** The line to write in the place of `count` dropped ones, once the reader goes on. */
  readonly describeDrops: (count: number) => string;
}

export class LineSink {
  readonly #options: LineSinkOptions;
  #descriptor: number;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #isWriting = false;
  #isReaderGone = false;
  #droppedSinceTold = 0;
  #dropped = 0;
  #drained: (() => void)[] = [];

  constructor(options: LineSinkOptions) {
    this.#options = options;
    this.#descriptor = options.descriptor;
  }

  /** Lines lost because the reader did not keep up, or because the disk was full. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes one whole line. Never waits, never throws. */
  write(line: string): void {
    if (this.#isReaderGone) return;
    const bytes = Buffer.from(line);
    if (this.#queuedBytes + bytes.length > QUEUE_LIMIT_BYTES) {
      this.#countDrop();
      return;
    }
    this.#enqueue(bytes);
    this.#writeNext();
  }

  /** Later lines go to this descriptor (the log file was moved away). Waiting lines go there too. */
  redirect(descriptor: number): void {
    this.#descriptor = descriptor;
  }

  /** Settles when every line is written, or after `timeoutMs` when the reader does not read. */
  async drain(timeoutMs: number): Promise<void> {
    if (!this.#isWriting) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(timeoutMs, resolve);
      this.#drained.push(() => {
        cancel();
        resolve();
      });
    });
  }

  #enqueue(bytes: Buffer): void {
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
  }

  #writeNext(): void {
    if (this.#isWriting) return;
    const next = this.#queue.shift();
    if (next === undefined) {
      this.#tellDrained();
      return;
    }
    this.#queuedBytes -= next.length;
    this.#isWriting = true;
    this.#writeAll(next);
  }

  #writeAll(bytes: Buffer): void {
    writeToDescriptor(this.#descriptor, bytes, (error, written) => {
      if (error !== null) this.#fail(error, bytes);
      // A line may be cut when it is longer than a pipe is deep; its rest comes before any other line.
      else if (written < bytes.length) this.#writeAll(bytes.subarray(written));
      else this.#succeed();
    });
  }

  #succeed(): void {
    // Told only after a success: on a full disk the line about drops would be the next one to fail, for ever.
    if (this.#droppedSinceTold > 0 && this.#queue.length === 0) {
      this.#enqueue(Buffer.from(this.#options.describeDrops(this.#droppedSinceTold)));
      this.#droppedSinceTold = 0;
    }
    this.#next();
  }

  #next(): void {
    this.#isWriting = false;
    this.#writeNext();
  }

  #fail(error: NodeJS.ErrnoException, bytes: Buffer): void {
    const code = error.code ?? "";
    if (code === "EAGAIN") {
      this.#options.clock.after(RETRY_DELAY_MS, () => this.#writeAll(bytes));
      return;
    }
    if (READER_GONE.has(code)) {
      this.#isReaderGone = true;
      this.#queue = [];
      this.#queuedBytes = 0;
      this.#droppedSinceTold = 0;
    } else {
      this.#countDrop();
    }
    this.#next();
  }

  #countDrop(): void {
    this.#dropped += 1;
    this.#droppedSinceTold += 1;
  }

  #tellDrained(): void {
    const waiting = this.#drained;
    this.#drained = [];
    for (const resolve of waiting) resolve();
  }
}
