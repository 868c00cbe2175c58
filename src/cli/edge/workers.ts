/** The further processes of an edge: started with the words of this one, started anew when they end, stopped with it. */
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Backoff, pauseBefore } from "../../base/backoff.ts";
import type { Clock } from "../../base/clock.ts";
import type { Edge } from "../../edge/edge.ts";
import type { OwnSite } from "../../edge/own-site.ts";
import type { Duplex } from "../../net/duplex.ts";
import { listenTcp } from "../../net/tcp-listen.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { ownWords } from "../rerun.ts";
import { serveRelayedSite } from "./relayed-site.ts";
import { environmentOf, FIRST_WORKER, hubSocket, siteSocket } from "./worker-role.ts";

/** Before a worker that has ended is started anew. */
const RESTARTS: Backoff = { firstMs: 500, growth: 2, maxMs: 30_000 };
/** One that has lived for so long has not failed at the start. */
const LIVED_MS = 60_000;
/** For a worker that is not wanted any more, or has lost its link. What visitors had under way is over, or cut by then. */
const END_LIMIT_MS = 5_000;

export interface EdgeWorkersOptions {
  /** All processes of the edge, this one included. */
  readonly count: number;
  readonly edge: Pick<Edge, "acceptWorker" | "stop">;
  /** For visitors of the workers. */
  readonly site: OwnSite;
  /** Starts a process with this environment, which is a worker. Throws when the system has none. */
  readonly spawn: (environment: Readonly<Record<string, string>>) => WorkerProcess;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What is done with a process. */
export type WorkerProcess = Pick<Bun.Subprocess, "pid" | "exited" | "signalCode" | "kill">;

export class EdgeWorkers implements AsyncDisposable {
  readonly #options: EdgeWorkersOptions;
  readonly #folder: string;
  readonly #opened = new AsyncDisposableStack();
  readonly #children = new Set<WorkerProcess>();
  readonly #lives: Promise<void>[] = [];
  readonly #stopping = new AbortController();

  private constructor(options: EdgeWorkersOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
  }

  /** Dispose it to end them. @throws UsageError when the sockets for them cannot be had */
  static async start(options: EdgeWorkersOptions): Promise<EdgeWorkers> {
    // Short, since the path of a socket must be, and for nobody else to enter.
    const workers = new EdgeWorkers(options, await mkdtemp(join(tmpdir(), "ginnel-")));
    await workers.#start();
    return workers;
  }

  /** All look at their files again. */
  hangUp(): void {
    for (const child of this.#children) child.kill("SIGHUP");
  }

  /** As {@link Edge.stop}, which lets the workers go: none is started anew from now on. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#stopping.abort();
    await this.#options.edge.stop(deadline);
  }

  /** At once, for a process that ends without waiting for anything: one that stands still would keep its ports. */
  kill(): void {
    for (const child of this.#children) child.kill("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** What the workers have under way is cut, unless {@link stop} came before. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    // With the sockets go the links that there still are.
    await this.#opened.disposeAsync();
    for (const child of this.#children) void this.#awaitEnd(child);
    await Promise.all(this.#lives);
  }

  async #start(): Promise<void> {
    await using opening = new AsyncDisposableStack();
    opening.defer(() => rm(this.#folder, { recursive: true, force: true }));
    opening.use(listenTcp({ unix: hubSocket(this.#folder) }, (connection) => void this.#accept(connection)));
    opening.use(serveRelayedSite(this.#options.site, siteSocket(this.#folder), this.#options.log));
    this.#opened.use(opening.move());
    for (let worker = FIRST_WORKER; worker <= this.#options.count; worker += 1) this.#lives.push(this.#live(worker));
  }

  /** A worker without a link serves nobody, and would still get its share of the visitors while it listens. */
  async #accept(connection: Duplex): Promise<void> {
    const { pid, end } = await this.#options.edge.acceptWorker(connection);
    const child = [...this.#children].find((each) => each.pid === pid);
    if (child === undefined) return;
    if (end.type !== "silent") return await this.#awaitEnd(child);
    this.#options.log.error("worker stands still", { pid });
    child.kill("SIGKILL");
  }

  async #awaitEnd(child: WorkerProcess): Promise<void> {
    const cancel = this.#options.clock.after(END_LIMIT_MS, () => child.kill("SIGKILL"));
    await child.exited;
    cancel();
  }

  /** Never rejects. */
  async #live(worker: number): Promise<void> {
    const { clock, log } = this.#options;
    const { signal: stopping } = this.#stopping;
    for (let attempt = 0; !stopping.aborted;) {
      const startedMs = clock.nowMs();
      const how = await this.#run(worker);
      if (stopping.aborted) return;
      attempt = clock.nowMs() - startedMs > LIVED_MS ? 1 : attempt + 1;
      const pauseMs = Math.round(pauseBefore(attempt, RESTARTS, Math.random()));
      log.error("worker has ended", { worker, ...how, restart_ms: pauseMs });
      await this.#pause(pauseMs);
    }
  }

  /** From start to end; how it has ended. Never rejects. */
  async #run(worker: number): Promise<Readonly<Record<string, unknown>>> {
    const child = this.#spawn(worker);
    if (child instanceof Error) return { err: child };
    this.#children.add(child);
    const code = await child.exited;
    this.#children.delete(child);
    return { code, signal: child.signalCode ?? undefined };
  }

  #spawn(worker: number): WorkerProcess | Error {
    try {
      return this.#options.spawn(environmentOf({ worker, folder: this.#folder }));
    } catch (error) {
      // The executable has been moved, or the machine has no process or descriptor left: all that may pass.
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  async #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(ms, resolve);
    const { signal } = this.#stopping;
    const wake = (): void => resolve();
    signal.addEventListener("abort", wake, { once: true });
    await promise;
    cancel();
    signal.removeEventListener("abort", wake);
  }
}

/** The program once more, with the words of this process; `env`: as this process has it. */
export function spawnWorker(
  env: Readonly<Record<string, string | undefined>>,
): (environment: Readonly<Record<string, string>>) => WorkerProcess {
  const [, ...words] = ownWords(process, Bun.isStandaloneExecutable);
  return (environment) =>
    Bun.spawn([process.execPath, ...words], {
      env: { ...env, ...environment },
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
    });
}
