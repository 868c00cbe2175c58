/** `edge ca`: the certificate that agents and visitors need to trust an edge without a public one. */
import { hostname } from "node:os";
import { openLocalCa } from "../../pki/local-ca-folder.ts";
import { UsageError } from "../../base/errors.ts";
import { loadEdgeDataDir } from "../../config/config-loader.ts";
import type { CommandContext } from "../command-context.ts";
import { edgeSettingsOf } from "../edge/flags.ts";
import type { Invocation } from "../invocation.ts";

/** Makes the authority when there is none yet, so that agents can be set up before the edge runs. */
export async function run({ flags }: Invocation<"edge ca">, { env, clock, print }: CommandContext): Promise<number> {
  const dataDir = await loadEdgeDataDir({
    configFlags: flags.config ?? [],
    environment: env,
    flags: edgeSettingsOf(flags),
  });
  const { ca, warning } = await openLocalCa(dataDir, hostname(), clock);
  if (warning !== undefined) throw new UsageError(warning);
  await print(ca.certPem.endsWith("\n") ? ca.certPem : `${ca.certPem}\n`);
  return 0;
}
