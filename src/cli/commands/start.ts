/** `start`: tunnels of the configuration files, by name, all, or none. */
import { UsageError } from "../../base/errors.ts";
import { tunnelsToStart } from "../../config/agent-config.ts";
import { loadAgentConfig } from "../../config/config-loader.ts";
import { agentSettingsOf } from "../agent-settings-flags.ts";
import type { CommandContext } from "../command-context.ts";
import type { Invocation } from "../invocation.ts";
import { runAgent } from "../run-agent.ts";

export async function run(
  { args, flags, deprecations }: Invocation<"start">,
  context: CommandContext,
): Promise<number> {
  refuseContradictions(args, flags);
  const loaded = await loadAgentConfig({
    configFlags: flags.config ?? [],
    environment: context.env,
    flags: agentSettingsOf(flags),
  });
  const names = flags.all === true ? loaded.config.tunnels.keys() : args;
  const definitions = tunnelsToStart(loaded.config, names);
  if (flags.all === true && definitions.length === 0) {
    throw new UsageError("There is no tunnel to start: the configuration files define none.");
  }
  return runAgent({ loaded, definitions, deprecations }, context);
}

function refuseContradictions(names: readonly string[], { all, none }: Invocation<"start">["flags"]): void {
  const choices = [names.length > 0, all === true, none === true].filter(Boolean).length;
  if (choices === 1) return;
  throw new UsageError(
    choices === 0
      ? "Name the tunnels to start, or give --all or --none."
      : "Give names of tunnels, --all or --none, but only one of them.",
  );
}
