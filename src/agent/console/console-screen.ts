/** Keeps a terminal in line with a running agent. */
import type { Clock } from "../../base/clock.ts";
import type { ExchangeRing } from "../../capture/exchange-ring.ts";
import type { Agent, AgentListener } from "../agent.ts";
import type { Tunnel } from "../tunnel.ts";
import { FrameWriter } from "./frame-writer.ts";
import type { ScreenColour } from "./painter.ts";
import type { ScreenStatus } from "./screen-status.ts";
import { screenLines } from "./screen.ts";
import type { Terminal } from "./terminal.ts";

/** However much happens, nobody reads faster, and drawing must not take the time of those who are served. */
const SHORTEST_PAUSE_MS = 100;
/** Rates fall while nothing happens. */
const LONGEST_PAUSE_MS = 1_000;
/** A terminal that takes no more is asked again after this. */
const RETRY_MS = 25;
/** Of what the edge said about tunnels. */
const KEPT_NOTICES = 3;

export interface ConsoleScreenOptions {
  readonly terminal: Terminal;
  readonly colour: ScreenColour;
  /** The name that the user called. */
  readonly program: string;
  readonly version: string;
  readonly clock: Clock;
}

/** What is looked at, each time anew. */
export interface ConsoleSource {
  readonly agent: Pick<Agent, "status" | "greeting"> & {
    readonly tunnels: readonly Pick<Tunnel, "publicUrl" | "address" | "inspect">[];
    readonly metrics: { readonly conns: Pick<Agent["metrics"]["conns"], "snapshot"> };
  };
  /** Undefined when nothing is captured. */
  readonly ring: Pick<ExchangeRing, "list" | "listen"> | undefined;
  /** Of the agent's own web pages; undefined while they are not served. */
  readonly webUrl: () => string | undefined;
}

export class ConsoleScreen implements AgentListener {
  readonly #options: ConsoleScreenOptions;
  readonly #frames: FrameWriter;
  #source: ConsoleSource | undefined;
  #notices: readonly string[] = [];
  #drawnMs = Number.NEGATIVE_INFINITY;
  /** When the next drawing is due. */
  #dueMs = Number.POSITIVE_INFINITY;
  #cancelDrawing = (): void => {};
  #stopListening = (): void => {};

  constructor(options: ConsoleScreenOptions) {
    this.#options = options;
    this.#frames = new FrameWriter(options.colour);
  }

  /** Takes the terminal, until {@link leave}. */
  show(source: ConsoleSource): void {
    this.#source = source;
    const changed = (): void => this.#drawSoon();
    if (source.ring !== undefined) {
      this.#stopListening = source.ring.listen({ onChange: changed, onRemoved: changed, onCleared: changed });
    }
    this.#options.terminal.enter({
      onResize: changed,
      onBlank: () => {
        this.#frames.forget();
        this.#drawSoon();
      },
    });
    this.#drawSoon();
  }

  /** Gives the terminal back as it was. A second call does nothing. */
  async leave(): Promise<void> {
    this.#source = undefined;
    this.#cancelDrawing();
    this.#stopListening();
    await this.#options.terminal.leave();
  }

  /** Everything that was asked for is online. */
  started(): void {
    this.#drawSoon();
  }

  onStatus(): void {
    this.#drawSoon();
  }

  onTunnelStarted({ publicUrl, warning }: Pick<Tunnel, "publicUrl" | "warning">): void {
    if (warning !== "") this.#notice(`The edge says of ${publicUrl}: ${warning}`);
    this.#drawSoon();
  }

  onTunnelStopped({ publicUrl }: Pick<Tunnel, "publicUrl">, reason: string | undefined): void {
    if (reason !== undefined) this.#notice(`${publicUrl} was stopped by the edge: ${reason}`);
    this.#drawSoon();
  }

  #notice(text: string): void {
    this.#notices = [...this.#notices, text].slice(-KEPT_NOTICES);
  }

  #drawSoon(): void {
    this.#drawAt(this.#drawnMs + SHORTEST_PAUSE_MS);
  }

  /** The earliest wish counts. Never draws from inside the call. */
  #drawAt(atMs: number): void {
    if (this.#source === undefined || atMs >= this.#dueMs) return;
    this.#cancelDrawing();
    this.#dueMs = atMs;
    const { clock } = this.#options;
    this.#cancelDrawing = clock.after(Math.max(0, atMs - clock.nowMs()), () => this.#draw());
  }

  #draw(): void {
    const { clock, terminal } = this.#options;
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#drawnMs = clock.nowMs();
    if (this.#source === undefined) return;
    if (!terminal.isReady()) return this.#drawAt(this.#drawnMs + RETRY_MS);
    const { size } = terminal;
    const frame = this.#frames.frame(screenLines(this.#status(this.#source, size.rows), size), size);
    if (frame !== "") terminal.write(frame);
    this.#drawAt(this.#drawnMs + (terminal.isReady() ? LONGEST_PAUSE_MS : SHORTEST_PAUSE_MS));
  }

  #status({ agent, ring, webUrl }: ConsoleSource, exchangeLimit: number): ScreenStatus {
    const { program, version, clock } = this.#options;
    const { accountName, planName, messages, expiresInMs } = agent.greeting;
    return {
      program,
      messages: [...messages, ...this.#notices],
      session: agent.status,
      expiresInMs,
      account: { name: accountName, plan: planName },
      version,
      webUrl: webUrl(),
      forwardings: agent.tunnels.map(({ publicUrl: url, address }) => ({ url, address })),
      connections: agent.metrics.conns.snapshot(clock.nowMs()),
      // Without a tunnel of which anything is captured the table would stay empty.
      exchanges: agent.tunnels.some(({ inspect }) => inspect) ? ring?.list({ limit: exchangeLimit }) : undefined,
    };
  }
}
