import { PublicError } from "../../../base/errors.ts";
import { formatHostPort } from "../../../base/host-port.ts";
import { randomHex } from "../../../base/random.ts";
import type { CertificatePolicy, ReservedDomain } from "../../../model/records/reserved-domain.ts";
import { checkReservation, isBelowBase } from "../../../model/reservations.ts";
import type { Changes } from "../../../store/store.ts";
import { changedNotes, ownRecord } from "../account-records.ts";
import { bodyFields } from "../body-fields.ts";
import { timeText } from "../links.ts";
import type { AnswerOne, ResourceHandlers } from "../management-call.ts";
import type { ManagementServices } from "../management-services.ts";
import { type ChangeScene, type HandlerServices, recordHandlers } from "../record-handlers.ts";
import * as address from "../resources/address-resources.ts";
import { portsOfOthers, portsOnline, refuseOnlineName, refuseTakenName } from "../taken-addresses.ts";
import { tlsCertificates } from "../resources/certificate-resources.ts";

type Services = HandlerServices & Pick<ManagementServices, "names" | "regions" | "tcp" | "isTaken">;

/** Of the name that a CNAME points to: never guessed by another account, which could take the visitors over. */
const CNAME_RANDOM_BYTES = 8;

export function reservedDomainHandlers(services: Services): ResourceHandlers {
  const { store, links, names } = services;
  const handlers = recordHandlers(services, {
    spec: address.reservedDomains,
    type: "reservedDomain",
    fields: address.domainFields,
    changes: address.domainChanges,
    nothingGiven: "ERR_NGROK_422",
    view: (record) => ({
      domain: record.domain,
      region: record.region,
      cname_target: record.cnameTarget ?? null,
      certificate: record.certificateId === undefined ? null : links.ref(tlsCertificates.path, record.certificateId),
      certificate_management_policy: policyView(record.certificatePolicy),
      certificate_management_status: statusView(record),
      acme_challenge_cname_target: null,
    }),
    make: async ({ domain: given, name, region = "", certificate_id, certificate_management_policy }, owned, scene) => {
      const text = given || name;
      if (text === undefined || text === "")
        throw new PublicError("ERR_NGROK_215", { name: "domain", reason: "it is missing" });
      checkRegion("ERR_NGROK_400", region, services.regions);
      const others = await scene.transaction.all("reservedDomain");
      const domain = checkReservation(owned.accountId, text, { others, own: names });
      const place = { accountId: owned.accountId, transaction: scene.transaction, isTaken: services.isTaken };
      await refuseTakenName(domain, place, { names, reserved: others });
      refuseBeyond(scene, others.filter(({ accountId }) => accountId === owned.accountId).length);
      const record: ReservedDomain = {
        ...owned,
        domain,
        region,
        certificateId: undefined,
        certificatePolicy: undefined,
        cnameTarget: isBelowBase(domain, names.baseDomains) ? undefined : cnameTarget(names.baseDomains),
        certificateJob: undefined,
        renewsAt: undefined,
      };
      const settled = await certificateChanges({ certificate_id, certificate_management_policy }, record, scene);
      return { record: { ...record, ...settled } };
    },
    change: async ({ certificate_id, certificate_management_policy, ...notes }, record, scene) => ({
      ...changedNotes(notes),
      ...(await certificateChanges({ certificate_id, certificate_management_policy }, record, scene)),
    }),
  });
  const detaching =
    (changes: Changes<"reservedDomain">): AnswerOne =>
    async ({ id, caller: { account, actor } }) => {
      await store.change(actor, async (transaction) => {
        await ownRecord(transaction, "reservedDomain", { id, accountId: account.id });
        await transaction.update("reservedDomain", id, changes);
      });
      return undefined;
    };
  return {
    list: handlers.list,
    actions: {
      ...handlers.actions,
      create: async (call) => {
        const { domain = "", name = "" } = bodyFields(address.domainFields, call.body);
        await refuseOnlineName((domain || name).toLowerCase(), call.caller.account.id, store.live);
        return handlers.actions.create(call);
      },
      "delete-certificate": detaching({ certificateId: undefined }),
      "delete-certificate-management-policy": detaching({
        certificatePolicy: undefined,
        certificateJob: undefined,
        renewsAt: undefined,
      }),
    },
  };
}

export function reservedAddrHandlers(services: Services): ResourceHandlers {
  const { store, tcp } = services;
  const handlers = addrHandlers(services, new Set());
  return {
    list: handlers.list,
    actions: {
      ...handlers.actions,
      create: async (call) => {
        const online =
          tcp === undefined ? new Set<number>() : await portsOnline(tcp, call.caller.account.id, store.live);
        return addrHandlers(services, online).actions.create(call);
      },
    },
  };
}

/** `online`: ports that are not to be had, whatever the records say. */
function addrHandlers(services: Services, online: ReadonlySet<number>) {
  return recordHandlers(services, {
    spec: address.reservedAddrs,
    type: "reservedAddr",
    fields: address.addrFields,
    changes: address.addrChanges,
    nothingGiven: "ERR_NGROK_506",
    view: ({ host, port, region }) => ({ addr: formatHostPort({ host, port }), region }),
    make: async ({ region = "" }, owned, { transaction, account }) => {
      checkRegion("ERR_NGROK_500", region, services.regions);
      const taken = await transaction.all("reservedAddr");
      const limit = account.limits.reservedAddrs;
      const own = taken.filter(({ accountId }) => accountId === account.id).length;
      if (own >= limit) throw new PublicError("ERR_NGROK_508", { limit });
      const ofOthers = await portsOfOthers({ accountId: account.id, transaction, isTaken: services.isTaken });
      const reserved = new Set(taken.map(({ port }) => port));
      const isUsed = (wanted: number): boolean => online.has(wanted) || ofOthers(wanted) || reserved.has(wanted);
      return { record: { ...owned, ...freeAddress(services.tcp, isUsed), region } };
    },
    change: async (notes) => changedNotes(notes),
  });
}

/** A random one, so that addresses which were given back are not given to the next account at once. */
function freeAddress(tcp: ManagementServices["tcp"], isUsed: (port: number) => boolean) {
  if (tcp === undefined) throw new PublicError("ERR_NGROK_503", { ports: "none" });
  const { host, ports } = tcp;
  const free = Array.from({ length: ports.last - ports.first + 1 }, (_, index) => ports.first + index).filter(
    (port) => !isUsed(port),
  );
  const port = free[Number.parseInt(randomHex(4), 16) % free.length];
  if (port === undefined) throw new PublicError("ERR_NGROK_503", { ports: `${ports.first}-${ports.last}` });
  return { host, port };
}

function checkRegion(code: "ERR_NGROK_400" | "ERR_NGROK_500", region: string, regions: readonly string[]): void {
  if (region !== "" && !regions.includes(region)) throw new PublicError(code, { region, known: regions.join(", ") });
}

function refuseBeyond({ account }: ChangeScene, own: number): void {
  const limit = account.limits.reservedDomains;
  if (own >= limit) throw new PublicError("ERR_NGROK_415", { limit });
}

function cnameTarget([base = ""]: readonly string[]): string {
  return `${randomHex(CNAME_RANDOM_BYTES)}.cname.${base}`;
}

interface CertificateWish {
  readonly certificate_id: string | undefined;
  readonly certificate_management_policy: { readonly private_key_type: "ecdsa" | "rsa" } | undefined;
}

/** A domain has either a certificate or a policy for getting one. */
async function certificateChanges(
  { certificate_id: certificateId = "", certificate_management_policy: policy }: CertificateWish,
  record: ReservedDomain,
  { transaction }: ChangeScene,
): Promise<Changes<"reservedDomain">> {
  if (certificateId !== "" && policy !== undefined) throw new PublicError("ERR_NGROK_434", {});
  if (policy !== undefined) {
    const certificatePolicy: CertificatePolicy = { authority: "letsencrypt", privateKeyType: policy.private_key_type };
    return { certificatePolicy, certificateId: undefined };
  }
  if (certificateId === "") return {};
  await ownRecord(transaction, "tlsCertificate", { id: certificateId, accountId: record.accountId });
  return {
    certificateId,
    certificatePolicy: undefined,
    certificateJob: undefined,
    renewsAt: undefined,
  };
}

function policyView(policy: CertificatePolicy | undefined): object | null {
  return policy === undefined ? null : { authority: policy.authority, private_key_type: policy.privateKeyType };
}

function statusView({ certificateJob: job, renewsAt }: ReservedDomain): object | null {
  if (job === undefined && renewsAt === undefined) return null;
  return {
    renews_at: renewsAt === undefined ? null : timeText(renewsAt),
    provisioning_job:
      job === undefined
        ? null
        : {
            error_code: job.errorCode,
            msg: job.message,
            started_at: timeText(job.startedAt),
            retries_at: job.retriesAt === undefined ? null : timeText(job.retriesAt),
          },
  };
}
