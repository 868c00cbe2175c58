/** `config add-connect-url`, and its older name `config add-server-addr`. */
import { UsageError } from "../../base/errors.ts";
import { parseHostPort } from "../../base/host-port.ts";
import type { CommandContext } from "../command-context.ts";
import type { Invocation } from "../invocation.ts";
import { saveAndTell } from "../save-setting.ts";

const AGENT_PORT = 443;

/** The address is saved as it was typed. Throws {@link UsageError} for what no edge can have. */
export async function run(
  { args: [address], flags }: Invocation<"config add-connect-url">,
  context: CommandContext,
): Promise<number> {
  const parsed = parseHostPort(address, AGENT_PORT);
  if (parsed === undefined || parsed.host === "") {
    throw new UsageError(
      `'${address}' is no address of an edge.\nGive a host and a port, as in tunnel.example.org:443.`,
    );
  }
  return saveAndTell("serverAddress", address, { config: flags.config, context });
}
