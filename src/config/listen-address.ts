/** Where a port of ours listens: `127.0.0.1:8080`, `[::]:443`, `:80`, `80`, or `off`. */
import ipaddr from "ipaddr.js";
import { UsageError } from "../base/errors.ts";
import { parseHostPort, parsePort, type HostPort } from "../base/host-port.ts";

/** An empty host means all addresses of the machine, IPv4 and IPv6. Port 0 lets the system choose one. */
export type ListenAddress = HostPort;

/** `defaultHost` is where a port alone listens. `undefined` means that nothing shall listen: `off` or `false`. */
export function parseListenAddress(text: string, defaultHost = ""): ListenAddress | undefined {
  if (text === "off" || text === "false") return undefined;
  const [, zeroHost] = /^(.*):0$/.exec(text) ?? [];
  if (zeroHost !== undefined) return { host: parseHostPort(`${zeroHost}:1`)?.host ?? fail(text), port: 0 };
  const port = text === "0" ? 0 : parsePort(text);
  return port === undefined ? (parseHostPort(text) ?? fail(text)) : { host: defaultHost, port };
}

/**
 * Whether a system has no room for both: the same port on addresses that mean the same, or of which one means the other
 * too. Names are not looked up; `localhost` is taken for 127.0.0.1, since of several addresses of a name only the first is listened
 * on. Port 0 is a new one each time.
 */
export function excludeEachOther(one: ListenAddress, other: ListenAddress): boolean {
  if (one.port !== other.port || one.port === 0) return false;
  return cover(meantBy(one.host), meantBy(other.host));
}

function meantBy(host: string): string {
  if (host === "localhost") return "127.0.0.1";
  const [address = "", zone] = host.split("%");
  if (!ipaddr.isValid(address)) return host || "::";
  // Texts of one address that differ: shortened, with an IPv4 address inside, in other bases.
  const text = ipaddr.process(address).toString();
  return zone === undefined ? text : `${text}%${zone}`;
}

/** `::` takes the port of IPv4 too. */
function cover(one: string, other: string): boolean {
  if (one === other || one === "::" || other === "::") return true;
  return (one === "0.0.0.0" && !other.includes(":")) || (other === "0.0.0.0" && !one.includes(":"));
}

function fail(text: string): never {
  throw new UsageError(`${JSON.stringify(text)} is no address to listen on; write host:port, :port, a port, or off`);
}
