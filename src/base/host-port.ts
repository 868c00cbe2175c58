/** A host with a port as users write it: `example.org:443`, `127.0.0.1:80`, `[::1]:22`. */

export interface HostPort {
  /** Host name or address, lower case; IPv6 without brackets. Empty when only a port was given. */
  readonly host: string;
  readonly port: number;
}

/** Splits `host:port`. The host may be empty (`:80`); without a port the default is taken. `undefined`: neither form. */
export function parseHostPort(text: string, defaultPort?: number): HostPort | undefined {
  const [, bracketed, plain, portText] = /^(?:\[([^\][]*)\]|([^:[\]]*))(?::(.*))?$/s.exec(text) ?? [];
  const port = portText === undefined ? defaultPort : parsePort(portText);
  const isHost = bracketed === undefined ? isHostText(plain ?? " ") : isIpv6Text(bracketed);
  if (port === undefined || !isHost || (plain === "" && portText === undefined)) return undefined;
  return { host: (bracketed ?? plain ?? "").toLowerCase(), port };
}

/** The text of a host and port; IPv6 gets its brackets. */
export function formatHostPort({ host, port }: HostPort): string {
  return `${bracketHost(host)}:${port}`;
}

/** The host as it stands in a URL: IPv6 in brackets. */
export function bracketHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** A TCP port, 1 to 65535, in decimal digits. */
export function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** Underscores are allowed: container networks name their hosts with them. */
function isHostText(host: string): boolean {
  return /^[A-Za-z0-9._-]{0,253}$/.test(host);
}

function isIpv6Text(host: string): boolean {
  const [, address] = /^([0-9a-f:.]+)(?:%[A-Za-z0-9._-]+)?$/i.exec(host) ?? [];
  return address !== undefined && URL.canParse(`http://[${address}]/`);
}
