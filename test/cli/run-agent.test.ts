/** An agent with its own edge, inside this process. */
import { expect, test } from "bun:test";
import { systemClock } from "../../src/base/clock.ts";
import { runAgent } from "../../src/cli/run-agent.ts";
import { tunnelsToStart } from "../../src/config/agent-config.ts";
import { loadAgentConfig } from "../../src/config/config-loader.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

const FILE = `version: 2
console_ui: true
log: false
web_addr: 127.0.0.1:0
tunnels: { web: { proto: http, addr: 80, schemes: [http, https] } }
`;

/** Whether somebody listens on the port of this machine. */
async function isOpen(port: number): Promise<boolean> {
  try {
    (await dialTcp({ host: "127.0.0.1", port }, { timeoutMs: 5_000 })).reset();
    return true;
  } catch {
    return false;
  }
}

test("runAgent closes the ports of its own edge and of its web interface when it ends", async () => {
  using folder = new TemporaryFolder();
  await Bun.write(folder.file("agent.yml"), FILE);
  const env = { HOME: folder.path };
  const loaded = await loadAgentConfig({ configFlags: [folder.file("agent.yml")], environment: env, flags: {} });
  const shown = Promise.withResolvers<readonly number[]>();
  const print = (text: string): Promise<void> => {
    const ports = [...text.matchAll(/(?:\.localhost|127\.0\.0\.1):(\d+)/g)].map(([, port]) => Number(port));
    if (ports.length === 3) shown.resolve(ports);
    return Promise.resolve();
  };
  const stop = new AbortController();
  const context = { program: "ginnel", env, clock: systemClock, print, isTerminal: true, signal: stop.signal } as const;
  const definitions = tunnelsToStart(loaded.config, ["web"]);
  const ended = runAgent({ loaded, definitions, deprecations: [] }, context);
  const ports = await shown.promise;
  expect(await Promise.all(ports.map(isOpen))).toEqual([true, true, true]);
  stop.abort("SIGTERM");
  expect(await ended).toBe(0);
  expect(await Promise.all(ports.map(isOpen))).toEqual([false, false, false]);
});
