/** `config check`: reads the files as a start would, tells what is wrong with them, and what in them cannot be started yet. */
import { UsageError } from "../../base/errors.ts";
import type { AgentConfig } from "../../config/agent-config.ts";
import { readAgentFile } from "../../config/agent-file.ts";
import { loadAgentConfig, readText } from "../../config/config-loader.ts";
import { startableTunnel } from "../../config/tunnel-entry.ts";
import type { CommandContext } from "../command-context.ts";
import type { Invocation } from "../invocation.ts";

/** Throws {@link UsageError} with the first fault, also inside a tunnel, and when there is no file at all. */
export async function run({ flags }: Invocation<"config check">, { env, print }: CommandContext): Promise<number> {
  const { config, location } = await loadAgentConfig({ configFlags: flags.config ?? [], environment: env, flags: {} });
  if (config.files.length === 0) {
    throw new UsageError(
      `There is no configuration file. Looked for:\n${location.paths.join("\n")}\nName another one with --config.`,
    );
  }
  const warnings = [...tunnelWarnings(config), ...(await versionWarnings(config.files))];
  const valid = config.files.map((file) => `Valid configuration file at ${file}`);
  await print([...valid, ...warnings, ""].join("\n"));
  return 0;
}

/** Definitions that are in order but ask for what is not built yet. */
function tunnelWarnings({ tunnels }: AgentConfig): readonly string[] {
  return [...tunnels.values()].flatMap((entry) => {
    if (entry.definition instanceof UsageError) throw entry.definition;
    try {
      startableTunnel(entry);
      return [];
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return [`Warning: tunnel '${entry.name}' cannot be started: ${error.message}`];
    }
  });
}

/** Old files go on working, which the newest programs of others no longer promise (clients.md X-04). */
async function versionWarnings(files: readonly string[]): Promise<readonly string[]> {
  const versions = await Promise.all(files.map(async (file) => readAgentFile(file, await readText(file)).version));
  return files
    .filter((_, index) => versions[index] === 1)
    .map((file) => `Warning: ${file} names no version, or version 1; the rules of that version apply to it`);
}
