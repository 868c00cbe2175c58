/**
 * Shows what the agent does in plain rows, where there is no terminal for a screen of its own. Writes nothing where the output is
 * read by a program, unless the user insists (K-031).
 */
import type { Agent, AgentListener } from "../agent/agent.ts";
import { PRODUCT_VERSION } from "../base/product-version.ts";
import type { AgentConfig } from "../config/agent-config.ts";
import type { CommandContext } from "./command-context.ts";
import { sessionStatusLine, statusBlock, type AgentStatus } from "./status-block.ts";

/** What the screen looks at. */
export interface ShownAgent extends Pick<Agent, "status"> {
  readonly tunnels: readonly Pick<Agent["tunnels"][number], "publicUrl" | "address">[];
}

export class StatusScreen implements AgentListener {
  readonly #context: Pick<CommandContext, "print" | "program">;
  readonly #isShown: boolean;
  #agent: ShownAgent | undefined;
  #webUrl = (): string | undefined => undefined;
  /** The tunnels that were asked for are online. */
  #hasStarted = false;
  #lastBlock = "";
  #lastLine = "";

  constructor(
    { consoleUi, log }: Pick<AgentConfig, "consoleUi" | "log">,
    context: Pick<CommandContext, "print" | "program" | "isTerminal">,
  ) {
    this.#context = context;
    // Log lines between the rows would make both unreadable.
    this.#isShown =
      log.target.kind !== "stdout" && (consoleUi === true || (consoleUi === "iftty" && context.isTerminal));
  }

  /** Shows how the agent gets its session, until {@link started}. */
  show({ agent, webUrl }: { readonly agent: ShownAgent; readonly webUrl: () => string | undefined }): void {
    this.#agent = agent;
    this.#webUrl = webUrl;
  }

  /** Everything that was asked for is online. */
  started(): void {
    this.#hasStarted = true;
    // Without any tunnels to wait for there may be no session yet.
    if (this.#agent?.status.state === "online") this.#showBlock();
  }

  /** A second call does nothing. */
  async leave(): Promise<void> {
    if (this.#agent === undefined) return;
    this.#agent = undefined;
    // The terminal has written ^C, or the like, where the shell's prompt would go.
    if (this.#isShown) this.#write("\n");
  }

  onStatus(): void {
    const status = this.#status();
    // The first block says that the agent is online, and its end says that it is not.
    if (status === undefined || status.state === "offline") return;
    if (status.state === "online" && this.#lastBlock === "") {
      if (this.#hasStarted) this.#showBlock();
      return;
    }
    const line = sessionStatusLine(status);
    if (line === this.#lastLine) return;
    this.#lastLine = line;
    this.#write(line);
  }

  onTunnelStarted(): void {
    if (this.#hasStarted) this.#showBlock();
  }

  onTunnelStopped(): void {
    if (this.#hasStarted) this.#showBlock();
  }

  #showBlock(): void {
    const status = this.#status();
    if (status === undefined) return;
    const block = statusBlock(status, this.#context.program);
    if (block === this.#lastBlock) return;
    this.#lastBlock = block;
    this.#lastLine = sessionStatusLine(status);
    this.#write(block);
  }

  #status(): AgentStatus | undefined {
    const agent = this.#agent;
    if (!this.#isShown || agent === undefined) return undefined;
    const forwardings = agent.tunnels.map(({ publicUrl: url, address }) => ({ url, address }));
    return { ...agent.status, version: PRODUCT_VERSION, webUrl: this.#webUrl(), forwardings };
  }

  /** Nobody waits for a screen, and a closed one must not end the agent. */
  #write(text: string): void {
    this.#context.print(text).catch(() => {});
  }
}
