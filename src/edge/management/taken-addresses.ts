/**
 * What another account has without having reserved it, because it has an endpoint there: nobody may reserve it away. Names of several
 * labels below a base domain and those elsewhere need a reservation, so they are safe by it; one label below a base domain is not.
 */
import { PublicError } from "../../base/errors.ts";
import { type EndpointAddress, parseEndpointAddress } from "../../model/endpoint-address.ts";
import { bindRight, isUnder, type OwnNames, type Reservation } from "../../model/reservations.ts";
import type { LiveRecords } from "../../store/live-records.ts";
import type { Transaction } from "../../store/store.ts";
import type { ManagementServices } from "./management-services.ts";

/** Endpoints of one host that are looked at: they are of one account, and either pooled or few. */
const MAX_LOOKED_AT = 100;

export interface TakenPlace {
  readonly accountId: string;
  readonly transaction: Pick<Transaction, "all">;
  readonly isTaken: ManagementServices["isTaken"];
}

/**
 * Inside the change that reserves the name. A cloud endpoint whose own account may not have its name any more keeps it from nobody.
 * @throws PublicError when another account has a name that the reservation would take
 */
export async function refuseTakenName(
  domain: string,
  { accountId, transaction, isTaken }: TakenPlace,
  { names, reserved }: { readonly names: OwnNames; readonly reserved: readonly Reservation[] },
): Promise<void> {
  const byDomain = new Map(reserved.map((reservation) => [reservation.domain, reservation]));
  const known = { find: (name: string) => byDomain.get(name), own: names };
  const isLost = ({ of, at }: CloudAddress): boolean =>
    at.kind === "named" && (at.host === domain || isUnder(at.host, domain)) && bindRight(of, at.host, known).may;
  const isCloud = (await cloudAddressesOfOthers(accountId, transaction)).some(isLost);
  if (isCloud || isTaken({ host: domain }, accountId)) throw new PublicError("ERR_GINNEL_NAME_IN_USE", { domain });
}

/** Before that change, since agents of all nodes are looked at. @throws PublicError when an agent of another account is there */
export async function refuseOnlineName(
  domain: string,
  accountId: string,
  live: Pick<LiveRecords, "endpointsOn">,
): Promise<void> {
  const endpoints = await live.endpointsOn(domain, { limit: MAX_LOOKED_AT });
  if (endpoints.some((endpoint) => endpoint.proto !== "tcp" && endpoint.accountId !== accountId))
    throw new PublicError("ERR_GINNEL_NAME_IN_USE", { domain });
}

/** Ports that other accounts have cloud endpoints at, and whether others have a port here and now. */
export async function portsOfOthers({
  accountId,
  transaction,
  isTaken,
}: TakenPlace): Promise<(port: number) => boolean> {
  const cloud = await cloudAddressesOfOthers(accountId, transaction);
  const ports = new Set(cloud.flatMap(({ at }) => (at.kind === "tcp" ? [at.port] : [])));
  return (port) => ports.has(port) || isTaken({ port }, accountId);
}

/** Ports that agents of other accounts have, on whichever node. */
export async function portsOnline(
  { host, ports }: NonNullable<ManagementServices["tcp"]>,
  accountId: string,
  live: Pick<LiveRecords, "endpointsOn">,
): Promise<ReadonlySet<number>> {
  const page = { limit: ports.last - ports.first + 1, where: { proto: "tcp" } };
  const endpoints = await live.endpointsOn(host, page);
  return new Set(endpoints.filter((endpoint) => endpoint.accountId !== accountId).map(({ port }) => port));
}

interface CloudAddress {
  /** Whose it is. */
  readonly of: string;
  readonly at: EndpointAddress;
}

async function cloudAddressesOfOthers(
  accountId: string,
  transaction: Pick<Transaction, "all">,
): Promise<readonly CloudAddress[]> {
  const all = await transaction.all("cloudEndpoint");
  return all.flatMap(({ accountId: of, url }) => (of === accountId ? [] : [{ of, at: parseEndpointAddress(url) }]));
}
