import { expect, test } from "bun:test";
import { AgentAudience } from "../../src/agent/agent-audience.ts";
import type { AgentListener } from "../../src/agent/agent.ts";
import type { Tunnel } from "../../src/agent/tunnel.ts";

/** Tells under this name what it was told. */
function listenerTo(told: string[], name: string): AgentListener {
  return {
    onStatus: () => void told.push(`${name} status`),
    onTunnelStarted: () => void told.push(`${name} started`),
    onTunnelStopped: () => void told.push(`${name} stopped`),
  };
}

test("AgentAudience tells everybody who listens, in the order in which they came", () => {
  const told: string[] = [];
  const audience = new AgentAudience();
  const leave = audience.add(listenerTo(told, "a"));
  audience.add(listenerTo(told, "b"));
  audience.onStatus();
  leave();
  audience.onStatus();
  expect(told).toEqual(["a status", "b status", "b status"]);
});

test("AgentAudience tells the others, and of the fault, when one listener fails", () => {
  const [told, faults]: [string[], unknown[]] = [[], []];
  const fault = new Error("ours");
  const fail = (): never => {
    throw fault;
  };
  const audience = new AgentAudience((thrown) => faults.push(thrown));
  audience.add({ onStatus: fail, onTunnelStarted: fail, onTunnelStopped: fail });
  audience.add(listenerTo(told, "b"));
  const tunnel = {} as Tunnel; // nobody looks at it
  audience.onStatus();
  audience.onTunnelStarted(tunnel);
  audience.onTunnelStopped(tunnel, undefined);
  expect([told, faults]).toEqual([
    ["b status", "b started", "b stopped"],
    [fault, fault, fault],
  ]);
});
