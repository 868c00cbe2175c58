/** Names kept for an agent that was lost, so that nobody else takes them before it is back. */
import type { Routed } from "../routing-table.ts";

/** How long a name waits for its agent (reference.md 7.15). */
export const NAME_HOLD_MS = 60_000;

interface Hold {
  readonly clientId: string;
  readonly untilMs: number;
}

export class NameHolds {
  readonly #holds = new Map<string, Hold>();

  hold(routed: Routed, clientId: string, nowMs: number): void {
    this.#forgetExpired(nowMs);
    this.#holds.delete(keyOf(routed));
    this.#holds.set(keyOf(routed), { clientId, untilMs: nowMs + NAME_HOLD_MS });
  }

  /** Whether the name waits for an agent other than this one. */
  isHeldFromOthers(routed: Routed, clientId: string, nowMs: number): boolean {
    const hold = this.#holds.get(keyOf(routed));
    return hold !== undefined && hold.untilMs > nowMs && hold.clientId !== clientId;
  }

  release(routed: Routed): void {
    this.#holds.delete(keyOf(routed));
  }

  /** Holds are set in the order in which they expire, so the expired ones stand first. */
  #forgetExpired(nowMs: number): void {
    for (const [key, { untilMs }] of this.#holds) {
      if (untilMs > nowMs) return;
      this.#holds.delete(key);
    }
  }
}

function keyOf({ place, host }: Routed): string {
  return `${place} ${host}`;
}
