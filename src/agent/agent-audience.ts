import { type OnFault, warnOfFault } from "../net/faults.ts";
import type { AgentListener } from "./agent.ts";
import type { Tunnel } from "./tunnel.ts";

/** Tells several listeners what one agent does, in the order in which they came. A fault of one costs the others nothing. */
export class AgentAudience implements AgentListener {
  readonly #listeners = new Set<AgentListener>();
  readonly #onFault: OnFault;

  constructor(onFault: OnFault = warnOfFault) {
    this.#onFault = onFault;
  }

  /** The answer takes the listener away again. */
  add(listener: AgentListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  onStatus(): void {
    this.#tell((listener) => listener.onStatus());
  }

  onTunnelStarted(tunnel: Tunnel): void {
    this.#tell((listener) => listener.onTunnelStarted(tunnel));
  }

  onTunnelStopped(tunnel: Tunnel, reason: string | undefined): void {
    this.#tell((listener) => listener.onTunnelStopped(tunnel, reason));
  }

  #tell(one: (listener: AgentListener) => void): void {
    for (const listener of this.#listeners) {
      try {
        one(listener);
      } catch (fault) {
        this.#onFault(fault);
      }
    }
  }
}
