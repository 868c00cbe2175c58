/** `config upgrade [VERSION]`: the configuration file in a later version, with the former one kept beside it. */
import { UsageError } from "../../base/errors.ts";
import type { ConfigVersion } from "../../config/agent-settings.ts";
import { upgradeConfigFiles, type UpgradedFile } from "../../config/config-upgrader.ts";
import type { CommandContext } from "../command-context.ts";
import type { Invocation } from "../invocation.ts";

const VERSIONS: Readonly<Record<string, ConfigVersion>> = { 1: 1, 2: 2, 3: 3 };

export async function run(
  { args, flags }: Invocation<"config upgrade">,
  { env, print }: CommandContext,
): Promise<number> {
  const isDryRun = flags["dry-run"] === true;
  const files = await upgradeConfigFiles({
    configFlags: flags.config ?? [],
    environment: env,
    target: targetOf(args[0]),
    relocates: flags.relocate === true,
    isDryRun,
  });
  await print(files.map(isDryRun ? shown : told).join(""));
  return 0;
}

function targetOf(version: string | undefined): ConfigVersion | undefined {
  if (version === undefined) return undefined;
  const target = VERSIONS[version];
  if (target === undefined) throw new UsageError(`'${version}' is no version of the configuration file; give 2 or 3.`);
  return target;
}

/** Stays YAML, so that it can be kept. */
function shown({ path, text, notes }: UpgradedFile): string {
  return [...[path, ...notes].map((line) => `# ${line}\n`), text].join("");
}

function told({ path, formerPath, from, to, notes, backup }: UpgradedFile): string {
  const moved = path === formerPath ? [] : [`Configuration file moved to: ${path}`];
  const upgraded =
    from === to
      ? [`Configuration file is of version ${to} already: ${path}`]
      : [`Configuration file upgraded from version ${from} to ${to}: ${path}`, `The former one is kept at: ${backup}`];
  return [...moved, ...upgraded, ...notes.map((note) => `Note: ${note}`), ""].join("\n");
}
