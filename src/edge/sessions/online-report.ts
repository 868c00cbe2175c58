/**
 * Tells a keeper of records who and what is online, behind everything else: no agent waits for it. What fails is logged and done
 * again, and of one record only the latest news counts.
 */
import type { Clock } from "../../base/clock.ts";
import type { LiveEndpoint } from "../../model/records/live-endpoint.ts";
import type { TunnelSession } from "../../model/records/tunnel-session.ts";
import type { Logger } from "../../telemetry/logger.ts";

/** What is told; a store's live records fit. */
export interface OnlineRecords {
  putSession(session: TunnelSession): Promise<void>;
  /** Its endpoints go with it. */
  removeSession(id: string): Promise<void>;
  /** False, and nothing is kept, when its session is gone. */
  putEndpoint(endpoint: LiveEndpoint): Promise<boolean>;
  removeEndpoint(id: string): Promise<void>;
}

/** Between attempts while the keeper fails. */
export const RETRY_MS = 1_000;
/** Agents could come and go while the keeper fails; beyond this the oldest news are given up. */
export const MAX_WAITING = 100_000;

export interface OnlineReportOptions {
  readonly records: OnlineRecords;
  readonly clock: Clock;
  readonly log: Logger;
}

export class OnlineReport {
  readonly #options: OnlineReportOptions;
  /** By the id of the record, the oldest first. */
  readonly #waiting = new Map<string, () => Promise<unknown>>();
  /** What the sessions that serve an endpoint said of it, by endpoint and session; what was said by the latest of them counts. */
  readonly #served = new Map<string, Map<string, LiveEndpoint>>();
  /** The ids of the endpoints that each session serves. */
  readonly #bySession = new Map<string, Set<string>>();
  #isTelling = false;
  #hasFailed = false;

  constructor(options: OnlineReportOptions) {
    this.#options = options;
  }

  sessionStarted(session: TunnelSession): void {
    this.#add(session.id, (records) => records.putSession(session));
  }

  sessionEnded(id: string): void {
    this.#add(id, (records) => records.removeSession(id));
    const endpointIds = this.#bySession.get(id) ?? [];
    this.#bySession.delete(id);
    for (const endpointId of endpointIds) {
      this.#served.get(endpointId)?.delete(id);
      const left = this.endpoint(endpointId);
      if (left === undefined) this.#served.delete(endpointId);
      // Its record went with that of the session.
      else this.#add(endpointId, (records) => records.putEndpoint(left));
    }
  }

  /** The record of what is online, as it was told last. */
  endpoint(id: string): LiveEndpoint | undefined {
    return [...(this.#served.get(id)?.values() ?? [])].at(-1);
  }

  /** Also of a further session of the same agent, which serves it as well. */
  endpointStarted(endpoint: LiveEndpoint): void {
    const bySession = this.#served.get(endpoint.id) ?? new Map<string, LiveEndpoint>();
    this.#served.set(endpoint.id, bySession.set(endpoint.sessionId, endpoint));
    const ofSession = this.#bySession.get(endpoint.sessionId) ?? new Set<string>();
    this.#bySession.set(endpoint.sessionId, ofSession.add(endpoint.id));
    this.#add(endpoint.id, (records) => records.putEndpoint(endpoint));
  }

  endpointEnded(id: string): void {
    for (const sessionId of this.#served.get(id)?.keys() ?? []) this.#forget(id, sessionId);
    this.#served.delete(id);
    this.#add(id, (records) => records.removeEndpoint(id));
  }

  #forget(endpointId: string, sessionId: string): void {
    const ofSession = this.#bySession.get(sessionId);
    ofSession?.delete(endpointId);
    if (ofSession?.size === 0) this.#bySession.delete(sessionId);
  }

  #add(id: string, tell: (records: OnlineRecords) => Promise<unknown>): void {
    // Behind everything that it may depend on, such as the session of an endpoint.
    this.#waiting.delete(id);
    this.#waiting.set(id, () => tell(this.#options.records));
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > MAX_WAITING && oldest !== undefined) this.#waiting.delete(oldest);
    if (!this.#isTelling) void this.#tellAll();
  }

  async #tellAll(): Promise<void> {
    this.#isTelling = true;
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      const [id, tell] = next;
      if (!(await this.#succeeds(tell))) await this.#pause();
      else if (this.#waiting.get(id) === tell) this.#waiting.delete(id);
    }
    this.#isTelling = false;
  }

  async #succeeds(tell: () => Promise<unknown>): Promise<boolean> {
    const { log } = this.#options;
    try {
      await tell();
      if (this.#hasFailed) log.info("who is online is recorded again");
      this.#hasFailed = false;
      return true;
    } catch (error) {
      // One line for each time that it begins to fail. A keeper that is away is the operator's business.
      if (!this.#hasFailed) log.warn("who is online cannot be recorded", { err: error });
      this.#hasFailed = true;
      return false;
    }
  }

  #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#options.clock.after(RETRY_MS, resolve);
    return promise;
  }
}
