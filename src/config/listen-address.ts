/** Where a port of ours listens: `127.0.0.1:8080`, `[::]:443`, `:80`, `80`, or `off`. */
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

function fail(text: string): never {
  throw new UsageError(`${JSON.stringify(text)} is no address to listen on; write host:port, :port, a port, or off`);
}
