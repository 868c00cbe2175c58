/** The stream that a visitor's requests go over: kept from one to the next for as long as they are for the same endpoint. */
import type { Clock } from "../../base/clock.ts";
import type { Duplex } from "../../net/duplex.ts";
import { lingeringEnd } from "../../net/linger.ts";
import type { Endpoint, ProxiedVisitor } from "../endpoint.ts";
import { ProxyStream, type ResponseListener } from "./proxy-stream.ts";

export class KeptStream {
  readonly #visitor: Duplex;
  readonly #listener: ResponseListener;
  readonly #clock: Clock;
  #stream: ProxyStream | undefined;
  #endpoint: Endpoint | undefined;
  /** Its leg, when that is on its way out, takes nothing more, although its streams have not closed yet. */
  #proxied: ProxiedVisitor | undefined;

  /** The visitor's connection stays the caller's; the listener hears every response. */
  constructor(visitor: Duplex, listener: ResponseListener, clock: Clock) {
    this.#visitor = visitor;
    this.#listener = listener;
    this.#clock = clock;
  }

  get current(): ProxyStream | undefined {
    return this.#stream;
  }

  /**
   * Sends the head of a request over the stream that is kept, or over a new one. `full`: it was taken, and what follows should
   * wait for `onStreamDrain`; `none`: the endpoint has no stream to give.
   */
  send(method: string, head: Uint8Array, endpoint: Endpoint): "sent" | "full" | "none" {
    if (!this.#serves(endpoint)) this.release();
    if (this.#stream !== undefined) {
      this.#stream.expectResponseTo(method);
      return this.#stream.send(head) ? "sent" : "full";
    }
    const proxied = endpoint.openProxy(this.#visitor, head);
    if (proxied === undefined) return "none";
    this.#stream = new ProxyStream(proxied.stream, this.#listener);
    this.#endpoint = endpoint;
    this.#proxied = proxied;
    this.#stream.expectResponseTo(method);
    return "sent";
  }

  /** The stream becomes the caller's, who goes on with it in other words than HTTP. */
  take(): ProxyStream | undefined {
    const stream = this.#stream;
    this.#stream = undefined;
    return stream;
  }

  /**
   * Ends the stream in order when nothing is under way on it, else resets it. `onGone`: nothing that was sent over it waits
   * any more.
   */
  release(onGone?: () => void): void {
    const idleStream = this.take()?.dispose();
    if (idleStream !== undefined) lingeringEnd(idleStream, this.#clock, onGone);
    else onGone?.();
  }

  #serves(endpoint: Endpoint): boolean {
    return this.#stream?.isUsable === true && this.#endpoint === endpoint && this.#proxied?.leg.isOpen === true;
  }
}
