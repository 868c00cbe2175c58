import { createHash } from "node:crypto";
import type { EdgeConfig } from "../../config/edge-config.ts";

/**
 * The same for two configurations that make the same edge, to be compared. Tokens are left out: they may change while the edge runs, and only
 * its first process knows them.
 */
export function configurationMark(config: EdgeConfig): string {
  return createHash("sha256")
    .update(JSON.stringify({ ...config, tokenHashes: [] }))
    .digest("base64url");
}
