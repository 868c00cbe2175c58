/** Version 1, one line of text: `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443` and CR LF. */
import { ProtocolError } from "../../base/errors.ts";
import { addressPair, addressText, parseAddress, parsePort, type ProxiedConnection } from "./proxied-connection.ts";

/** The longest line that the specification allows, CR LF included. */
export const VERSION_1_LIMIT_BYTES = 107;

/** The line for this connection. What version 1 has no words for (datagrams, Unix sockets, local) becomes `UNKNOWN`. */
export function encodeVersion1(connection: ProxiedConnection): Uint8Array {
  return Buffer.from(`PROXY ${describe(connection)}\r\n`, "latin1");
}

function describe(connection: ProxiedConnection): string {
  if (connection.type !== "ip" || connection.transport !== "stream") return "UNKNOWN";
  const { family, source, destination } = addressPair(connection.source.address, connection.destination.address);
  const addresses = `${addressText(source)} ${addressText(destination)}`;
  return `TCP${family} ${addresses} ${connection.source.port} ${connection.destination.port}`;
}

/**
 * Reads the line without its CR LF.
 * @throws ProtocolError when it is no header of version 1.
 */
export function parseVersion1(line: string): ProxiedConnection {
  const [signature, protocol, ...words] = line.split(" ");
  if (signature !== "PROXY") throw new ProtocolError("a PROXY header without its signature");
  // whatever follows UNKNOWN must be ignored
  if (protocol === "UNKNOWN") return { type: "unknown" };
  if (protocol !== "TCP4" && protocol !== "TCP6") {
    throw new ProtocolError(`a PROXY header of an unknown protocol: ${JSON.stringify(protocol)}`);
  }
  const [source, destination, sourcePort, destinationPort, ...more] = words;
  if (source === undefined || destination === undefined || sourcePort === undefined || destinationPort === undefined) {
    throw new ProtocolError("a PROXY header with a part missing");
  }
  if (more.length > 0) throw new ProtocolError("a PROXY header with too many parts");
  const family = protocol === "TCP4" ? 4 : 6;
  return {
    type: "ip",
    transport: "stream",
    source: { address: parseAddress(source, family), port: parsePort(sourcePort) },
    destination: { address: parseAddress(destination, family), port: parsePort(destinationPort) },
  };
}
