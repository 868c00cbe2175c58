import type { Clock } from "../../base/clock.ts";
import type { AuthRequest } from "../../protocol/rpc/auth.ts";

/** An agent that gives a session up does so when it reads the answer to Auth: some round trips later it stays. */
const STAYS_AFTER_MS = 2_000;

/**
 * An agent wants a session in each process of an edge, and cannot choose to which one a connection comes: a further session beside one that
 * it has there already is given up at once (see "The legs of an agent" in design.md). Until it is clear that such a session stays, nobody is
 * told of it. Other agents keep what they have.
 */
export class Settling {
  readonly #onSettled: () => void;
  #cancel = (): void => {};
  #isSettled = false;
  #hasEnded = false;

  /** `auth`: of a session that was let in, at an edge of several processes or of one. `onSettled` is called once, or never. */
  constructor(
    { sessionId, agent }: AuthRequest,
    { isOneOfSeveral, clock, onSettled }: { isOneOfSeveral: boolean; clock: Clock; onSettled: () => void },
  ) {
    this.#onSettled = onSettled;
    const mayBeGivenUp = isOneOfSeveral && sessionId !== "" && agent.ginnel !== undefined;
    if (mayBeGivenUp) this.#cancel = clock.after(STAYS_AFTER_MS, () => this.settle());
    else this.settle();
  }

  /** The session is of use, such as for a bind. */
  settle(): void {
    if (this.#isSettled || this.#hasEnded) return;
    this.#isSettled = true;
    this.#cancel();
    this.#onSettled();
  }

  /** The session is over. False when nobody was told of it. */
  end(): boolean {
    this.#hasEnded = true;
    this.#cancel();
    return this.#isSettled;
  }
}
