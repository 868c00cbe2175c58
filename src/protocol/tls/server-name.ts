import { ProtocolError } from "../../base/errors.ts";
import { readLatin1 } from "../http1/latin1.ts";

const NAME_LIMIT_BYTES = 253;
/** Letters, digits, hyphens and, because real names have them, underscores; 1 to 63 of them. */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const IPV4_LIKE = /^[0-9.]+$/;

/**
 * The host name that a visitor put in its ClientHello (RFC 6066 section 3), in lower case. A trailing dot is dropped,
 * though the RFC wants none. An IPv4 address, not permitted there but sent by some programs, counts as no name.
 * @throws ProtocolError for anything that cannot be the name of a host.
 */
export function serverNameOf(bytes: Uint8Array): string | undefined {
  // one byte more than a name may have, for the dot
  if (bytes.length > NAME_LIMIT_BYTES + 1) throw new ProtocolError("a server name longer than 253 bytes");
  const text = readLatin1(bytes, 0, bytes.length);
  const name = (text.endsWith(".") ? text.slice(0, -1) : text).toLowerCase();
  if (IPV4_LIKE.test(name)) return undefined;
  if (name.length > NAME_LIMIT_BYTES || !name.split(".").every((label) => LABEL.test(label))) {
    throw new ProtocolError(`a server name that is no host name: ${JSON.stringify(name)}`);
  }
  return name;
}
