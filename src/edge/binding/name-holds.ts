/** Names kept for an agent that was lost, so that nobody else takes them before it is back. */
import { isTcpPlace, type Routed, rivalOf } from "../routing-table.ts";

/** How long a name waits for its agent (reference.md 7.15). */
export const NAME_HOLD_MS = 60_000;
/** Agents that come and go could leave any number behind; beyond this the oldest is given up. */
export const MAX_HOLDS = 100_000;

/** Whose the agent is. */
export interface Holder {
  readonly credentialId: string;
  readonly accountId: string;
}

interface Hold extends Holder {
  readonly untilMs: number;
}

const PLACES_OF_HOST = ["http", "https", "tls"] as const;

export class NameHolds {
  /** In the order in which they expire. */
  readonly #holds = new Map<string, Hold>();

  hold(routed: Routed, { credentialId, accountId }: Holder, nowMs: number): void {
    this.#forgetExpired(nowMs);
    this.#holds.delete(keyOf(routed));
    this.#holds.set(keyOf(routed), { credentialId, accountId, untilMs: nowMs + NAME_HOLD_MS });
  }

  /** Whether the name waits for some agent. */
  isHeld(routed: Routed, nowMs: number): boolean {
    return this.#find(routed, nowMs) !== undefined;
  }

  /**
   * Whether the name waits for an agent of another credential: whoever asks for a name may have what its own agents left.
   * Nor may another account take a further place on the host, since that would keep the agent out too.
   */
  isHeldFromOthers(wanted: Routed, by: Holder, nowMs: number): boolean {
    const own = [this.#find(wanted, nowMs), this.#find({ ...wanted, place: rivalOf(wanted.place) }, nowMs)];
    if (own.some((hold) => hold !== undefined && hold.credentialId !== by.credentialId)) return true;
    if (isTcpPlace(wanted.place)) return false;
    const onHost = PLACES_OF_HOST.map((place) => this.#find({ place, host: wanted.host }, nowMs));
    return onHost.some((hold) => hold !== undefined && hold.accountId !== by.accountId);
  }

  /** Whether the name, or another place on its host, waits for an agent of another account. */
  isHeldFromAccount({ place, host }: Routed, accountId: string, nowMs: number): boolean {
    const places = isTcpPlace(place) ? [place] : [place, ...PLACES_OF_HOST];
    const holds = places.map((held) => this.#find({ place: held, host }, nowMs));
    return holds.some((hold) => hold !== undefined && hold.accountId !== accountId);
  }

  release(routed: Routed): void {
    this.#holds.delete(keyOf(routed));
  }

  #find(routed: Routed, nowMs: number): Hold | undefined {
    const hold = this.#holds.get(keyOf(routed));
    return hold !== undefined && hold.untilMs > nowMs ? hold : undefined;
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
