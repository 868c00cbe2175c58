/**
 * When a leg of the agent dials the edge: at once at the start, nearly so after a loss, then with growing pauses, for ever. Only a
 * refusal that no waiting can mend (a bad authtoken, an agent too old) ends it. Holds no socket and no timer.
 */
import { type Backoff, pauseBefore } from "../base/backoff.ts";

export type ReconnectEvent =
  | { readonly type: "start" }
  | { readonly type: "established" }
  /** The session ended after `heldMs`, or could not be set up (0), for a reason that may pass. */
  | { readonly type: "lost"; readonly heldMs: number }
  /** The edge refused the agent for good. */
  | { readonly type: "refused" }
  /** The session came about in a process of the edge that the agent has one in, and was given up. */
  | { readonly type: "misplaced" }
  /** Other processes may be without a session of the agent than before: one that was misplaced need not wait longer. */
  | { readonly type: "placesChanged" }
  | { readonly type: "pauseOver" }
  | { readonly type: "stop" };

export type ReconnectCommand =
  | { readonly type: "dial" }
  | { readonly type: "pause"; readonly ms: number }
  | { readonly type: "giveUp" };

/** `waiting`: for a place. */
type State = "idle" | "dialling" | "online" | "pausing" | "waiting" | "ended";

/** An edge that is restarted is away for a second or two: its agents try often in the beginning, and seldom in the end. */
export const RECONNECT_BACKOFF: Backoff = { firstMs: 100, growth: 1.5, maxMs: 30_000 };

/**
 * Each try is a handshake for the edge, of which one in as many as there are processes finds its place, and a process that is being
 * started again is away for seconds: about 20 tries in the first minute, then few. The agent has another session meanwhile.
 */
export const MISPLACED_BACKOFF: Backoff = { firstMs: 100, growth: 1.3, maxMs: 240_000 };

/** An edge that stops lets all of its agents go in one moment; over this time they come to the next one. */
export const RETURN_SPREAD_MS = 100;

/** A session that did not live this long counts as a failed attempt: an edge that drops agents is not to be dialled in a loop. */
export const STEADY_MS = 1_000;

export class ReconnectMachine {
  #state: State = "idle";
  /** Failed attempts since the last session that was steady. */
  #failures = 0;
  /** Sessions given up for their place since the last one that was kept, or since the places changed. */
  #misplaced = 0;
  #wasOnline = false;

  get state(): "connecting" | "online" | "reconnecting" | "offline" {
    if (this.#state === "online") return "online";
    if (this.#state === "idle" || this.#state === "ended") return "offline";
    return this.#wasOnline ? "reconnecting" : "connecting";
  }

  /** `random` in [0, 1) is used for jitter only. An event that does not fit the state is late and changes nothing. */
  handle(event: ReconnectEvent, random: number): ReconnectCommand | undefined {
    switch (event.type) {
      case "start":
        return this.#state === "idle" ? this.#dial() : undefined;
      case "established":
        if (this.#state !== "dialling") return undefined;
        this.#state = "online";
        this.#misplaced = 0;
        this.#wasOnline = true;
        return undefined;
      case "lost":
        return this.#lost(event.heldMs, random);
      case "refused":
        if (this.#state === "ended") return undefined;
        this.#state = "ended";
        return { type: "giveUp" };
      case "misplaced":
        if (this.#state !== "dialling") return undefined;
        this.#misplaced += 1;
        this.#state = "waiting";
        return { type: "pause", ms: pauseBefore(this.#misplaced, MISPLACED_BACKOFF, random) };
      case "placesChanged":
        this.#misplaced = 0;
        return this.#state === "waiting" ? this.#dial() : undefined;
      case "pauseOver":
        return this.#state === "pausing" || this.#state === "waiting" ? this.#dial() : undefined;
      case "stop":
        this.#state = "ended";
        return undefined;
    }
  }

  #dial(): ReconnectCommand {
    this.#state = "dialling";
    return { type: "dial" };
  }

  #lost(heldMs: number, random: number): ReconnectCommand | undefined {
    if (this.#state !== "online" && this.#state !== "dialling") return undefined;
    const wasOnline = this.#state === "online";
    this.#failures = wasOnline && heldMs >= STEADY_MS ? 0 : this.#failures + 1;
    this.#state = "pausing";
    const isFirstTry = wasOnline && this.#failures <= 1;
    return {
      type: "pause",
      ms: isFirstTry ? RETURN_SPREAD_MS * random : pauseBefore(this.#failures, RECONNECT_BACKOFF, random),
    };
  }
}
