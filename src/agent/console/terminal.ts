import type { ScreenSize } from "./screen.ts";

export interface TerminalHandler {
  /** The size is another one. */
  onResize(): void;
  /** Nothing stands on the screen any more: the terminal was left for a while, and is back. */
  onBlank(): void;
}

/** A terminal that one owner takes for a full screen of its own and gives back as it was. */
export interface Terminal {
  /** Both at least 1. */
  readonly size: ScreenSize;
  /** Takes the terminal as soon as it is free, which may be later: see {@link isReady}. */
  enter(handler: TerminalHandler): void;
  /** Whether {@link write} may be called: the terminal is ours, and has taken all that was written. */
  isReady(): boolean;
  /** Printable text and control sequences of ours. Never waits. */
  write(text: string): void;
  /** Gives the terminal back; settles when it has taken that, or soon after when it takes nothing. A second call does nothing. */
  leave(): Promise<void>;
}
