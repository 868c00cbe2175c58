/** Shows a person at a terminal what the agent does. Writes nothing where the output is read by a program (K-031). */
import type { Agent, AgentListener } from "../agent/agent.ts";
import { PRODUCT_VERSION } from "../base/product-version.ts";
import type { AgentConfig } from "../config/agent-config.ts";
import type { CommandContext } from "./command-context.ts";
import { sessionStatusLine, statusBlock, type AgentStatus } from "./status-block.ts";

export class StatusScreen implements AgentListener {
  readonly #context: Pick<CommandContext, "print" | "program">;
  readonly #isShown: boolean;
  #agent: Agent | undefined;
  #lastBlock = "";
  #lastState = "";

  constructor({ consoleUi, log }: AgentConfig, context: CommandContext) {
    this.#context = context;
    // Log lines between the rows would make both unreadable.
    this.#isShown =
      log.target.kind !== "stdout" && (consoleUi === true || (consoleUi === "iftty" && context.isTerminal));
  }

  show(agent: Agent): void {
    this.#agent = agent;
    this.onStatus();
  }

  onStatus(): void {
    const status = this.#status();
    if (status === undefined || status.state === this.#lastState) return;
    this.#lastState = status.state;
    if (status.state === "online" && status.forwardings.length > 0) this.#showBlock(status);
    else this.#write(sessionStatusLine(status));
  }

  onTunnelStarted(): void {
    this.#showTunnels();
  }

  onTunnelStopped(): void {
    this.#showTunnels();
  }

  #showTunnels(): void {
    const status = this.#status();
    if (status !== undefined) this.#showBlock(status);
  }

  #showBlock(status: AgentStatus): void {
    const block = statusBlock(status, this.#context.program);
    if (block === this.#lastBlock) return;
    this.#lastBlock = block;
    this.#write(block);
  }

  #status(): AgentStatus | undefined {
    const agent = this.#agent;
    if (!this.#isShown || agent === undefined) return undefined;
    const forwardings = agent.tunnels.map(({ publicUrl: url, address }) => ({ url, address }));
    return { ...agent.status, version: PRODUCT_VERSION, forwardings };
  }

  /** Nobody waits for a screen, and a closed one must not end the agent. */
  #write(text: string): void {
    this.#context.print(text).catch(() => {});
  }
}
