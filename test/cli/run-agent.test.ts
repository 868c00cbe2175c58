/** An agent with its own edge, inside this process. */
import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { systemClock } from "../../src/base/clock.ts";
import { runAgent } from "../../src/cli/run-agent.ts";
import { loadAgentConfig } from "../../src/config/config-loader.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

const openFiles = (): number => readdirSync("/proc/self/fd").length;

test("runAgent closes the ports of its own edge and of its web interface when it ends", async () => {
  using folder = new TemporaryFolder();
  await Bun.write(folder.file("agent.yml"), "version: 2\nconsole_ui: true\nlog: false\nweb_addr: 127.0.0.1:0\n");
  const env = { HOME: folder.path };
  const before = openFiles();
  const loaded = await loadAgentConfig({ configFlags: [folder.file("agent.yml")], environment: env, flags: {} });
  const stop = new AbortController();
  let openWhileOnline = 0;
  const print = (text: string): Promise<void> => {
    if (!text.includes("online")) return Promise.resolve();
    openWhileOnline = openFiles();
    stop.abort("SIGTERM");
    return Promise.resolve();
  };
  const context = { program: "ginnel", env, clock: systemClock, print, isTerminal: true, signal: stop.signal } as const;
  const code = await runAgent({ loaded, definitions: [], deprecations: [] }, context);
  expect([code, openWhileOnline - before, openFiles() - before]).toEqual([0, 3, 0]);
});
