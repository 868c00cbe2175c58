/** Which Host headers a port for browsers answers (reference.md 3.1): a page of a stranger whose name leads here is not served. */
import ipaddr from "ipaddr.js";
import { parseHostPort } from "../base/host-port.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Rule = (host: string, address: Address | undefined) => boolean;

export interface AllowedHostsOptions {
  /** Where the port listens; empty for all addresses. */
  readonly listensOn: string;
  /** Further ones: address, network, host, or `.suffix` for what is below a domain. */
  readonly allowHosts: readonly string[];
}

/**
 * The names of this machine itself are always allowed. Who listens beyond the loopback is also found by the name that was
 * configured, by address and by names without a dot, as container networks give them: nobody can register such a name to make a browser come here.
 */
export class AllowedHosts {
  readonly #rules: readonly Rule[];

  constructor({ listensOn, allowHosts }: AllowedHostsOptions) {
    const own: Rule = (host) => host === listensOn;
    const beyond: readonly Rule[] = isLoopbackHost(listensOn) ? [] : [own, isAddress, isUnregistrable];
    this.#rules = [...beyond, ...allowHosts.map(ruleOf)];
  }

  /** `host` as {@link hostOfHeader} answers it. */
  allows(host: string): boolean {
    return isLoopbackHost(host) || this.#rules.some((rule) => rule(host, addressOf(host)));
  }
}

/** The host of a Host header: lower case, without port, brackets and final dot. Undefined when it is none. */
export function hostOfHeader(header: string): string | undefined {
  return parseHostPort(header, 80)?.host.replace(/\.$/, "") || undefined;
}

/** `localhost`, 127.0.0.0/8 or ::1. */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || addressOf(host)?.range() === "loopback";
}

/**
 * One spelling for each host. Systems, unlike {@link AllowedHosts}, take `127.1` and `2130706433` for addresses as well (URL
 * standard, IPv4 parser). Without the zone of an IPv6 address: it tells the interface.
 */
export function writtenOut(host: string): string {
  const bare = host.replace(/%.*$/, "").replace(/\.$/, "");
  const name = bare.includes(":") ? bare : (URL.parse(`http://${bare}/`)?.hostname ?? bare);
  return addressOf(name)?.toString() ?? name;
}

function isAddress(_host: string, address: Address | undefined): boolean {
  return address !== undefined;
}

function isUnregistrable(host: string): boolean {
  return !host.includes(".");
}

function ruleOf(written: string): Rule {
  const entry = written.trim().toLowerCase();
  if (ipaddr.isValidCIDR(entry)) {
    const [base, bits] = ipaddr.parseCIDR(entry);
    return (_, address) => address?.kind() === base.kind() && address.match(base, bits);
  }
  const own = addressOf(entry.replace(/^\[(.*)\]$/, "$1"));
  if (own !== undefined) return (_, address) => address?.toString() === own.toString();
  if (entry.startsWith(".")) return (host) => host.endsWith(entry) && host !== entry;
  const name = hostOfHeader(entry); // people write the port along
  return (host) => host === name;
}

/** Not `127.1` or `0x7f000001`: browsers write addresses out. */
function addressOf(host: string): Address | undefined {
  if (!ipaddr.IPv4.isValidFourPartDecimal(host) && !ipaddr.IPv6.isValid(host)) return undefined;
  return ipaddr.process(host);
}
