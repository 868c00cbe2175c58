/** One value into the configuration file, and the line that wrappers wait for (clients.md K-012, K-055). */
import { saveSetting } from "../config/config-saver.ts";
import type { WritableSetting } from "../config/config-writer.ts";
import type { CommandContext } from "./command-context.ts";

const LABELS: Readonly<Record<WritableSetting, string>> = {
  authtoken: "Authtoken",
  apiKey: "API key",
  serverAddress: "Server address",
};

/**
 * Saves to the file that `--config`, the environment or the default names. The file is complete on disk before anything is
 * printed: some wrappers end us at our first byte (K-039).
 */
export async function saveAndTell(
  setting: WritableSetting,
  value: string,
  { config = [], context }: { config?: readonly string[] | undefined; context: CommandContext },
): Promise<number> {
  const path = await saveSetting({ configFlags: config, environment: context.env }, setting, value);
  await context.print(`${LABELS[setting]} saved to configuration file: ${path}\n`);
  return 0;
}
