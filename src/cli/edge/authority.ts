/** The public authority of an edge, where its configuration names one. */
import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { PRODUCT_VERSION } from "../../base/product-version.ts";
import type { AcmeConfig } from "../../config/edge-acme.ts";
import type { EdgeConfig } from "../../config/edge-config.ts";
import type { Environment } from "../../config/environment.ts";
import { AcmeAuthority } from "../../edge/certificates/acme-authority.ts";
import type { ChallengeType } from "../../edge/certificates/certificate-authority.ts";
import type { CertificateStore } from "../../edge/certificates/certificate-store.ts";
import { checkDnsHook, DnsHook } from "../../edge/certificates/dns-hook.ts";
import { DnsZones } from "../../edge/certificates/dns-zones.ts";
import { FolderCertificateStore } from "../../edge/certificates/folder-certificate-store.ts";
import { ManagedCertificates } from "../../edge/certificates/managed-certificates.ts";
import { PendingChallenges } from "../../edge/certificates/pending-challenges.ts";
import type { ChallengeBoard, SharedOrders } from "../../edge/certificates/shared-orders.ts";
import { DomainCertificates } from "../../edge/records/domain-certificates.ts";
import { RecordCertificateStore } from "../../edge/records/record-certificate-store.ts";
import { SharedChallenges } from "../../edge/records/shared-challenges.ts";
import { loadCaBundle } from "../../pki/certificate-files.ts";
import type { Store } from "../../store/store.ts";
import type { Logger } from "../../telemetry/logger.ts";

/** In the data folder: issued certificates with their keys, and the key of the account. */
const FOLDER = "acme";

export interface EdgeAuthority extends Disposable {
  readonly certificates: ManagedCertificates;
  readonly challenges: PendingChallenges;
}

/** Where this node finds what it shares with others. */
export interface AuthorityServices {
  /** Keeps certificates, and tells which domains want some; absent: the data folder does, and none is asked. It stays the caller's. */
  readonly store: Store | undefined;
  /** Of this node, for the audit log. */
  readonly nodeId: string;
  /** Of this process. */
  readonly env: Environment;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Asks the authority nothing before a visitor, or the policy of a domain, needs a certificate. Dispose it to stop renewals, before
 * the store is closed.
 * @throws UsageError as {@link readyAuthority} does, StoreError when the store fails
 */
export async function openEdgeAuthority(
  config: EdgeConfig,
  services: AuthorityServices,
): Promise<EdgeAuthority | undefined> {
  if (config.acme === undefined) return undefined;
  using opened = new DisposableStack();
  const { directoryUrl, contact, externalAccount, dnsHook, dnsZones } = config.acme;
  const roots = await readyAuthority(config.acme);
  const { env, clock, log } = services;
  const challenges = new PendingChallenges(clock);
  const kept = await keeping(config, services, challenges, opened);
  const authority = new AcmeAuthority({
    directoryUrl,
    contact,
    externalAccount,
    roots,
    userAgent: `ginnel/${PRODUCT_VERSION}`,
    store: kept.store,
    challenges: kept.challenges,
    dnsHook: dnsHook === undefined ? undefined : new DnsHook(dnsHook, env, log),
    clock,
  });
  const certificates = opened.use(
    await ManagedCertificates.open({
      authority,
      store: kept.store,
      shared: kept.shared,
      challengeTypes: challengeTypesOf(config),
      dnsZones: new DnsZones([...config.domains, ...dnsZones], config.reserved),
      clock,
      log,
      random: Math.random,
    }),
  );
  const { store } = services;
  if (store !== undefined) opened.use(await DomainCertificates.open({ ...services, store, managed: certificates }));
  const all = opened.move();
  return { certificates, challenges, [Symbol.dispose]: () => all.dispose() };
}

/**
 * What an authority needs of this machine; answers whom to trust, `undefined` for the usual ones.
 * @throws UsageError for trusted authorities that cannot be read, and a hook that cannot be run
 */
export async function readyAuthority({
  dnsHook,
  rootsFile,
}: Pick<AcmeConfig, "dnsHook" | "rootsFile">): Promise<readonly string[] | undefined> {
  if (dnsHook !== undefined) checkDnsHook(dnsHook);
  return rootsFile === undefined ? undefined : await loadCaBundle(rootsFile);
}

interface Keeping {
  readonly store: CertificateStore;
  readonly shared: SharedOrders | undefined;
  readonly challenges: ChallengeBoard;
}

async function keeping(
  { dataDir }: EdgeConfig,
  { store, nodeId, clock, log }: AuthorityServices,
  own: PendingChallenges,
  opened: DisposableStack,
): Promise<Keeping> {
  if (store === undefined) {
    const folder = new FolderCertificateStore({ folder: join(dataDir, FOLDER), clock, log });
    return { store: folder, shared: undefined, challenges: own };
  }
  const records = new RecordCertificateStore({ store, nodeId, clock, log });
  const challenges = opened.use(await SharedChallenges.open({ store, own, nodeId, clock, log }));
  return { store: records, shared: records, challenges };
}

function challengeTypesOf({ http, https, acme }: EdgeConfig): readonly ChallengeType[] {
  return [
    ...(http === undefined ? [] : (["http-01"] as const)),
    ...(https === undefined ? [] : (["tls-alpn-01"] as const)),
    ...(acme?.dnsHook === undefined ? [] : (["dns-01"] as const)),
  ];
}
