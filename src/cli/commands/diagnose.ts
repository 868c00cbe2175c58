/** `diagnose`: tests the way from here to the edge, or the edge inside, and to the local services, and says what to do. */
import { writeFile } from "node:fs/promises";
import { hasFailed } from "../../agent/diagnosis/step.ts";
import { UsageError } from "../../base/errors.ts";
import type { AgentConfig } from "../../config/agent-config.ts";
import { loadAgentConfig } from "../../config/config-loader.ts";
import { agentSettingsOf } from "../agent-settings-flags.ts";
import type { CommandContext } from "../command-context.ts";
import { DiagnoseRun } from "../diagnosis/diagnose-run.ts";
import { type Diagnosis, verdictText } from "../diagnosis/diagnosis.ts";
import { diagnosisReport } from "../diagnosis/diagnosis-report.ts";
import type { Invocation } from "../invocation.ts";

const ALL_REGIONS = "all";

export async function run({ flags }: Invocation<"diagnose">, context: CommandContext): Promise<number> {
  const { region, ...others } = flags;
  const isEveryRegion = region === ALL_REGIONS;
  const { config } = await loadAgentConfig({
    configFlags: flags.config ?? [],
    environment: context.env,
    flags: agentSettingsOf(isEveryRegion ? others : flags),
  });
  const diagnosis = await new DiagnoseRun(config, context, { isEveryRegion, needsIpv6: flags.ipv6 === true }).run();
  const wanted = flags["write-report"] ?? (isEveryRegion ? reportName(context) : undefined);
  if (wanted !== undefined) await writeReport(wanted, diagnosis, config, context);
  await context.print(verdictText(diagnosis));
  return hasFailed(diagnosis.groups) ? 1 : 0;
}

function reportName({ program, clock }: CommandContext): string {
  const time = clock
    .date()
    .toISOString()
    .replaceAll(/[-:]|\.\d+/g, "");
  return `${program}-diagnose-${time}.json`;
}

async function writeReport(
  path: string,
  diagnosis: Diagnosis,
  config: AgentConfig,
  { clock, print }: CommandContext,
): Promise<void> {
  const text = diagnosisReport(diagnosis, config, {
    at: clock.date(),
    platform: `${process.platform} ${process.arch}`,
  });
  await writeFile(path, text, { mode: 0o600 }).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`cannot write the report to '${path}': ${reason}; give another path`, { cause: error });
  });
  await print(`Report written to ${path}\n`);
}
