import type { OnlineRecords } from "../../edge/sessions/online-report.ts";
import type { LiveRecords } from "../../store/live-records.ts";

/** Who is online at this edge, on record until the edge ends. */
export class EdgeOnline implements AsyncDisposable {
  readonly records: OnlineRecords;
  readonly nodeId: string;
  readonly #live: LiveRecords;
  #hasEnded = false;

  private constructor(live: LiveRecords, nodeId: string) {
    this.#live = live;
    this.nodeId = nodeId;
    // The last goodbyes come when there is no store any more, and all that was here is forgotten.
    const unlessEnded = async <R>(tell: () => Promise<R>, instead: R): Promise<R> =>
      this.#hasEnded ? instead : tell();
    this.records = {
      putSession: (session) => unlessEnded(() => live.putSession(session), undefined),
      removeSession: (id) => unlessEnded(() => live.removeSession(id), undefined),
      putEndpoint: (endpoint) => unlessEnded(() => live.putEndpoint(endpoint), false),
      removeEndpoint: (id) => unlessEnded(() => live.removeEndpoint(id), undefined),
    };
  }

  /** Forgets what a process of the same name left that was killed. Rejects with a StoreError. */
  static async begin(live: LiveRecords, nodeId: string): Promise<EdgeOnline> {
    await live.forgetNode(nodeId);
    return new EdgeOnline(live, nodeId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hasEnded = true;
    // A store that is gone keeps an edge from nothing; the next start forgets.
    await this.#live.forgetNode(this.nodeId).catch(() => {});
  }
}
