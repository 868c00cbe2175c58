import { isIP } from "node:net";
import { UsageError } from "../../base/errors.ts";
import { bracketHost, type HostPort } from "../../base/host-port.ts";
import { resolveHost } from "../../net/resolve.ts";
import { dialTcp } from "../../net/tcp-dial.ts";
import { localAddressOf } from "../edge-connector.ts";
import { withDeadline } from "./deadline.ts";
import { expectedReason } from "./expected-reason.ts";
import { ok, type Step } from "./step.ts";
import { inMs, type StepLimits, type Way } from "./way.ts";

/** A name with more addresses is tested at the first of them. */
const MAX_ADDRESSES = 8;

export interface DirectWayOptions extends StepLimits {
  readonly serverAddress: HostPort;
  readonly connectInterface: string | undefined;
  readonly dnsResolverIps: readonly string[];
  /** Whether a way over IPv6 is demanded. */
  readonly needsIpv6: boolean;
}

/** Tests the edge's name and a connection to each of its addresses. */
export async function findDirectWay(options: DirectWayOptions): Promise<Way> {
  const { serverAddress, connectInterface, dnsResolverIps } = options;
  const found = await resolve(serverAddress.host, dnsResolverIps, options);
  if (!Array.isArray(found.addresses)) return { steps: [found.step], dial: undefined };
  try {
    const from = connectInterface === undefined ? {} : { localAddress: localAddressOf(connectInterface) };
    const limits = limitsOf(options);
    const tried = await Promise.all(
      found.addresses.slice(0, MAX_ADDRESSES).map((address) => tryAddress(address, options, from)),
    );
    const works = tried.find(({ failure }) => failure === undefined);
    const families = ([4, 6] as const).flatMap((family) => familyStep(family, tried, options));
    const target = works && { host: works.address, port: serverAddress.port };
    return { steps: [found.step, ...families], dial: target && (() => dialTcp(target, { ...limits, ...from })) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const remedy = "Correct connect_interface.";
    const step: Step = { name: "TCP", verdict: "fail", detail: error.message, remedy, code: "ERR_NGROK_8002" };
    return { steps: [found.step, step], dial: undefined };
  }
}

async function resolve(
  host: string,
  resolvers: readonly string[],
  limits: StepLimits,
): Promise<{ readonly step: Step; readonly addresses?: readonly string[] }> {
  const name = "Name Resolution";
  try {
    const addresses = await withDeadline(resolveHost(host, resolvers), `lookup ${host}`, limits);
    return { step: ok(name, isIP(host) === 0 ? addresses.join(", ") : `${host} is an address`), addresses };
  } catch (error) {
    const asked = resolvers.length > 0 ? ` Those asked are the dns_resolver_ips: ${resolvers.join(", ")}.` : "";
    const remedy = `Is the name of the edge right, and do name servers answer this machine?${asked}`;
    return { step: { name, verdict: "fail", detail: expectedReason(error), remedy, code: "ERR_NGROK_8000" } };
  }
}

interface TriedAddress {
  readonly address: string;
  readonly tookMs: number;
  /** Why no connection came about. */
  readonly failure: string | undefined;
}

async function tryAddress(
  address: string,
  options: DirectWayOptions,
  from: { readonly localAddress?: string },
): Promise<TriedAddress> {
  const { clock, serverAddress } = options;
  const startedMs = clock.nowMs();
  const target = { host: address, port: serverAddress.port };
  const failure = await dialTcp(target, { ...limitsOf(options), ...from }).then((connection) => {
    connection.reset();
    return undefined;
  }, expectedReason);
  return { address, tookMs: clock.nowMs() - startedMs, failure };
}

/** Nothing is said of a family that the edge has not, unless it is demanded. */
function familyStep(
  family: 4 | 6,
  tried: readonly TriedAddress[],
  { needsIpv6, serverAddress }: DirectWayOptions,
): readonly Step[] {
  const own = tried.filter(({ address }) => isIP(address) === family);
  const name = `TCP (IPv${family})`;
  const isDemanded = family === 6 && needsIpv6;
  const code = isDemanded ? "ERR_NGROK_8011" : "ERR_NGROK_8002";
  if (own.length === 0) {
    const remedy = "Give the edge's name an IPv6 address (AAAA), or leave --ipv6 out.";
    return isDemanded ? [{ name, verdict: "fail", detail: "the edge has no IPv6 address", remedy, code }] : [];
  }
  const outcomes = own.map(({ address, tookMs, failure }) => failure ?? `${bracketHost(address)} in ${inMs(tookMs)}`);
  const detail = outcomes.join("; ");
  if (own.every(({ failure }) => failure === undefined)) return [ok(name, detail)];
  const isDead = own.every(({ failure }) => failure !== undefined);
  if (isDead && (isDemanded || tried.every(({ failure }) => failure !== undefined))) {
    const remedy = `Does the edge run and listen on port ${serverAddress.port}, and does every firewall between let it through? Behind a proxy set proxy_url.`;
    return [{ name, verdict: "fail", detail, remedy, code }];
  }
  const remedy = "An agent takes the address that answers first; one that never answers makes it wait for a moment.";
  return [{ name, verdict: "warn", detail, remedy, code }];
}

function limitsOf({ timeoutMs, signal, clock, onFault }: StepLimits): StepLimits {
  return { timeoutMs, signal, clock, onFault };
}
