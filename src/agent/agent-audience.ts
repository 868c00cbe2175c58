import type { AgentListener } from "./agent.ts";
import type { Tunnel } from "./tunnel.ts";

/** Tells several listeners what one agent does, in the order in which they came. */
export class AgentAudience implements AgentListener {
  readonly #listeners = new Set<AgentListener>();

  /** The answer takes the listener away again. */
  add(listener: AgentListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  onStatus(): void {
    for (const listener of this.#listeners) listener.onStatus();
  }

  onTunnelStarted(tunnel: Tunnel): void {
    for (const listener of this.#listeners) listener.onTunnelStarted(tunnel);
  }

  onTunnelStopped(tunnel: Tunnel, reason: string | undefined): void {
    for (const listener of this.#listeners) listener.onTunnelStopped(tunnel, reason);
  }
}
