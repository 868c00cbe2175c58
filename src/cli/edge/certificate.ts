/** The operator's own certificate: what happens to its files stands in the log. */
import type { Clock } from "../../base/clock.ts";
import type { EdgeConfig } from "../../config/edge-config.ts";
import { ReloadingCertificate } from "../../pki/reloading-certificate.ts";
import type { Logger } from "../../telemetry/logger.ts";

/**
 * Loads the pair of files and follows them until the caller disposes of it; `undefined` where none is configured.
 * @throws UsageError when the pair cannot be used
 */
export async function openEdgeCertificate(
  files: EdgeConfig["certificate"],
  clock: Clock,
  log: Logger,
): Promise<ReloadingCertificate | undefined> {
  if (files === undefined) return undefined;
  const file = files.crt;
  return ReloadingCertificate.open({ certificateFile: file, keyFile: files.key }, clock, {
    onReload: ({ material, warnings }) => {
      log.info("certificate loaded", { file, names: material.names.join(",") });
      for (const warning of warnings) log.warn("certificate loaded", { file, warning });
    },
    onFailure: (cause) => log.warn("changed certificate cannot be used, the old one stays", { err: cause }),
  });
}
