/** Authtokens of the configuration, which an edge reads again while it runs. */
import type { EdgeConfig } from "../../config/edge-config.ts";
import type { OperatorDirectory } from "../../edge/records/operator-directory.ts";
import type { Logger } from "../../telemetry/logger.ts";

export interface ReloadTokensOptions {
  /** The configuration as it is now. @throws UsageError */
  readonly load: () => Promise<EdgeConfig>;
  readonly directory: OperatorDirectory;
  readonly log: Logger;
}

/**
 * New tokens let agents in, and those that are gone let nobody go on. Tokens of the store are not touched.
 * @throws UsageError when they cannot be read; then those known before stay
 */
export async function reloadTokens({ load, directory, log }: ReloadTokensOptions): Promise<void> {
  const { tokenHashes } = await load();
  directory.replaceTokens(tokenHashes);
  log.info("authtokens loaded", { tokens: tokenHashes.length });
}
