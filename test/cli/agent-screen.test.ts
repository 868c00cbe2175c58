import { describe, expect, test } from "bun:test";
import { ConsoleScreen } from "../../src/agent/console/console-screen.ts";
import type { Terminal } from "../../src/agent/console/terminal.ts";
import { agentScreen } from "../../src/cli/agent-screen.ts";
import { StatusScreen } from "../../src/cli/status-screen.ts";
import type { AgentConfig } from "../../src/config/agent-config.ts";
import { ManualClock } from "../support/manual-clock.ts";

const TERMINAL: Terminal = {
  size: { columns: 80, rows: 24 },
  enter: () => {},
  isReady: () => true,
  write: () => {},
  leave: async () => {},
};
const CONFIG: Pick<AgentConfig, "consoleUi" | "consoleUiColor" | "log"> = {
  consoleUi: "iftty",
  consoleUiColor: "black",
  log: { target: { kind: "off" }, level: "info", format: "term" },
};

function chosen(config: Partial<typeof CONFIG>, term: string | undefined, terminal: Terminal | undefined): unknown {
  return agentScreen(
    { ...CONFIG, ...config },
    {
      clock: new ManualClock(),
      env: { TERM: term },
      print: async () => {},
      program: "ginnel",
      isTerminal: terminal !== undefined,
      terminal,
    },
  );
}

function logTo(kind: "off" | "stdout"): Partial<typeof CONFIG> {
  return { log: { ...CONFIG.log, target: { kind } } };
}

describe("agentScreen", () => {
  test.each<[string, Partial<typeof CONFIG>]>([
    ["usually", {}],
    ["when the user insists", { consoleUi: true }],
    ["beside a log file", { log: { ...CONFIG.log, target: { kind: "file", path: "log" } } }],
  ])("agentScreen takes the whole terminal %s", (_, config) => {
    expect(chosen(config, "xterm", TERMINAL)).toBeInstanceOf(ConsoleScreen);
  });

  test.each<[string, Partial<typeof CONFIG>, string | undefined, Terminal | undefined]>([
    ["where a program reads the output", {}, "xterm", undefined],
    ["where a program reads the output, though the user insists", { consoleUi: true }, "xterm", undefined],
    ["when it is switched off", { consoleUi: false }, "xterm", TERMINAL],
    ["where the log goes to the same place", logTo("stdout"), "xterm", TERMINAL],
    ["on a terminal that can do nothing", {}, "dumb", TERMINAL],
    ["on a terminal that nobody named", {}, undefined, TERMINAL],
  ])("agentScreen leaves the terminal alone %s", (_, config, term, terminal) => {
    expect(chosen(config, term, terminal)).toBeInstanceOf(StatusScreen);
  });
});
