import ipaddr from "ipaddr.js";
import type { HostPort } from "../../base/host-port.ts";

type Ip = ipaddr.IPv4 | ipaddr.IPv6;

/** One entry of the list, as a question to a destination. */
type Rule = (host: string, address: Ip | undefined, port: number) => boolean;

/**
 * Which destinations are reached without the proxy. The rules are those that Go programs apply to `NO_PROXY`: entries
 * separated by commas or spaces; `*` is everything; an address, a network in CIDR form; `name` is the name and everything below
 * it, `.name` and `*.name` only what is below; `:port` at the end limits an entry to that port. An entry that is none of
 * these is passed over.
 */
export class NoProxyList {
  readonly #rules: readonly Rule[];

  constructor(text: string) {
    this.#rules = text
      .toLowerCase()
      .split(/[\s,]+/)
      .filter((entry) => entry !== "")
      .map(ruleOf);
  }

  matches(target: HostPort): boolean {
    const host = plainName(target.host);
    const address = addressOf(host);
    return this.#rules.some((rule) => rule(host, address, target.port));
  }
}

/**
 * This machine itself. A proxy out of the environment is never asked for it; one that the user wrote into the
 * configuration is.
 */
export function isLoopbackTarget(target: HostPort): boolean {
  const host = plainName(target.host);
  return host === "localhost" || addressOf(host)?.range() === "loopback";
}

function ruleOf(entry: string): Rule {
  if (entry === "*") return () => true;
  const network = networkOf(entry);
  if (network !== undefined) {
    const [base, bits] = network;
    return (_, address) => address?.kind() === base.kind() && address.match(base, bits);
  }
  const [, host = entry, onlyPort] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
  const fits: (port: number) => boolean = onlyPort === undefined ? () => true : (port) => port === Number(onlyPort);
  const own = addressOf(host.replace(/^\[(.*)\]$/, "$1"));
  if (own !== undefined) return (_, address, port) => fits(port) && address?.toString() === own.toString();
  const name = host.replace(/^\*(?=\.)/, "");
  if (/^\.?$/.test(name)) return () => false;
  if (name.startsWith(".")) return (target, _, port) => fits(port) && target.endsWith(name);
  return (target, _, port) => fits(port) && (target === name || target.endsWith(`.${name}`));
}

function networkOf(entry: string): [Ip, number] | undefined {
  return ipaddr.isValidCIDR(entry) ? ipaddr.parseCIDR(entry) : undefined;
}

/** Mapped IPv4 addresses count as IPv4. */
function addressOf(text: string): Ip | undefined {
  const isAddress = ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
  return isAddress ? ipaddr.process(text) : undefined;
}

function plainName(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}
