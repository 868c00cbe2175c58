/**
 * How many secrets may be tried that let somebody in, and when. An attempt counts from its beginning, and no longer once it turns
 * out to be right: so any number at once cannot be more than the limit, and those who are right wait for look-ups alone. Pure.
 *
 * Knows neither secrets nor who tries them, and is for those who are counted together.
 */

/** Once too many were wrong, a look-up begins so long after the last wrong one. Right ones between do not put it off. */
export const PACE_MS = 1_000;
/** Who waits then; everybody further is refused. Before, all wait for look-ups alone, which fail by themselves when they take too long. */
export const MAX_WAITING = 100;
/** And for so long, until they are refused: shorter than agents wait for an answer to Auth. */
export const LONGEST_WAIT_MS = 8_000;

export interface GuessRate {
  /** Wrong ones in any stretch of {@link windowMs} that keep nobody waiting. */
  readonly maxFailures: number;
  readonly windowMs: number;
}

/** Whoever has a secret that is to be looked at. */
export interface Guesser {
  /** Who has gone meanwhile takes nobody's place. */
  readonly isHere: () => boolean;
  /** Once. `begins`: the look-up is under way from now on, until {@link GuessLane.settle}; `refused`: it will not be looked at. */
  readonly onTurn: (turn: "begins" | "refused") => void;
}

export class GuessLane {
  readonly #rate: GuessRate;
  /** When the last ones were wrong, `maxFailures` of them at most, the newest last. */
  readonly #failedAtMs: number[] = [];
  #waiting: { readonly guesser: Guesser; readonly sinceMs: number }[] = [];
  #underWay = 0;

  constructor(rate: GuessRate) {
    this.#rate = rate;
  }

  /** Nothing is under way, and nobody waits. */
  get isIdle(): boolean {
    return this.#underWay === 0 && this.#waiting.length === 0;
  }

  /** When to call {@link advance}, unless something else happens before. */
  wakeAtMs(nowMs: number): number | undefined {
    const [first] = this.#waiting;
    if (first === undefined || this.spentForMs(nowMs) === 0) return undefined;
    const givesUpAtMs = first.sinceMs + LONGEST_WAIT_MS;
    return this.#underWay > 0 ? givesUpAtMs : Math.min(givesUpAtMs, this.#paceAtMs);
  }

  /** Wrong ones that count. */
  failures(nowMs: number): number {
    return this.#failedAtMs.filter((atMs) => nowMs - atMs < this.#rate.windowMs).length;
  }

  /** Until fewer than the limit were wrong; 0: there are. */
  spentForMs(nowMs: number): number {
    const { maxFailures, windowMs } = this.#rate;
    const [oldest = 0] = this.#failedAtMs;
    return this.#failedAtMs.length < maxFailures ? 0 : Math.max(0, oldest + windowMs - nowMs);
  }

  /** Somebody comes; may have a turn at once. */
  arrive(guesser: Guesser, nowMs: number): void {
    this.#waiting.push({ guesser, sinceMs: nowMs });
    this.advance(nowMs);
    this.#makeRoom(nowMs);
  }

  /** A look-up that began is over. Not wrong is also one that told nothing. */
  settle(wasWrong: boolean, nowMs: number): void {
    this.#underWay -= 1;
    if (wasWrong) this.#failedAtMs.push(nowMs);
    if (this.#failedAtMs.length > this.#rate.maxFailures) this.#failedAtMs.shift();
    this.advance(nowMs);
    this.#makeRoom(nowMs);
  }

  /** Whose turn it is by now has it. */
  advance(nowMs: number): void {
    for (let [first] = this.#waiting; first !== undefined; [first] = this.#waiting) {
      const { guesser, sinceMs } = first;
      const hasWaited = nowMs - sinceMs >= LONGEST_WAIT_MS && this.spentForMs(nowMs) > 0;
      const isTooLate = hasWaited || !guesser.isHere();
      if (!isTooLate && !this.#mayBegin(nowMs)) return;
      this.#waiting.shift();
      if (!isTooLate) this.#underWay += 1;
      guesser.onTurn(isTooLate ? "refused" : "begins");
    }
  }

  /** From the time on one at a time may begin, whatever was wrong before. */
  get #paceAtMs(): number {
    return (this.#failedAtMs.at(-1) ?? -PACE_MS) + PACE_MS;
  }

  #mayBegin(nowMs: number): boolean {
    if (this.failures(nowMs) + this.#underWay < this.#rate.maxFailures) return true;
    return this.#underWay === 0 && nowMs >= this.#paceAtMs;
  }

  /** At the cost of those who have gone, else of those who came last. */
  #makeRoom(nowMs: number): void {
    if (this.#waiting.length <= MAX_WAITING || this.spentForMs(nowMs) === 0) return;
    const staying = new Set(this.#waiting.filter(({ guesser }) => guesser.isHere()).slice(0, MAX_WAITING));
    const refused = this.#waiting.filter((waiting) => !staying.has(waiting));
    this.#waiting = [...staying];
    for (const { guesser } of refused) guesser.onTurn("refused");
  }
}
