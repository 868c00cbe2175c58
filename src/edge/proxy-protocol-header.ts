import type { Duplex } from "../net/duplex.ts";
import { parseHostPort } from "../base/host-port.ts";
import { encodeVersion1 } from "../protocol/proxyproto/version-1.ts";
import { encodeVersion2 } from "../protocol/proxyproto/version-2.ts";
import type { ProxiedConnection, SocketAddress } from "../protocol/proxyproto/proxied-connection.ts";

/** What the upstream of an endpoint is told about a visitor, in the version that it asked for. */
export function proxyProtocolHeader(
  version: 1 | 2,
  visitor: Pick<Duplex, "remoteAddress" | "localAddress">,
): Uint8Array {
  const source = socketAddress(visitor.remoteAddress);
  const destination = socketAddress(visitor.localAddress ?? "");
  const connection: ProxiedConnection =
    source === undefined || destination === undefined
      ? { type: "unknown" }
      : { type: "ip", transport: "stream", source, destination };
  return version === 1 ? encodeVersion1(connection) : encodeVersion2(connection);
}

/** `undefined` for a connection inside the process. */
function socketAddress(text: string): SocketAddress | undefined {
  const parsed = parseHostPort(text);
  return parsed === undefined ? undefined : { address: parsed.host, port: parsed.port };
}
