import type { ProxyStream } from "./proxy-stream.ts";

/** Whoever drives a visitor's connection from one exchange to the next, for those that bring one to its end. */
export interface ExchangeDriver {
  readonly isDraining: boolean;
  /** Something moved. */
  touch(): void;
  /** There is room for more of the request. */
  resumeRequest(): void;
  /** What has come behind the head of the request, and is not read. */
  readonly unreadBytes: number;
  /** Nothing behind the head of the request is taken or read until {@link readOn}. */
  holdRequest(): void;
  /** `first` comes before anything is read; its `false`: hold it still. */
  readOn(first: () => boolean): void;
  /** A direction of the exchange is complete. */
  advance(): void;
  /** The visitor's connection ends in order. */
  finish(): void;
  /** The visitor must not take what it got for a whole response. */
  abort(): void;
  /** The response has switched protocols. */
  becomeTunnel(stream: ProxyStream): void;
}
