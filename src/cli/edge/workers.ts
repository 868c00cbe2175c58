/** The further processes of an edge: started with the words of this one, started anew when they end, stopped with it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Backoff, pauseBefore } from "../../base/backoff.ts";
import type { Clock } from "../../base/clock.ts";
import type { Edge } from "../../edge/edge.ts";
import type { OwnSite } from "../../edge/own-site.ts";
import { listenTcp } from "../../net/tcp-listen.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { ownWords } from "../rerun.ts";
import { serveRelayedSite } from "./relayed-site.ts";
import { environmentOf, FIRST_WORKER, hubSocket, siteSocket } from "./worker-role.ts";

/** Before a worker that has ended is started anew. */
const RESTARTS: Backoff = { firstMs: 500, growth: 2, maxMs: 30_000 };
/** One that has lived for so long has not failed at the start. */
const LIVED_MS = 60_000;

export interface EdgeWorkersOptions {
  /** All processes of the edge, this one included. */
  readonly count: number;
  readonly edge: Pick<Edge, "acceptWorker">;
  /** For visitors of the workers. */
  readonly site: OwnSite;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For a worker to end in order. */
  readonly drainMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export class EdgeWorkers implements AsyncDisposable {
  readonly #options: EdgeWorkersOptions;
  readonly #folder: string;
  readonly #opened: AsyncDisposableStack;
  readonly #children = new Map<number, Bun.Subprocess>();
  readonly #lives: Promise<void>[] = [];
  readonly #stopping = new AbortController();

  private constructor(options: EdgeWorkersOptions, folder: string, opened: AsyncDisposableStack) {
    this.#options = options;
    this.#folder = folder;
    this.#opened = opened;
  }

  /** Dispose it to stop them. @throws UsageError when the sockets for them cannot be had */
  static async start(options: EdgeWorkersOptions): Promise<EdgeWorkers> {
    await using opening = new AsyncDisposableStack();
    // Short, since the path of a socket must be, and for nobody else to enter.
    const folder = await mkdtemp(join(tmpdir(), "ginnel-"));
    opening.defer(() => rm(folder, { recursive: true, force: true }));
    opening.use(listenTcp({ unix: hubSocket(folder) }, (connection) => void options.edge.acceptWorker(connection)));
    opening.use(serveRelayedSite(options.site, siteSocket(folder)));
    const workers = new EdgeWorkers(options, folder, opening.move());
    for (let worker = FIRST_WORKER; worker <= options.count; worker += 1) workers.#lives.push(workers.#live(worker));
    return workers;
  }

  /** All look at their files again. */
  hangUp(): void {
    for (const child of this.#children.values()) child.kill("SIGHUP");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { drainMs, clock } = this.#options;
    this.#stopping.abort();
    for (const child of this.#children.values()) child.kill("SIGTERM");
    const cancel = clock.after(2 * drainMs, () => {
      for (const child of this.#children.values()) child.kill("SIGKILL");
    });
    await Promise.all(this.#lives);
    cancel();
    await this.#opened.disposeAsync();
  }

  /** Never rejects. */
  async #live(worker: number): Promise<void> {
    const { clock, log } = this.#options;
    for (let attempt = 0; !this.#stopping.signal.aborted;) {
      const startedMs = clock.nowMs();
      const child = this.#spawn(worker);
      this.#children.set(worker, child);
      const code = await child.exited;
      this.#children.delete(worker);
      if (this.#stopping.signal.aborted) return;
      attempt = clock.nowMs() - startedMs > LIVED_MS ? 1 : attempt + 1;
      const pauseMs = Math.round(pauseBefore(attempt, RESTARTS, Math.random()));
      log.error("worker has ended", { worker, code, signal: child.signalCode ?? undefined, restart_ms: pauseMs });
      await this.#pause(pauseMs);
    }
  }

  #spawn(worker: number): Bun.Subprocess {
    const [, ...words] = ownWords(process, Bun.isStandaloneExecutable);
    return Bun.spawn([process.execPath, ...words], {
      env: { ...this.#options.env, ...environmentOf({ worker, folder: this.#folder }) },
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
    });
  }

  async #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(ms, resolve);
    const { signal } = this.#stopping;
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    cancel();
  }
}
