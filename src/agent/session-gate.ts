import type { AgentSession } from "../net/agent-session.ts";

/** The session that is up, now or later, for those who want to place a call. */
export class SessionGate {
  #session: AgentSession | undefined;
  #waiting: PromiseWithResolvers<AgentSession>[] = [];
  #failure: Error | undefined;

  get current(): AgentSession | undefined {
    return this.#session?.isOpen === true ? this.#session : undefined;
  }

  /** Rejects with what {@link failed} was told. */
  wait(): Promise<AgentSession> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.current !== undefined) return Promise.resolve(this.current);
    const waiter = Promise.withResolvers<AgentSession>();
    this.#waiting.push(waiter);
    return waiter.promise;
  }

  /** A session is authenticated. */
  opened(session: AgentSession): void {
    this.#session = session;
    for (const waiter of this.#waiting.splice(0)) waiter.resolve(session);
  }

  /** No further session will come. One that is up may still be used for saying goodbye. */
  failed(failure: Error): void {
    this.#failure ??= failure;
    for (const waiter of this.#waiting.splice(0)) waiter.reject(this.#failure);
  }
}
