/** The further processes of an edge, played: what they are started with, and what becomes of those that end or do not. */
import { afterEach, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { EdgeWorkers, type WorkerProcess } from "../../../src/cli/edge/workers.ts";
import { hubSocket, workerRoleOf } from "../../../src/cli/edge/worker-role.ts";
import type { WorkerEnd } from "../../../src/edge/workers/worker-peer.ts";
import type { SessionEnd } from "../../../src/net/session.ts";
import { dialTcp } from "../../../src/net/tcp-dial.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { type RecordedLine, recordingLog } from "../../support/recording-log.ts";
import { eventually, quiet } from "../../support/turns.ts";

/** Longer than any pause before a start. */
const PAUSE_MS = 60_000;

class PlayedProcess implements WorkerProcess {
  readonly pid: number;
  readonly signals: (string | number | undefined)[] = [];
  readonly exited: Promise<number>;
  readonly end: (code: number) => void;
  signalCode = null;

  constructor(pid: number) {
    this.pid = pid;
    const { promise, resolve } = Promise.withResolvers<number>();
    this.exited = promise;
    this.end = resolve;
  }

  kill(signal?: number | NodeJS.Signals): void {
    this.signals.push(signal);
    if (signal === "SIGKILL") this.end(137);
  }
}

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) {
    for (const child of scene.children) child.end(0);
    await scene.workers[Symbol.asyncDispose]();
    expect(existsSync(scene.folder)).toBe(false);
  }
});

interface Scene {
  readonly workers: EdgeWorkers;
  readonly children: readonly PlayedProcess[];
  readonly folder: string;
  readonly clock: ManualClock;
  /** What was logged as an error. */
  readonly errors: () => readonly RecordedLine[];
  /** A worker dials. Answers what ends its link. */
  readonly dials: (pid: number) => Promise<(end: SessionEnd) => void>;
}

async function open(obstacles: Error[] = []): Promise<Scene> {
  const clock = new ManualClock();
  const { log, lines } = recordingLog();
  const children: PlayedProcess[] = [];
  const folders = new Set<string>();
  const links: PromiseWithResolvers<WorkerEnd>[] = [];
  const workers = await EdgeWorkers.start({
    count: 2,
    edge: {
      acceptWorker: (connection) => {
        connection.resume();
        const link = Promise.withResolvers<WorkerEnd>();
        links.push(link);
        return link.promise;
      },
      stop: () => Promise.resolve(),
    },
    site: { host: "api.edge.test", maxBodyBytes: 0, fetch: () => Promise.resolve(new Response()) },
    spawn: (environment) => {
      const role = workerRoleOf(environment);
      expect(role?.worker).toBe(2);
      folders.add(role?.folder ?? "");
      const obstacle = obstacles.shift();
      if (obstacle !== undefined) throw obstacle;
      const child = new PlayedProcess(1_000 + children.length);
      children.push(child);
      return child;
    },
    clock,
    log,
  });
  const [folder = ""] = folders;
  const scene: Scene = {
    workers,
    children,
    folder,
    clock,
    errors: () => lines.filter(({ level }) => level === "error"),
    dials: async (pid) => {
      const before = links.length;
      await dialTcp({ unix: hubSocket(folder) }, { timeoutMs: 5_000 });
      await eventually("it has dialed", () => links.length > before);
      return (end) => links[before]?.resolve({ pid, end });
    },
  };
  scenes.push(scene);
  return scene;
}

describe("EdgeWorkers", () => {
  test("starts one that has ended anew, after a pause", async () => {
    const s = await open();
    s.children[0]?.end(3);
    await eventually("that is told", () => s.errors().length === 1);
    expect(s.errors()).toMatchObject([{ message: "worker has ended", fields: { worker: 2, code: 3 } }]);
    expect(s.children).toHaveLength(1);
    s.clock.advance(PAUSE_MS);
    await eventually("there is another one", () => s.children.length === 2);
  });

  test("tries again when the system has no process for it", async () => {
    const s = await open([new Error("EAGAIN"), new Error("ENOENT")]);
    for (const times of [1, 2]) {
      await eventually("that is told", () => s.errors().length === times);
      s.clock.advance(PAUSE_MS);
    }
    await eventually("there is one", () => s.children.length === 1);
    expect(s.errors().map(({ fields }) => String(fields["err"]))).toEqual(["Error: EAGAIN", "Error: ENOENT"]);
  });

  test("starts none once the edge stops, and says nothing about those that end", async () => {
    const s = await open();
    await s.workers.stop(AbortSignal.abort());
    s.children[0]?.end(0);
    s.clock.advance(PAUSE_MS);
    await quiet();
    expect([s.children.length, s.errors(), s.clock.pending]).toEqual([1, [], 0]);
  });

  test("stops while one waits to be started anew", async () => {
    const s = await open();
    s.children[0]?.end(1);
    await eventually("it waits", () => s.clock.pending === 1);
    await s.workers[Symbol.asyncDispose]();
    expect([s.children.length, s.clock.pending]).toEqual([1, 0]);
  });

  test("kills one that does not end when all do", async () => {
    const s = await open();
    const disposed = s.workers[Symbol.asyncDispose]();
    await eventually("its end is awaited", () => s.clock.pending === 1);
    expect(s.children[0]?.signals).toEqual([]);
    s.clock.advance(5_000);
    await disposed;
    expect(s.children[0]?.signals).toEqual(["SIGKILL"]);
  });

  test("kills all at once, and leaves nothing behind, when nobody waits", async () => {
    const s = await open();
    s.workers.kill();
    expect([s.children[0]?.signals, existsSync(s.folder)]).toEqual([["SIGKILL"], false]);
  });

  test("kills one that stands still", async () => {
    const s = await open();
    const lose = await s.dials(1_000);
    lose({ type: "silent" });
    await eventually("it is told", () => s.errors().length === 2);
    expect(s.errors().map(({ message }) => message)).toEqual(["worker stands still", "worker has ended"]);
  });

  test("leaves one that has lost its link the time to end by itself", async () => {
    const s = await open();
    const lose = await s.dials(1_000);
    lose({ type: "lost", cause: undefined });
    await eventually("its end is awaited", () => s.clock.pending === 1);
    s.children[0]?.end(1);
    await eventually("only the next start is", () => s.errors().length === 1);
    expect(s.children[0]?.signals).toEqual([]);
  });

  test("kills one that lives on without its link", async () => {
    const s = await open();
    const lose = await s.dials(1_000);
    lose({ type: "lost", cause: undefined });
    await eventually("its end is awaited", () => s.clock.pending === 1);
    s.clock.advance(5_000);
    await eventually("it has ended", () => s.errors().length === 1);
    expect(s.children[0]?.signals).toEqual(["SIGKILL"]);
  });

  test("does nothing to a process of the same number when a former one has lost its link", async () => {
    const s = await open();
    const lose = await s.dials(999);
    lose({ type: "silent" });
    await quiet();
    expect([s.children[0]?.signals, s.clock.pending]).toEqual([[], 0]);
  });
});
