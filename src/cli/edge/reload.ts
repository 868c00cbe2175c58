/** What an edge does at SIGHUP: looks at its files again, and cuts nobody. */
import type { ReloadingCertificate } from "../../pki/reloading-certificate.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { OpenAccessLog } from "./access-log.ts";
import { onHangup } from "../hangup-signal.ts";

export interface Reloadable {
  /** What it is, for people. */
  readonly what: string;
  /** When it rejects, what was there before goes on. */
  readonly reload: () => Promise<unknown>;
}

/** What each process of an edge has open. */
export function reloadableFiles(
  certificate: ReloadingCertificate | undefined,
  access: OpenAccessLog | undefined,
): readonly Reloadable[] {
  return [
    ...(certificate === undefined ? [] : [{ what: "certificate", reload: () => certificate.reload() }]),
    ...(access === undefined ? [] : [{ what: "access log", reload: () => access.reopen() }]),
  ];
}

/** At each SIGHUP until disposed of, one after the other. A part that cannot be reloaded is a warning, and stays. */
export function reloadAtHangup(parts: readonly Reloadable[], log: Logger): Disposable {
  let last = Promise.resolve();
  return onHangup(() => {
    last = last.then(() => reloadAll(parts, log));
  });
}

/** Never rejects. */
async function reloadAll(parts: readonly Reloadable[], log: Logger): Promise<void> {
  const results = await Promise.allSettled(parts.map(async ({ reload }) => reload()));
  const failed = parts.filter(({ what }, index) => {
    const result = results[index];
    if (result?.status !== "rejected") return false;
    log.warn("could not be reloaded, the old one stays", { what, err: result.reason });
    return true;
  });
  log.info("edge reloaded", { failed: failed.length === 0 ? undefined : failed.map(({ what }) => what).join(",") });
}
