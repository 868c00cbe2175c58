/** Chooses how people see what the agent does: the full screen, a block of plain rows, or nothing. */
import { isatty } from "node:tty";
import type { AgentListener } from "../agent/agent.ts";
import { ConsoleScreen, type ConsoleSource } from "../agent/console/console-screen.ts";
import type { ScreenColour } from "../agent/console/painter.ts";
import { PRODUCT_VERSION } from "../base/product-version.ts";
import type { AgentConfig } from "../config/agent-config.ts";
import type { CommandContext } from "./command-context.ts";
import { StatusScreen } from "./status-screen.ts";

export interface AgentScreen extends AgentListener {
  /** Shows how the agent gets its session, until {@link started}. */
  show(source: ConsoleSource): void;
  /** Everything that was asked for is online. */
  started(): void;
  /** Shows nothing any more; settles when the terminal is as it was. A second call does nothing. */
  leave(): Promise<void>;
}

type ScreenContext = Pick<CommandContext, "clock" | "env" | "print" | "program" | "isTerminal" | "terminal">;

const STDERR = 2;

export function agentScreen(
  { consoleUi, consoleUiColor, log }: Pick<AgentConfig, "consoleUi" | "consoleUiColor" | "log">,
  context: ScreenContext,
): AgentScreen {
  const { clock, env, program, terminal } = context;
  if (consoleUi === false || terminal === undefined || isWrittenOn(log) || !isCapable(env)) {
    return new StatusScreen({ consoleUi, log }, context);
  }
  const colour: ScreenColour = (env["NO_COLOR"] ?? "") === "" ? consoleUiColor : "none";
  return new ConsoleScreen({ terminal, colour, program, version: PRODUCT_VERSION, clock });
}

/** Log lines would stand across the screen. */
function isWrittenOn({ target }: AgentConfig["log"]): boolean {
  return target.kind === "stdout" || (target.kind === "stderr" && isatty(STDERR));
}

/** Windows has no `TERM`, and no terminal that is not capable. */
function isCapable({ TERM: term = "" }: CommandContext["env"]): boolean {
  return process.platform === "win32" || (term !== "" && term !== "dumb");
}
