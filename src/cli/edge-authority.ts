/** The public authority of an edge, where its configuration names one. */
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { PRODUCT_VERSION } from "../base/product-version.ts";
import type { EdgeConfig } from "../config/edge-config.ts";
import { AcmeAuthority } from "../edge/certificates/acme-authority.ts";
import type { ChallengeType } from "../edge/certificates/certificate-authority.ts";
import { DnsHook } from "../edge/certificates/dns-hook.ts";
import { FolderCertificateStore } from "../edge/certificates/folder-certificate-store.ts";
import { ManagedCertificates } from "../edge/certificates/managed-certificates.ts";
import { PendingChallenges } from "../edge/certificates/pending-challenges.ts";
import { loadCaBundle } from "../pki/certificate-files.ts";
import type { Logger } from "../telemetry/logger.ts";

/** In the data folder: issued certificates with their keys, and the key of the account. */
const FOLDER = "acme";

export interface EdgeAuthority extends Disposable {
  readonly certificates: ManagedCertificates;
  readonly challenges: PendingChallenges;
}

/**
 * Asks the authority nothing before a visitor needs a certificate. Dispose it to stop renewals.
 * @throws UsageError for trusted authorities that cannot be read
 */
export async function openEdgeAuthority(
  config: EdgeConfig,
  clock: Clock,
  log: Logger,
): Promise<EdgeAuthority | undefined> {
  if (config.acme === undefined) return undefined;
  const { directoryUrl, contact, externalAccount, dnsHook, rootsFile } = config.acme;
  const challenges = new PendingChallenges();
  const store = new FolderCertificateStore({ folder: join(config.dataDir, FOLDER), clock, log });
  const authority = new AcmeAuthority({
    directoryUrl,
    contact,
    externalAccount,
    roots: rootsFile === undefined ? undefined : await loadCaBundle(rootsFile),
    userAgent: `ginnel/${PRODUCT_VERSION}`,
    store,
    challenges,
    dnsHook: dnsHook === undefined ? undefined : new DnsHook(dnsHook),
    clock,
  });
  const certificates = await ManagedCertificates.open({
    authority,
    store,
    challengeTypes: challengeTypesOf(config),
    clock,
    log,
    random: Math.random,
  });
  return { certificates, challenges, [Symbol.dispose]: () => certificates[Symbol.dispose]() };
}

function challengeTypesOf({ http, https, acme }: EdgeConfig): readonly ChallengeType[] {
  return [
    ...(http === undefined ? [] : (["http-01"] as const)),
    ...(https === undefined ? [] : (["tls-alpn-01"] as const)),
    ...(acme?.dnsHook === undefined ? [] : (["dns-01"] as const)),
  ];
}
