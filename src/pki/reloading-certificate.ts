import { stat } from "node:fs/promises";
import type { Clock } from "../base/clock.ts";
import { type CertificateFiles, loadCertificateFiles, type LoadedCertificate } from "./certificate-files.ts";
import type { CertificateMaterial } from "./certificate-material.ts";

/** How often the files are looked at. Two looks that agree make a change, so a new pair serves after at most 4 s. */
const POLL_MS = 2000;

/** Told about what happens to the files later. */
export interface ReloadListener {
  onReload(loaded: LoadedCertificate): void;
  /** The new files cannot be used; the old certificate goes on serving. Once for each change of the files. */
  onFailure(cause: unknown): void;
}

/**
 * A certificate that follows its files: a renewed pair takes effect without a restart. Polls, since watching misses
 * replaced links and network file systems. Dispose it to stop.
 */
export class ReloadingCertificate implements Disposable {
  readonly #files: CertificateFiles;
  readonly #clock: Clock;
  readonly #listener: ReloadListener;
  #current: CertificateMaterial;
  /** State of the files that `#current` or the last failure came from. */
  #tried: string;
  #lastSeen: string;
  #cancelPoll: (() => void) | undefined;
  #isDisposed = false;

  private constructor(
    files: CertificateFiles,
    clock: Clock,
    listener: ReloadListener,
    seen: string,
    first: CertificateMaterial,
  ) {
    this.#files = files;
    this.#clock = clock;
    this.#listener = listener;
    this.#tried = seen;
    this.#lastSeen = seen;
    this.#current = first;
    this.#pollLater();
  }

  /**
   * Loads the pair and goes on watching. The listener hears of the first pair, too.
   * @throws UsageError when the first pair cannot be used.
   */
  static async open(files: CertificateFiles, clock: Clock, listener: ReloadListener): Promise<ReloadingCertificate> {
    const seen = await fingerprint(files);
    const loaded = await loadCertificateFiles(files, clock.date());
    listener.onReload(loaded);
    return new ReloadingCertificate(files, clock, listener, seen, loaded.material);
  }

  /** The same object until the files change. */
  get current(): CertificateMaterial {
    return this.#current;
  }

  /**
   * Takes the files as they are now, for who knows that both are in place.
   * @throws UsageError when the pair cannot be used; then the old one goes on serving
   */
  async reload(): Promise<void> {
    const seen = await fingerprint(this.#files);
    this.#tried = seen;
    this.#lastSeen = seen;
    await this.#load();
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#cancelPoll?.();
  }

  #pollLater(): void {
    if (this.#isDisposed) return;
    this.#cancelPoll = this.#clock.after(POLL_MS, () => {
      this.#poll().then(
        () => this.#pollLater(),
        (fault: unknown) => {
          this.#listener.onFailure(fault);
          this.#pollLater();
        },
      );
    });
  }

  async #poll(): Promise<void> {
    const seen = await fingerprint(this.#files);
    // between the replacement of the one file and of the other they do not fit: wait until nothing moves
    const isSettled = seen === this.#lastSeen;
    this.#lastSeen = seen;
    if (!isSettled || seen === this.#tried || this.#isDisposed) return;
    this.#tried = seen;
    await this.#load();
  }

  async #load(): Promise<void> {
    const loaded = await loadCertificateFiles(this.#files, this.#clock.date());
    if (this.#isDisposed) return;
    this.#current = loaded.material;
    this.#listener.onReload(loaded);
  }
}

/** Changes when either file does, also when a link comes to point elsewhere. */
async function fingerprint(files: CertificateFiles): Promise<string> {
  const parts = await Promise.all([files.certificateFile, files.keyFile].map(fileState));
  return parts.join(" ");
}

async function fileState(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(file);
    return [dev, ino, size, mtimeMs, ctimeMs].join(":");
  } catch {
    return "absent"; // loading says why
  }
}
