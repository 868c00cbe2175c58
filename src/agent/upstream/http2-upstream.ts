import { type ClientHttp2Session, connect } from "node:http2";
import type { Duplex } from "../../net/duplex.ts";
import { nodeStream } from "../../net/node-stream.ts";
import { pipe, STREAM_PIPE_BYTES } from "../../net/pipe.ts";
import { HEAD_LIMIT_BYTES } from "../../protocol/http1/head-scanner.ts";
import { Http2Exchanges } from "./http2-exchanges.ts";
import type { Upstream } from "./upstream.ts";

/** No visitor alone may end the dial for all. */
const NEVER = new AbortController().signal;
/** Of a response body, on its way. */
const STREAM_WINDOW_BYTES = 1024 * 1024;

/**
 * An upstream that speaks HTTP/2 from the first byte on. One connection serves all visitors of the tunnel, and another one is
 * dialled for the next request when it has ended. What tunnels read and capture stays HTTP/1.1.
 */
export class Http2Upstream implements Upstream {
  readonly isPlain = false;
  readonly #dialled: Upstream;
  readonly #scheme: "http" | "https";
  #shared: Promise<ClientHttp2Session> | undefined;

  /** `dialled` gives the connections. */
  constructor(dialled: Upstream, scheme: "http" | "https") {
    this.#dialled = dialled;
    this.#scheme = scheme;
  }

  get label(): string {
    return this.#dialled.label;
  }

  /** A visitor with a PROXY header gets a connection of its own, since the header speaks of everything behind it. */
  async connect(signal: AbortSignal, prelude: Uint8Array | undefined): Promise<Duplex> {
    const scheme = this.#scheme;
    const [near, far] = pipe({ highWaterBytes: STREAM_PIPE_BYTES });
    if (prelude === undefined) {
      await this.#session();
      new Http2Exchanges(far, { session: () => this.#session(), scheme }).start();
    } else {
      const own = await this.#open(signal, prelude);
      const session = (): Promise<ClientHttp2Session> =>
        own.closed ? Promise.reject(new Error("the upstream has closed")) : Promise.resolve(own);
      new Http2Exchanges(far, { session, scheme, onGone: () => own.close() }).start();
    }
    return near;
  }

  /** A dial that fails fails for all who wait for it; whoever comes later begins another one. */
  #session(): Promise<ClientHttp2Session> {
    if (this.#shared !== undefined) return this.#shared;
    const opening = this.#open(NEVER, undefined);
    this.#shared = opening;
    const forget = (): void => {
      if (this.#shared === opening) this.#shared = undefined;
    };
    opening.then((session) => session.once("goaway", forget).once("close", forget), forget);
    return opening;
  }

  async #open(signal: AbortSignal, prelude: Uint8Array | undefined): Promise<ClientHttp2Session> {
    const stream = nodeStream(await this.#dialled.connect(signal, prelude));
    // Errors of the connection end the session too, and with it its streams, which tell of them.
    stream.on("error", () => {});
    const session = connect(`${this.#scheme}://upstream.invalid`, {
      createConnection: () => stream,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES, maxHeaderListSize: HEAD_LIMIT_BYTES },
    });
    session.on("error", () => {});
    return session;
  }
}
