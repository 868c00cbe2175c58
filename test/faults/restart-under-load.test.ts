/** An edge that is replaced while visitors come all the time, and what that costs them. */
import { afterAll, expect, test } from "bun:test";
import { FAULT_HOST, FAULT_LIMIT_MS, FaultScene, RECOVERY_LIMIT_MS } from "../support/fault-scene.ts";
import { settles } from "../support/process-holdings.ts";
import { visit } from "../support/visit.ts";

const LOAD = 16;
const TIMES = 2;
const PAUSE_MS = 10;
const RETRY_MS = 20;

/** How often each request has come here, by its path; only those of {@link Persistent} have a path of their own. */
const arrived = new Map<string, number>();
const upstream = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch({ url }) {
    const { pathname } = new URL(url);
    if (pathname !== "/") arrived.set(pathname, (arrived.get(pathname) ?? 0) + 1);
    return new Response(pathname);
  },
});
afterAll(() => upstream.stop(true));

interface Restart {
  readonly signal: "SIGTERM" | "SIGKILL";
  readonly workers: number;
  readonly explained: readonly string[];
}

/** Nobody listens; or the kernel had let a visitor in whom nobody has taken yet when the port was closed. */
const NOBODY_THERE = ["ECONNREFUSED", "ECONNRESET"] as const;

test.concurrent.each<[string, Restart]>([
  // What had begun is ended whole; behind it nobody listens for a moment, and then who comes waits for the agent.
  ["stopped", { signal: "SIGTERM", workers: 1, explained: NOBODY_THERE }],
  // What had begun is cut.
  ["killed", { signal: "SIGKILL", workers: 1, explained: [...NOBODY_THERE, "cut"] }],
  ["stopped with its second process", { signal: "SIGTERM", workers: 2, explained: NOBODY_THERE }],
  // That lives for a moment longer, and tells those who were on their way through the first one.
  [
    "killed under its second process",
    { signal: "SIGKILL", workers: 2, explained: [...NOBODY_THERE, "cut", "502 ERR_NGROK_3210"] },
  ],
])(
  "an edge that is %s and replaced under load fails no request for who connects again",
  async (name, { signal, workers, explained }) => {
    await using scene = await FaultScene.start({ upstream: upstream.url.host, workers });
    const before = await scene.holdingsAtRest();
    await settles(async () => {
      const kept = await scene.edge.dataText("online-names.json");
      return ["http", "https"].every((place) => kept.includes(`"${place} ${FAULT_HOST}"`));
    }, true);
    const prefix = `/${name.replaceAll(" ", "-")}/`;
    const load = Array.from({ length: LOAD }, (_, at) => new Persistent(scene.edge.ports.http, `${prefix}${at}/`));
    let isOver = false;
    const running = Promise.all(load.map((visitor) => visitor.run(() => isOver)));
    for (let time = 0; time < TIMES; time += 1) {
      const from = scene.agent.log.lines.length;
      await Promise.all(load.map((visitor) => visitor.servedOnce()));
      const ended = scene.edge.end(signal);
      if (signal === "SIGKILL") await ended;
      else await scene.edge.logged("received stop request", signal);
      const replaced = scene.edge.again();
      await Promise.all([ended, replaced]);
      await scene.back(from, 0);
    }
    isOver = true;
    await running;

    const failures = load.flatMap((visitor) => visitor.failures);
    expect(failures.filter(({ what }) => !explained.includes(what))).toEqual([]);
    // A visitor is in the hands of each process once when it ends; whoever is refused was in those of none.
    const mayBeHit = LOAD * TIMES * workers;
    expect(failures.filter(({ what }) => what !== "ECONNREFUSED").length).toBeLessThanOrEqual(mayBeHit);
    expect(Math.max(...load.map(({ longestMs }) => longestMs))).toBeLessThan(RECOVERY_LIMIT_MS);

    // What is answered was served, once, and of an edge that was only told to stop everything that was served is answered.
    const served = [...arrived].filter(([path]) => path.startsWith(prefix));
    expect(served.filter(([, times]) => times > 1)).toEqual([]);
    const answered = new Set(load.flatMap((visitor) => visitor.answered));
    expect([...answered].filter((path) => !arrived.has(path))).toEqual([]);
    const unanswered = served.filter(([path]) => !answered.has(path));
    expect(unanswered.length).toBeLessThanOrEqual(signal === "SIGTERM" ? 0 : mayBeHit);
    await scene.expectNothingKept(before);
  },
  FAULT_LIMIT_MS,
);

interface Failure {
  /** The status with the code of the page, or the error of the connection. */
  readonly what: string;
  readonly path: string;
}

/** Asks again until it is served, as proxies and scripts do with requests that may be repeated; each try has a path of its own. */
class Persistent {
  readonly failures: Failure[] = [];
  /** The paths that brought what the service says there. */
  readonly answered: string[] = [];
  /** The most that it took until a request was served, with all of its tries. */
  longestMs = 0;
  readonly #port: number;
  readonly #prefix: string;
  #tries = 0;
  #onServed = Promise.withResolvers<void>();

  constructor(port: number, prefix: string) {
    this.#port = port;
    this.#prefix = prefix;
  }

  /** Until it is over, and once more. */
  async run(isOver: () => boolean): Promise<void> {
    for (let isLast = false; !isLast;) {
      isLast = isOver();
      const askedAtMs = performance.now();
      await this.#succeed();
      this.longestMs = Math.max(this.longestMs, performance.now() - askedAtMs);
      await Bun.sleep(PAUSE_MS);
    }
  }

  /** The next time. */
  servedOnce(): Promise<void> {
    this.#onServed = Promise.withResolvers();
    return this.#onServed.promise;
  }

  async #succeed(): Promise<void> {
    for (;;) {
      this.#tries += 1;
      const path = `${this.#prefix}${this.#tries}`;
      const what = await this.#ask(path);
      if (what === "served") {
        this.answered.push(path);
        return this.#onServed.resolve();
      }
      this.failures.push({ what, path });
      await Bun.sleep(RETRY_MS);
    }
  }

  async #ask(path: string): Promise<string> {
    try {
      const { status, headers, body } = await visit(FAULT_HOST, { port: this.#port, path });
      if (status !== 200) return `${status} ${String(headers["ngrok-error-code"])}`;
      return body.toString() === path ? "served" : `the answer to ${body.toString()}`;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException; // of node:http
      // Node calls a response that ends before its time by a word of its own.
      return message === "aborted" ? "cut" : String(code);
    }
  }
}
