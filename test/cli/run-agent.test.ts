/** An agent with its own edge, inside this process. */
import { expect, test } from "bun:test";
import { join } from "node:path";
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

/** The fault happens in a process of its own, since the test runner would count it. */
const FAULTY = `
  import { systemClock } from ${JSON.stringify(join(import.meta.dir, "../../src/base/clock.ts"))};
  import { runAgent } from ${JSON.stringify(join(import.meta.dir, "../../src/cli/run-agent.ts"))};
  import { tunnelsToStart } from ${JSON.stringify(join(import.meta.dir, "../../src/config/agent-config.ts"))};
  import { loadAgentConfig } from ${JSON.stringify(join(import.meta.dir, "../../src/config/config-loader.ts"))};
  const [home, file] = process.argv.slice(-2);
  const env = { HOME: home };
  const loaded = await loadAgentConfig({ configFlags: [file], environment: env, flags: {} });
  const stop = new AbortController();
  const fail = () => { throw new Error("ours"); };
  // The agent has stopped when it gives the timer of its stop back; its edge and its web interface have not.
  const after = (ms, wake) => {
    const cancel = systemClock.after(ms, wake);
    const isOfStop = stop.signal.aborted && ms === 1_000;
    return () => {
      cancel();
      if (isOfStop) process.nextTick(fail);
    };
  };
  const clock = { nowMs: () => systemClock.nowMs(), date: () => systemClock.date(), after };
  const print = async (text) => { if (text.includes(".localhost")) stop.abort("SIGTERM"); };
  const context = { program: "ginnel", env, clock, print, isTerminal: true, signal: stop.signal };
  runAgent({ loaded, definitions: tunnelsToStart(loaded.config, ["web"]), deprecations: [] }, context).then(
    (code) => console.log("ended with", code),
    ({ message }) => console.log("ended by", message),
  );
`;

test("runAgent tells of a fault while it stops, and does not end as if all were well", async () => {
  using folder = new TemporaryFolder();
  const [file, log] = [folder.file("agent.yml"), folder.file("agent.log")];
  await Bun.write(file, FILE.replace("log: false", `log: ${log}\nlog_format: json`));
  const command = [process.execPath, "--eval", FAULTY, folder.path, file];
  const child = Bun.spawn(command, { stdin: "ignore", timeout: 4_000 });
  expect(await new Response(child.stdout).text()).toBe("ended by ours\n");
  const lines = (await Bun.file(log).text()).trim().split("\n");
  expect(lines.map((line): unknown => JSON.parse(line))).toContainEqual(
    expect.objectContaining({
      lvl: "eror",
      msg: "a fault of ginnel ends the agent",
      err: "ours",
      stack: expect.stringContaining("at "),
    }),
  );
});
