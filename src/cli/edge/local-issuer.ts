/** Certificates for names that the operator has none for. */
import { hostname } from "node:os";
import type { Clock } from "../../base/clock.ts";
import type { CertificateMaterial } from "../../pki/certificate-material.ts";
import { createLocalCa, LocalCa } from "../../pki/local-ca.ts";
import { openLocalCa } from "../../pki/local-ca-folder.ts";
import type { Logger } from "../../telemetry/logger.ts";

/**
 * Issues certificates by the CA of a data folder, which is made when the first one is needed; without a folder it lives in
 * memory.
 */
export function localIssuer(
  dataDir: string | undefined,
  clock: Clock,
  log: Logger,
): (names: readonly string[]) => Promise<CertificateMaterial> {
  const open = async (): Promise<LocalCa> => {
    if (dataDir === undefined) return new LocalCa(await createLocalCa(hostname(), clock), clock);
    const { ca, warning } = await openLocalCa(dataDir, hostname(), clock);
    if (warning !== undefined) log.warn("local CA", { warning });
    return ca;
  };
  const opening: { ca?: Promise<LocalCa> } = {};
  return async (names) => {
    opening.ca ??= open().catch((cause: unknown) => {
      delete opening.ca; // the next visitor may have more luck
      throw cause;
    });
    return (await opening.ca).issue(names);
  };
}
