import { describe, expect, test } from "bun:test";
import type { AgentStatus } from "../../src/agent/agent.ts";
import { type ShownAgent, StatusScreen } from "../../src/cli/status-screen.ts";
import type { AgentConfig } from "../../src/config/agent-config.ts";

const LOG: AgentConfig["log"] = { target: { kind: "off" }, level: "info", format: "term" };
const ROW = "Session Status                ";

/** A screen and the agent that it looks at, whose state the test sets. */
class Scene {
  printed = "";
  readonly agent: { status: AgentStatus; tunnels: ShownAgent["tunnels"] } = {
    status: { state: "offline", reason: undefined, region: "", latencyMs: undefined },
    tunnels: [],
  };
  readonly screen: StatusScreen;

  constructor(settings: Partial<Pick<AgentConfig, "consoleUi" | "log">> = {}, isTerminal = true) {
    const print = async (text: string): Promise<void> => {
      this.printed += text;
    };
    this.screen = new StatusScreen(
      { consoleUi: "iftty", log: LOG, ...settings },
      { print, program: "ginnel", isTerminal },
    );
    this.screen.show({ agent: this.agent, webUrl: () => undefined });
  }

  become(state: AgentStatus["state"], reason?: string): void {
    this.agent.status = { ...this.agent.status, state, reason };
    this.screen.onStatus();
  }

  /** The usual start with one tunnel. */
  start(): void {
    this.become("connecting");
    this.become("online");
    this.open("http://one.test");
    this.screen.started();
  }

  open(publicUrl: string): void {
    this.agent.tunnels = [...this.agent.tunnels, { publicUrl, address: "localhost:80" }];
    this.screen.onTunnelStarted();
  }

  /** What was printed since it was asked last. */
  take(): string {
    const text = this.printed;
    this.printed = "";
    return text;
  }
}

describe("StatusScreen", () => {
  test("StatusScreen shows the block once, when all tunnels of the start are online", () => {
    const scene = new Scene();
    scene.become("connecting");
    expect(scene.take()).toBe(`${ROW}connecting\n`);
    scene.become("online");
    scene.open("http://one.test");
    scene.open("http://two.test");
    expect(scene.take()).toBe("");
    scene.screen.started();
    const block = scene.take();
    expect(block).toContain(`${ROW}online\n`);
    expect(block).toContain("http://one.test -> localhost:80\n");
    expect(block).toContain("http://two.test -> localhost:80\n");
  });

  test("StatusScreen of an agent without tunnels shows the block when there is a session", () => {
    const scene = new Scene();
    scene.screen.started();
    scene.become("connecting");
    expect(scene.take()).toBe(`${ROW}connecting\n`);
    scene.become("online");
    expect(scene.take()).toContain("(Ctrl+C to quit)");
  });

  test("StatusScreen tells why there is no session, each reason once", () => {
    const scene = new Scene();
    scene.become("connecting");
    scene.take();
    for (const reason of ["refused", "refused", "timed out"]) scene.become("connecting", reason);
    expect(scene.take()).toBe(`${ROW}connecting (refused)\n${ROW}connecting (timed out)\n`);
  });

  test("StatusScreen tells a loss and its end in a line each", () => {
    const scene = new Scene();
    scene.start();
    scene.take();
    scene.become("online", "lost"); // the reason is known before the state follows
    scene.become("reconnecting", "lost");
    scene.become("online");
    expect(scene.take()).toBe(`${ROW}reconnecting (lost)\n${ROW}online\n`);
  });

  test("StatusScreen shows the block again when tunnels come and go", () => {
    const scene = new Scene();
    scene.start();
    scene.take();
    scene.open("http://two.test");
    expect(scene.take()).toContain("http://two.test");
    scene.agent.tunnels = [];
    scene.screen.onTunnelStopped();
    expect(scene.take()).not.toContain("Forwarding");
  });

  test("StatusScreen leaves the line with ^C to the terminal, and says no more", () => {
    const scene = new Scene();
    scene.start();
    scene.take();
    void scene.screen.leave();
    void scene.screen.leave();
    scene.become("offline");
    expect(scene.take()).toBe("\n");
  });

  test.each([
    ["where a program reads the output", {}, false],
    ["where the log goes to the same place", { log: { ...LOG, target: { kind: "stdout" } } }, true],
    ["when it is switched off", { consoleUi: false }, true],
  ] as const)("StatusScreen writes nothing %s", (_, settings, isTerminal) => {
    const scene = new Scene(settings, isTerminal);
    scene.start();
    void scene.screen.leave();
    expect(scene.take()).toBe("");
  });

  test("StatusScreen that the user insists on shows itself to a program too", () => {
    const scene = new Scene({ consoleUi: true }, false);
    scene.start();
    expect(scene.take()).toContain("http://one.test");
  });
});
