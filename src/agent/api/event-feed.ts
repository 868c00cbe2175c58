/** What one listener of `/api/events` is told: exchanges, tunnels, the session and metrics, as they change. */
import type { ApiServices } from "./api-services.ts";
import { EventQueue } from "./event-queue.ts";
import { exchangeSummary } from "./exchange-view.ts";
import { metricsView } from "./metrics-view.ts";
import { statusView } from "./status-view.ts";
import { tunnelListView } from "./tunnel-view.ts";

/** Changes are told together, each exchange once in its latest state. */
const BATCH_MS = 100;
const METRICS_MS = 1_000;
const PINGS_PER_METRICS = 15;

export type FeedServices = Pick<ApiServices, "agent" | "audience" | "ring" | "clock" | "startedMs">;

export class EventFeed {
  readonly #services: FeedServices;
  readonly #queue: EventQueue;
  readonly #onEnd: () => void;
  readonly #cancels = new Set<() => void>();
  /** Ids and no more: for a listener that reads late an exchange must not outlive its place in the ring. */
  readonly #changed = new Set<string>();
  #removed: string[] = [];
  #hasNewTunnels = false;
  #hasNewStatus = false;
  #cancelBatch: (() => void) | undefined;
  #lastStatus = "";

  /** Tells until the stream is cancelled or the listener is too slow; then `onEnd` is called. */
  constructor(services: FeedServices, onEnd: () => void) {
    this.#services = services;
    this.#onEnd = onEnd;
    this.#queue = new EventQueue(() => this.#end());
    // First: what happens while the state is read is told behind it.
    this.#listen();
    this.#queue.send("hello", this.#statusNow());
    this.#queue.send("tunnels", this.#tunnelsNow());
    this.#meter(1);
  }

  get stream(): ReadableStream<Uint8Array> {
    return this.#queue.stream;
  }

  #listen(): void {
    const { audience, ring } = this.#services;
    const onTunnels = (): void => {
      this.#hasNewTunnels = true;
      this.#batch();
    };
    const onStatus = (): void => {
      this.#hasNewStatus = true;
      this.#batch();
    };
    this.#cancels.add(audience.add({ onStatus, onTunnelStarted: onTunnels, onTunnelStopped: onTunnels }));
    const stopListening = ring?.listen({
      onChange: ({ id }) => {
        this.#changed.add(id);
        this.#batch();
      },
      onRemoved: (ids) => {
        for (const id of ids) this.#changed.delete(id);
        this.#removed.push(...ids);
        this.#batch();
      },
      onCleared: () => {
        this.#changed.clear();
        this.#removed = [];
        this.#queue.send("cleared", {});
      },
    });
    if (stopListening !== undefined) this.#cancels.add(stopListening);
  }

  #batch(): void {
    this.#cancelBatch ??= this.#services.clock.after(BATCH_MS, () => this.#tell());
  }

  #tell(): void {
    this.#cancelBatch = undefined;
    for (const id of this.#changed) {
      // The rest waits for the next time: each of them will be newer then, and no less complete.
      if (!this.#queue.isEasy) break;
      this.#changed.delete(id);
      const exchange = this.#services.ring?.find(id);
      if (exchange !== undefined) this.#queue.send("exchange", exchangeSummary(exchange));
    }
    if (this.#removed.length > 0) this.#queue.send("removed", { ids: this.#removed.splice(0) });
    if (this.#hasNewTunnels) this.#queue.send("tunnels", this.#tunnelsNow());
    if (this.#hasNewStatus) this.#queue.send("status", this.#statusNow());
    this.#hasNewTunnels = false;
    this.#hasNewStatus = false;
    if (this.#changed.size > 0) this.#batch();
  }

  #meter(tick: number): void {
    const cancel = this.#services.clock.after(METRICS_MS, () => {
      this.#cancels.delete(cancel);
      this.#meter(tick + 1);
      const nowMs = this.#services.clock.nowMs();
      const tunnels = this.#services.agent.tunnels.map(({ name, metrics }) => ({
        name,
        metrics: metricsView(metrics, nowMs),
      }));
      this.#queue.send("metrics", { tunnels });
      // Nobody tells when a latency was measured.
      if (this.#comparedStatus() !== this.#lastStatus) this.#queue.send("status", this.#statusNow());
      if (tick % PINGS_PER_METRICS === 0) this.#queue.ping();
    });
    this.#cancels.add(cancel);
  }

  #statusNow(): ReturnType<typeof statusView> {
    const { agent, clock, startedMs } = this.#services;
    this.#lastStatus = this.#comparedStatus();
    return statusView(agent, clock.nowMs() - startedMs);
  }

  /** Without how long the agent runs, which changes always. */
  #comparedStatus(): string {
    return JSON.stringify(statusView(this.#services.agent, 0));
  }

  #tunnelsNow(): ReturnType<typeof tunnelListView> {
    return tunnelListView(this.#services.agent.tunnels, this.#services.clock.nowMs());
  }

  #end(): void {
    this.#cancelBatch?.();
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
    this.#changed.clear();
    this.#onEnd();
  }
}
