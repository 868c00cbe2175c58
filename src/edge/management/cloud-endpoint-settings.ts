/** What the settings of a cloud endpoint have to be before they are kept (reference.md 7.1, 7.12). */
import { PublicError, UsageError } from "../../base/errors.ts";
import { formatHostPort } from "../../base/host-port.ts";
import { type EndpointAddress, formatEndpointAddress, parseEndpointAddress } from "../../model/endpoint-address.ts";
import type { CloudEndpoint } from "../../model/records/cloud-endpoint.ts";
import type { LiveEndpoint } from "../../model/records/live-endpoint.ts";
import { bindRight, nameRefusal } from "../../model/reservations.ts";
import type { LiveRecords } from "../../store/live-records.ts";
import { checkPublicPort } from "../binding/shown-url.ts";
import { CloudPolicy, type PolicyScene } from "./cloud-policy.ts";
import type { ManagementServices } from "./management-services.ts";
import type { ChangeScene } from "./record-handlers.ts";

/** Of one host; they are of one account, and either pooled or few. */
const MAX_LOOKED_AT = 100;

/** What counts for whether two endpoints may both be. */
interface Claim {
  readonly accountId: string;
  readonly scheme: string;
  readonly isPooled: boolean;
}

export interface WantedSettings extends Pick<CloudEndpoint, "url" | "trafficPolicy" | "isPooled"> {
  readonly bindings: readonly string[] | undefined;
}

export interface SettingsPlace {
  readonly services: Pick<ManagementServices, "names" | "tcp" | "publicPorts">;
  readonly scene: ChangeScene;
  /** As it was read before the change. */
  readonly policy: CloudPolicy | undefined;
  /** Of the endpoint that is to be changed. */
  readonly ownId?: string;
}

/** As they are to be kept. @throws PublicError */
export async function checkedSettings(wanted: WantedSettings, place: SettingsPlace) {
  const address = addressOf(wanted.url);
  const binding = address.kind === "internal" ? "internal" : "public";
  const bindings = wanted.bindings?.length ? wanted.bindings : [binding];
  if (bindings[0] !== binding) {
    throw invalid("bindings", `an endpoint at ${address.host} has the binding ${binding}`);
  }
  if (address.kind === "named") {
    checkPublicPort(address.scheme, address, place.services.publicPorts);
    await refuseForeignName(address.host, place);
  }
  if (address.kind === "tcp") await refuseForeignAddress(address, place);
  await checkPolicy(wanted.trafficPolicy, address, place);
  await refuseTaken(address, wanted.isPooled, place);
  return {
    url: formatEndpointAddress(address),
    bindings,
    trafficPolicy: wanted.trafficPolicy,
    isPooled: wanted.isPooled,
  };
}

/** To be asked before the change, which waits for nothing but its transaction. @throws PublicError 334, 6030 when an agent is there */
export async function refuseOnline(
  { url, isPooled, accountId }: Pick<CloudEndpoint, "url" | "isPooled" | "accountId">,
  live: Pick<LiveRecords, "endpointsOn">,
): Promise<void> {
  const address = addressOf(url);
  const where: Partial<LiveEndpoint> = {
    ...(address.kind !== "named" && { port: address.port, proto: address.scheme }),
    ...(address.kind === "internal" && { accountId }),
  };
  const others = await live.endpointsOn(address.host, { limit: MAX_LOOKED_AT, where });
  for (const { proto, ...other } of others) {
    if (address.kind === "named" && proto === "tcp") continue;
    refuseBeside({ accountId, scheme: address.scheme, isPooled }, { ...other, scheme: proto }, url);
  }
}

/** To be asked before the change, as {@link refuseOnline}. @throws PublicError */
export function readPolicy(
  { url, trafficPolicy }: Pick<WantedSettings, "url" | "trafficPolicy">,
  scene: PolicyScene,
): Promise<CloudPolicy> {
  return CloudPolicy.read(trafficPolicy, addressOf(url), scene);
}

async function checkPolicy(text: string, address: EndpointAddress, { policy, scene }: SettingsPlace): Promise<void> {
  const inChange: PolicyScene = { accountId: scene.account.id, reader: scene.transaction };
  if (policy?.isOf(text, address) === true) await policy.refuseMissing(inChange);
  // Another change came between, and what stays of the endpoint is not what was read.
  else await CloudPolicy.read(text, address, inChange);
}

async function refuseTaken(
  address: EndpointAddress,
  isPooled: boolean,
  { scene, ownId }: SettingsPlace,
): Promise<void> {
  const url = formatEndpointAddress(address);
  const accountId = scene.account.id;
  const urls =
    address.kind === "named" ? ["http", "https", "tls"].map((scheme) => `${scheme}://${address.host}`) : [url];
  for (const taken of urls) {
    // Internal names are each account's own.
    const where = address.kind === "internal" ? { url: taken, accountId } : { url: taken };
    for (const other of await scene.transaction.all("cloudEndpoint", where)) {
      if (other.id === ownId) continue;
      const [scheme = ""] = taken.split(":", 1);
      refuseBeside({ accountId, scheme: address.scheme, isPooled }, { ...other, scheme }, url);
    }
  }
}

/** Both have the same host; for tcp and internal ones, the same port. @throws PublicError */
function refuseBeside(wanted: Claim, other: Claim, url: string): void {
  const isOwn = other.accountId === wanted.accountId;
  if (isOwn && other.scheme !== wanted.scheme && !excludeEachOther(wanted.scheme, other.scheme)) return;
  const isSame = isOwn && other.scheme === wanted.scheme;
  if (isSame && wanted.isPooled && other.isPooled) return;
  throw isSame && wanted.isPooled
    ? new PublicError("ERR_NGROK_6030", { url })
    : new PublicError("ERR_NGROK_334", { url, canJoin: isSame && other.isPooled });
}

/** Both are chosen by the server name of one TLS port (reference.md 7.2). */
function excludeEachOther(one: string, other: string): boolean {
  return one !== "http" && other !== "http";
}

async function refuseForeignName(host: string, { services: { names }, scene }: SettingsPlace): Promise<void> {
  const { transaction, account } = scene;
  const reserved = new Map((await transaction.all("reservedDomain")).map((one) => [one.domain, one]));
  const right = bindRight(account.id, host, { find: (domain) => reserved.get(domain), own: names });
  if (!right.may) throw nameRefusal(host, right.because, names.baseDomains);
}

async function refuseForeignAddress(
  { host, port }: EndpointAddress & { readonly kind: "tcp" },
  { services: { tcp }, scene }: SettingsPlace,
): Promise<void> {
  const address = formatHostPort({ host, port });
  const onPort = await scene.transaction.all("reservedAddr", { port });
  const own = onPort.find((reserved) => reserved.accountId === scene.account.id && reserved.host === host);
  if (own !== undefined) return;
  if (onPort.some(({ accountId }) => accountId !== scene.account.id))
    throw new PublicError("ERR_NGROK_309", { address });
  const ports = tcp === undefined ? "(none)" : `${tcp.ports.first}-${tcp.ports.last}`;
  throw new PublicError("ERR_NGROK_307", { address, ports });
}

/** @throws PublicError */
function addressOf(url: string): EndpointAddress {
  try {
    return parseEndpointAddress(url);
  } catch (error) {
    throw error instanceof UsageError ? invalid("url", error.message) : error;
  }
}

export function invalid(name: string, reason: string): PublicError {
  return new PublicError("ERR_NGROK_215", { name, reason });
}
