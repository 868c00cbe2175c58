import type { CloseCause, Duplex, DuplexHandler } from "../../net/duplex.ts";

/** Counts what passes at one endpoint. On the path of every chunk: sums, and nothing made. */
export class EndpointMeter {
  #requests = 0;
  #visitors = 0;
  #visitorsGone = 0;
  #bytesIn = 0;
  #bytesOut = 0;

  get requests(): number {
    return this.#requests;
  }

  /** Connections so far. */
  get visitors(): number {
    return this.#visitors;
  }

  get visitorsOpen(): number {
    return this.#visitors - this.#visitorsGone;
  }

  /** To agents. */
  get bytesIn(): number {
    return this.#bytesIn;
  }

  /** From agents. */
  get bytesOut(): number {
    return this.#bytesOut;
  }

  onRequest(): void {
    this.#requests += 1;
  }

  /** One more connection has come for the endpoint. {@link onVisitorGone} follows. */
  onVisitor(): void {
    this.#visitors += 1;
  }

  onVisitorGone(): void {
    this.#visitorsGone += 1;
  }

  received(bytes: number): void {
    this.#bytesIn += bytes;
  }

  sent(bytes: number): void {
    this.#bytesOut += bytes;
  }

  /** The same stream to an agent, counted from now on. It is the caller's as before, who uses it through the answer alone. */
  metered(stream: Duplex): Duplex {
    return new MeteredStream(stream, this);
  }
}

const NOBODY: DuplexHandler = { onData: () => {}, onDrain: () => {}, onEnd: () => {}, onClose: () => {} };

class MeteredStream implements Duplex, DuplexHandler {
  readonly #stream: Duplex;
  readonly #meter: EndpointMeter;
  #handler: DuplexHandler = NOBODY;

  constructor(stream: Duplex, meter: EndpointMeter) {
    this.#stream = stream;
    this.#meter = meter;
  }

  get remoteAddress(): string {
    return this.#stream.remoteAddress;
  }

  listen(handler: DuplexHandler): void {
    this.#handler = handler;
    this.#stream.listen(this);
  }

  write(bytes: Uint8Array): boolean {
    this.#meter.received(bytes.length);
    return this.#stream.write(bytes);
  }

  end(): void {
    this.#stream.end();
  }

  reset(code?: number): void {
    this.#stream.reset(code);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  onData(bytes: Uint8Array): void {
    this.#meter.sent(bytes.length);
    this.#handler.onData(bytes);
  }

  onDrain(): void {
    this.#handler.onDrain();
  }

  onEnd(): void {
    this.#handler.onEnd();
  }

  onClose(cause: CloseCause | undefined): void {
    this.#handler.onClose(cause);
  }
}
