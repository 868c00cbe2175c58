import { describe, expect, test } from "bun:test";
import { ConsoleScreen, type ConsoleSource } from "../../../src/agent/console/console-screen.ts";
import type { ScreenSize } from "../../../src/agent/console/screen.ts";
import type { Terminal, TerminalHandler } from "../../../src/agent/console/terminal.ts";
import type { EdgeGreeting } from "../../../src/agent/edge-greeting.ts";
import { ExchangeRing } from "../../../src/capture/exchange-ring.ts";
import { TrafficMeters } from "../../../src/telemetry/traffic-meters.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** A terminal whose owner the test is. */
class PlayedTerminal implements Terminal {
  size: ScreenSize = { columns: 80, rows: 24 };
  takes = true;
  written: string[] = [];
  handler: TerminalHandler | undefined;

  enter(handler: TerminalHandler): void {
    this.handler = handler;
  }

  isReady(): boolean {
    return this.takes;
  }

  write(text: string): void {
    if (!this.takes) throw new Error("written to while it was not ready");
    this.written.push(text);
  }

  async leave(): Promise<void> {
    this.handler = undefined;
  }

  /** What was written since it was asked last. */
  take(): readonly string[] {
    return this.written.splice(0);
  }
}

const QUIET: EdgeGreeting = { accountName: "", planName: "", messages: [], expiresInMs: undefined };

class Scene {
  readonly clock = new ManualClock();
  readonly terminal = new PlayedTerminal();
  readonly ring = new ExchangeRing({ limitBytes: 1_000 });
  readonly meters = new TrafficMeters(0);
  readonly agent: { -readonly [K in keyof ConsoleSource["agent"]]: ConsoleSource["agent"][K] } = {
    status: { state: "connecting", reason: undefined, region: "", latencyMs: undefined },
    greeting: QUIET,
    tunnels: [],
    metrics: this.meters,
  };
  readonly screen = new ConsoleScreen({
    terminal: this.terminal,
    colour: "none",
    program: "ginnel",
    version: "1.2.3",
    clock: this.clock,
  });

  show(): void {
    this.screen.show({ agent: this.agent, ring: this.ring, webUrl: () => undefined });
    this.clock.advance(0);
  }

  /** Lets the time for a drawing pass; what it wrote. */
  drawn(): string {
    this.clock.advance(100);
    return this.terminal.take().join("");
  }
}

describe("ConsoleScreen", () => {
  test("ConsoleScreen draws the whole screen at the start, then only what changes", () => {
    const scene = new Scene();
    scene.show();
    expect(scene.terminal.take().join("")).toContain("connecting");
    scene.agent.status = { ...scene.agent.status, state: "online" };
    scene.screen.onStatus();
    const change = scene.drawn();
    expect(change).toContain("online");
    expect(change).not.toContain("Version");
  });

  test("ConsoleScreen draws at most ten times a second, however much happens", () => {
    const scene = new Scene();
    scene.show();
    for (let step = 0; step < 1_000; step++) {
      scene.agent.status = { ...scene.agent.status, latencyMs: step };
      scene.screen.onStatus();
      scene.clock.advance(1);
    }
    expect(scene.terminal.take().length).toBeLessThanOrEqual(11);
  });

  test("ConsoleScreen draws once a second when nothing is told, because rates fall", () => {
    const scene = new Scene();
    scene.show();
    scene.terminal.take();
    scene.meters.conns.opened(0);
    scene.clock.advance(999);
    expect(scene.terminal.take()).toEqual([]);
    scene.clock.advance(1);
    expect(scene.terminal.take()).toHaveLength(1);
  });

  test("ConsoleScreen writes nothing while nothing changes", () => {
    const scene = new Scene();
    scene.show();
    scene.terminal.take();
    scene.clock.advance(60_000);
    expect(scene.terminal.take()).toEqual([]);
  });

  test("ConsoleScreen draws tunnels that come, and says which ones the edge took away", () => {
    const scene = new Scene();
    scene.show();
    scene.agent.tunnels = [{ publicUrl: "http://one.test", address: "http://localhost:80", inspect: true }];
    scene.screen.onTunnelStarted({ publicUrl: "http://one.test", warning: "" });
    expect(scene.drawn()).toContain("http://one.test -> http://localhost:80");
    scene.agent.tunnels = [];
    scene.screen.onTunnelStopped({ publicUrl: "http://one.test" }, "not paid");
    expect(scene.drawn()).toContain("http://one.test was stopped by the edge: not paid");
  });

  test("ConsoleScreen says nothing of a tunnel that was stopped here", () => {
    const scene = new Scene();
    scene.show();
    scene.screen.onTunnelStopped({ publicUrl: "http://one.test" }, undefined);
    expect(scene.drawn()).not.toContain("one.test");
  });

  test("ConsoleScreen shows what the edge warns of, and nothing where it does not", () => {
    const scene = new Scene();
    scene.show();
    scene.screen.onTunnelStarted({ publicUrl: "http://one.test", warning: "" });
    expect(scene.drawn()).not.toContain("The edge says");
    scene.screen.onTunnelStarted({ publicUrl: "https://one.test", warning: "no\u001b[2J certificate" });
    expect(scene.drawn()).toContain("The edge says of https://one.test: no\\u001b[2J certificate");
  });

  test("ConsoleScreen shows what the edge announces", () => {
    const scene = new Scene();
    scene.agent.greeting = { ...QUIET, messages: ["Hello from the edge"], accountName: "Ann", planName: "Free" };
    scene.show();
    const whole = scene.terminal.take().join("");
    expect(whole).toContain("Hello from the edge");
    expect(whole).toContain("Ann (Plan: Free)");
  });

  test("ConsoleScreen draws when the ring changes, and has the table only with something to capture", () => {
    const scene = new Scene();
    scene.show();
    expect(scene.terminal.take().join("")).not.toContain("HTTP Requests");
    scene.agent.tunnels = [{ publicUrl: "http://one.test", address: "http://localhost:80", inspect: true }];
    scene.ring.clear();
    expect(scene.drawn()).toContain("HTTP Requests");
  });

  test("ConsoleScreen fills a terminal of another size", () => {
    const scene = new Scene();
    scene.show();
    scene.terminal.take();
    scene.terminal.size = { columns: 20, rows: 5 };
    scene.terminal.handler?.onResize();
    expect(scene.drawn().split(";1H")).toHaveLength(1 + 5);
  });

  test("ConsoleScreen draws everything again on a terminal that was left meanwhile", () => {
    const scene = new Scene();
    scene.show();
    const whole = scene.terminal.take();
    scene.terminal.handler?.onBlank();
    expect([scene.drawn()]).toEqual([...whole]);
  });

  test("ConsoleScreen waits for a terminal that takes nothing, and then shows what is true then", () => {
    const scene = new Scene();
    scene.terminal.takes = false;
    scene.show();
    scene.clock.advance(10_000);
    expect(scene.terminal.take()).toEqual([]);
    scene.agent.status = { ...scene.agent.status, state: "online" };
    scene.terminal.takes = true;
    expect(scene.drawn()).toContain("online");
  });

  test("ConsoleScreen that is left draws no more and waits for nothing", async () => {
    const scene = new Scene();
    scene.show();
    scene.terminal.take();
    await scene.screen.leave();
    await scene.screen.leave();
    scene.screen.onStatus();
    scene.ring.clear();
    expect([scene.drawn(), scene.clock.pending, scene.terminal.handler]).toEqual(["", 0, undefined]);
  });
});
