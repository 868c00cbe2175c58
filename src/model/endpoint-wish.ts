/** Which public endpoints a tunnel asks an edge for, one bind each (reference.md 3.2, 7.1, 7.2). */
import type { HostPort } from "../base/host-port.ts";
import type { HostWish, HttpScheme, TunnelDefinition } from "./tunnel-definition.ts";

export type EndpointWish =
  /** `name` is the name under which the endpoint shows: the tunnel's, or `NAME (http)` for the second of a pair. */
  | { readonly name: string; readonly proto: HttpScheme | "tls"; readonly host: HostWish }
  | { readonly name: string; readonly proto: "tcp"; readonly address: HostPort | undefined };

/**
 * The endpoints in the order to bind them. Of a pair the https one comes first and keeps the plain name; the http one must get
 * the host that the first one was given.
 */
export function endpointWishes(tunnel: TunnelDefinition): readonly EndpointWish[] {
  const { name } = tunnel;
  switch (tunnel.proto) {
    case "tcp":
      return [{ name, proto: "tcp", address: tunnel.remoteAddress }];
    case "tls":
      return [{ name, proto: "tls", host: tunnel.host }];
    case "http": {
      const isPair = tunnel.schemes.length > 1;
      return isPair
        ? [
            { name, proto: "https", host: tunnel.host },
            { name: `${name} (http)`, proto: "http", host: tunnel.host },
          ]
        : tunnel.schemes.map((proto) => ({ name, proto, host: tunnel.host }));
    }
    default:
      return tunnel satisfies never;
  }
}
