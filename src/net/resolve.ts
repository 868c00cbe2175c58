/** From host names to addresses. Nothing is remembered: a name is asked for again at each dial. */
import { lookup, Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { DialError } from "./dial-error.ts";

/** One query of a resolver given by the user; it is tried twice. */
const QUERY_TIMEOUT_MS = 3_000;

/**
 * Every address of `host`, in the order to try them: families take turns, IPv6 first (RFC 8305 section 4). An address stands
 * for itself; `localhost` and the names below it are both loopback addresses, whatever the hosts file says (RFC 6761).
 * `resolvers` are the IPs of name servers to ask in place of the system's.
 * @throws DialError `unresolved`
 */
export async function resolveHost(host: string, resolvers: readonly string[] = []): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  if (/^(?:.+\.)?localhost\.?$/i.test(host)) return ["::1", "127.0.0.1"];
  const addresses = await ask(host, resolvers).catch((cause: unknown) => {
    throw new DialError("unresolved", `dial tcp: lookup ${host}: ${lookupText(cause)}`, { cause });
  });
  if (addresses.length === 0) throw new DialError("unresolved", `dial tcp: lookup ${host}: no address`);
  return alternateFamilies(addresses);
}

/** Keeps the order inside a family. */
export function alternateFamilies(addresses: readonly string[]): readonly string[] {
  const six = addresses.filter((address) => isIP(address) === 6);
  const four = addresses.filter((address) => isIP(address) === 4);
  return Array.from({ length: Math.max(six.length, four.length) }, (_, i) => [six[i], four[i]])
    .flat()
    .filter((address) => address !== undefined);
}

async function ask(host: string, resolvers: readonly string[]): Promise<readonly string[]> {
  if (resolvers.length > 0) return askServers(host, resolvers);
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
}

async function askServers(host: string, servers: readonly string[]): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: QUERY_TIMEOUT_MS, tries: 2 });
  resolver.setServers(servers);
  const [six, four] = await Promise.allSettled([resolver.resolve6(host), resolver.resolve4(host)]);
  if (six.status === "rejected" && four.status === "rejected") throw four.reason;
  return [six, four].flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
}

function lookupText(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOTFOUND" || code === "ENODATA") return "no such host";
  return cause instanceof Error ? cause.message : String(cause);
}
