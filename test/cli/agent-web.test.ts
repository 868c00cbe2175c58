import { expect, test } from "bun:test";
import { AgentAudience } from "../../src/agent/agent-audience.ts";
import { Agent } from "../../src/agent/agent.ts";
import { openAgentWeb } from "../../src/cli/agent-web.ts";
import { buildAgentConfig } from "../../src/config/agent-config.ts";
import { readAgentFile } from "../../src/config/agent-file.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordingLog } from "../support/recording-log.ts";

test("openAgentWeb loads the API again for the next call when it could not be loaded for the first", async () => {
  const { log, lines } = recordingLog();
  const clock = new ManualClock();
  const identity = { authtoken: "", version: "0.1.0", metadata: "", configVersion: "", allowsRemoteManagement: false };
  const agent = new Agent({
    connect: () => Promise.reject(new Error("not dialled")),
    identity,
    heartbeat: { intervalMs: 60_000, toleranceMs: 60_000 },
    region: undefined,
    clock,
    log,
  });
  const settings = readAgentFile("agent.yml", "version: 2\nweb_addr: 127.0.0.1:0\n");
  const files = [{ path: "agent.yml", settings }];
  const config = buildAgentConfig({ files, environment: {}, flags: {}, variables: {} });
  let faults = 1;
  const failing = {
    nowMs: () => {
      if (faults-- > 0) throw new Error("too many open files");
      return clock.nowMs();
    },
    date: () => clock.date(),
    after: (delayMs: number, wake: () => void) => clock.after(delayMs, wake),
  };
  const web = { agent, audience: new AgentAudience(), ring: undefined, config, clock: failing, log };
  await using opened = openAgentWeb(web);
  const statuses = [await fetch(`${opened.url}/api/status`), await fetch(`${opened.url}/api/status`)];
  expect(statuses.map(({ status }) => status)).toEqual([500, 200]);
  expect(lines.filter(({ level }) => level === "error")).toHaveLength(1);
});
