/** Authtokens that an edge reads again while it runs. */
import { UsageError } from "../base/errors.ts";
import type { EdgeConfig } from "../config/edge-config.ts";
import type { StaticDirectory } from "../edge/static-directory.ts";
import type { Logger } from "../telemetry/logger.ts";
import { edgeAuthtokens } from "./edge-authtokens.ts";

export interface ReloadTokensOptions {
  /** The configuration as it is now. @throws UsageError */
  readonly load: () => Promise<EdgeConfig>;
  readonly directory: StaticDirectory;
  readonly log: Logger;
}

/**
 * New tokens let agents in, and those that are gone let nobody go on.
 * @throws UsageError when they cannot be read, or none is left; then those known before stay
 */
export async function reloadTokens({ load, directory, log }: ReloadTokensOptions): Promise<void> {
  const { hashes, made } = await edgeAuthtokens(await load());
  if (made !== undefined) {
    throw new UsageError(
      "no authtoken is left; restore the file that holds them, or restart the edge to get a new one",
    );
  }
  directory.replaceTokens(hashes);
  log.info("authtokens loaded", { tokens: hashes.length });
}
