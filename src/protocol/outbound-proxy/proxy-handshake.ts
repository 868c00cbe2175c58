/**
 * How to ask a proxy for a connection to somewhere else, before the connection is ours. This folder knows HTTP CONNECT
 * and SOCKS5, which proxy the user means and which destinations need none. It opens no connection; `net` does.
 */

export type HandshakeStep =
  | "more"
  | { readonly type: "send"; readonly bytes: Uint8Array }
  /** The connection leads to the target. `rest` came from there already; it shares memory with the chunk. */
  | { readonly type: "established"; readonly rest: Uint8Array }
  /** `reason` completes the sentence "the proxy …"; it holds no credentials and no control characters. */
  | { readonly type: "refused"; readonly reason: string };

/** One request to a proxy. Send `start()`, then feed what comes until a step says established or refused. */
export interface ProxyHandshake {
  start(): Uint8Array;
  /** @throws ProtocolError when the peer does not speak like a proxy of its kind. */
  receive(chunk: Uint8Array): HandshakeStep;
}
