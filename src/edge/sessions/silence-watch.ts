/**
 * Finds out within seconds that an agent says nothing any more, where the silence that ends its session takes longer: a process
 * that is stopped, a network that swallows. Looks only while visitors are given to it. That an upstream takes its time is no
 * silence, since the agent is asked itself.
 */
import type { Clock } from "../../base/clock.ts";

/** An agent that serves its visitors is heard of in this time, and never asked. */
export const UNHEARD_MS = 1_000;
/** For the answer of one that is asked. */
export const WORD_WITHIN_MS = 2_000;

export interface WatchedSession {
  /** Grows with everything that the agent says. */
  readonly bytesHeard: number;
  /** See {@link EdgeSession.answersWithin}. */
  answersWithin(limitMs: number): Promise<boolean>;
}

export class SilenceWatch {
  readonly #session: WatchedSession;
  readonly #clock: Clock;
  readonly #onSilent: () => void;
  #state: "idle" | "watching" | "over" = "idle";
  /** Something more was sent while the watch was on. */
  #isExpectedAgain = false;
  /** What had been heard when the agent was found silent. */
  #silentAtBytes: number | undefined;
  #cancelLook = (): void => {};

  /** `onSilent` hears each time that the agent falls silent. */
  constructor(session: WatchedSession, clock: Clock, onSilent: () => void) {
    this.#session = session;
    this.#clock = clock;
    this.#onSilent = onSilent;
  }

  /** Until the next word of the agent. */
  get isSilent(): boolean {
    return this.#silentAtBytes === this.#session.bytesHeard;
  }

  /** Something is sent to the agent now, of which it should be heard. */
  expectWord(): void {
    if (this.#state === "watching") this.#isExpectedAgain = true;
    else if (this.#state === "idle" && !this.isSilent) this.#watch();
  }

  /** The session has ended. */
  stop(): void {
    this.#state = "over";
    this.#cancelLook();
  }

  #watch(): void {
    this.#state = "watching";
    this.#isExpectedAgain = false;
    const heardBefore = this.#session.bytesHeard;
    this.#cancelLook = this.#clock.after(UNHEARD_MS, () => void this.#look(heardBefore));
  }

  async #look(heardBefore: number): Promise<void> {
    const isHeard = this.#session.bytesHeard > heardBefore || (await this.#session.answersWithin(WORD_WITHIN_MS));
    // The session may have ended meanwhile.
    if (this.#state !== "watching") return;
    this.#state = "idle";
    if (!isHeard) {
      this.#silentAtBytes = this.#session.bytesHeard;
      this.#onSilent();
    } else if (this.#isExpectedAgain) this.#watch();
  }
}
