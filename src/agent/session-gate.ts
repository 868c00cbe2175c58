import type { AgentSession } from "../net/agent-session.ts";

/** The sessions that are up, now or later, for those who want to place a call. */
export class SessionGate {
  /** By the number of their leg. */
  readonly #sessions = new Map<number, AgentSession>();
  #waiting: PromiseWithResolvers<AgentSession>[] = [];
  #failure: Error | undefined;

  /** The one to ask: of those that are up that with the lowest number. */
  get current(): AgentSession | undefined {
    return this.open[0];
  }

  /** All that are up, by number. */
  get open(): readonly AgentSession[] {
    const open = [...this.#sessions].filter(([, { isOpen }]) => isOpen);
    return open.sort(([a], [b]) => a - b).map(([, session]) => session);
  }

  /** Rejects with what {@link failed} was told. */
  wait(): Promise<AgentSession> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const { current } = this;
    if (current !== undefined) return Promise.resolve(current);
    const waiter = Promise.withResolvers<AgentSession>();
    this.#waiting.push(waiter);
    return waiter.promise;
  }

  /** A session is authenticated; the one that its leg had before has ended. */
  opened(session: AgentSession, leg: number): void {
    this.#sessions.set(leg, session);
    for (const waiter of this.#waiting.splice(0)) waiter.resolve(session);
  }

  /** No further session will come. One that is up may still be used for saying goodbye. */
  failed(failure: Error): void {
    this.#failure ??= failure;
    for (const waiter of this.#waiting.splice(0)) waiter.reject(this.#failure);
  }
}
