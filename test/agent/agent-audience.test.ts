import { expect, test } from "bun:test";
import { AgentAudience } from "../../src/agent/agent-audience.ts";

test("AgentAudience tells everybody who listens, in the order in which they came", () => {
  const told: string[] = [];
  const listener = (name: string) => ({
    onStatus: (): void => void told.push(`${name} status`),
    onTunnelStarted: (): void => void told.push(`${name} started`),
    onTunnelStopped: (): void => void told.push(`${name} stopped`),
  });
  const audience = new AgentAudience();
  const leave = audience.add(listener("a"));
  audience.add(listener("b"));
  audience.onStatus();
  leave();
  audience.onStatus();
  expect(told).toEqual(["a status", "b status", "b status"]);
});
