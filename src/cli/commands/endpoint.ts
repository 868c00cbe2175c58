/** `http`, `tcp` and `tls`: one tunnel, from the command line. */
import { loadAgentConfig } from "../../config/config-loader.ts";
import { agentSettingsOf } from "../agent-settings-flags.ts";
import type { CommandContext } from "../command-context.ts";
import { endpointDefinition, type EndpointInvocation } from "../endpoint-definition.ts";
import { runAgent } from "../run-agent.ts";

export async function run(invocation: EndpointInvocation, context: CommandContext): Promise<number> {
  const { flags, deprecations } = invocation;
  const loaded = await loadAgentConfig({
    configFlags: flags.config ?? [],
    environment: context.env,
    flags: agentSettingsOf(flags),
  });
  const { serverAddress, commandSchemes } = loaded.config;
  // Nobody trusts the embedded edge's certificates yet, so plain http is offered beside https.
  const schemes = serverAddress === undefined ? (["http", "https"] as const) : commandSchemes;
  return runAgent({ loaded, definitions: [endpointDefinition(invocation, schemes)], deprecations }, context);
}
