/** Names kept for an agent that was lost, so that nobody else takes them before it is back. */
import type { Routed } from "../routing-table.ts";

/** How long a name waits for its agent (reference.md 7.15). */
export const NAME_HOLD_MS = 60_000;
/** Agents that come and go could leave any number behind; beyond this the oldest is given up. */
export const MAX_HOLDS = 100_000;

interface Hold {
  readonly credentialId: string;
  readonly untilMs: number;
}

export class NameHolds {
  /** In the order in which they expire. */
  readonly #holds = new Map<string, Hold>();

  hold(routed: Routed, credentialId: string, nowMs: number): void {
    this.#forgetExpired(nowMs);
    this.#holds.delete(keyOf(routed));
    this.#holds.set(keyOf(routed), { credentialId, untilMs: nowMs + NAME_HOLD_MS });
  }

  /** Whether the name waits for some agent. */
  isHeld(routed: Routed, nowMs: number): boolean {
    return (this.#holds.get(keyOf(routed))?.untilMs ?? 0) > nowMs;
  }

  /** Whether the name waits for an agent of another credential: whoever asks for a name may have what its own agents left. */
  isHeldFromOthers(routed: Routed, credentialId: string, nowMs: number): boolean {
    return this.isHeld(routed, nowMs) && this.#holds.get(keyOf(routed))?.credentialId !== credentialId;
  }

  release(routed: Routed): void {
    this.#holds.delete(keyOf(routed));
  }

  #forgetExpired(nowMs: number): void {
    for (const [key, { untilMs }] of this.#holds) {
      if (untilMs > nowMs && this.#holds.size < MAX_HOLDS) return;
      this.#holds.delete(key);
    }
  }
}

function keyOf({ place, host }: Routed): string {
  return `${place} ${host}`;
}
