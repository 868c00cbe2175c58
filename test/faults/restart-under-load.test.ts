/** An edge that is replaced while visitors come all the time, and what that costs them. */
import { afterAll, expect, test } from "bun:test";
import { FAULT_HOST, FAULT_LIMIT_MS, FaultScene } from "../support/fault-scene.ts";
import { settles } from "../support/process-holdings.ts";
import { visit, type Visited } from "../support/visit.ts";

const LOAD = 16;
const EACH = 60;
const TIMES = 2;
const RETRY_MS = 20;

const upstream = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("here I am") });
afterAll(() => upstream.stop(true));

/** Nobody listens; or the kernel had let a visitor in whom nobody has taken yet when the port was closed. */
const NOBODY_THERE = ["ECONNREFUSED", "ECONNRESET"] as const;

test.concurrent.each([
  // What had begun is ended whole; behind it nobody listens for a moment, and then who comes waits for the agent.
  ["stopped", "SIGTERM", 1, NOBODY_THERE],
  // What had begun is cut.
  ["killed", "SIGKILL", 1, [...NOBODY_THERE, "cut"]],
  ["stopped with its second process", "SIGTERM", 2, NOBODY_THERE],
  // That lives for a moment longer, and tells those who were on their way through the first one.
  ["killed under its second process", "SIGKILL", 2, [...NOBODY_THERE, "cut", "502 ERR_NGROK_3210"]],
] as const)(
  "an edge that is %s and replaced under load fails no request for who connects again",
  async (_, signal, workers, explained) => {
    await using scene = await FaultScene.start({ upstream: upstream.url.host, workers });
    const before = await scene.holdingsAtRest();
    await settles(async () => {
      const kept = await scene.edge.dataText("online-names.json");
      return ["http", "https"].every((place) => kept.includes(`"${place} ${FAULT_HOST}"`));
    }, true);
    const load = Array.from({ length: LOAD }, () => new Persistent(scene.edge.ports.http));
    let isOver = false;
    const served = Promise.all(load.map((visitor) => visitor.run(EACH, () => isOver)));
    for (let time = 0; time < TIMES; time += 1) {
      const from = scene.agent.log.lines.length;
      const [first] = load;
      await first?.servedOnce();
      const ended = scene.edge.end(signal);
      if (signal === "SIGKILL") await ended;
      else await scene.edge.logged("received stop request", signal);
      const replaced = scene.edge.again();
      await Promise.all([ended, replaced]);
      await scene.back(from, 0);
    }
    isOver = true;
    const counts = await served;
    const failures = load.flatMap((visitor) => visitor.failures);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(EACH);
    expect([...new Set(failures)].filter((failure) => !explained.some((known) => known === failure))).toEqual([]);
    await scene.expectNothingKept(before);
  },
  FAULT_LIMIT_MS,
);

/** Asks again until it is served, as proxies and scripts do with requests that may be repeated. */
class Persistent {
  /** Each try that was not served. */
  readonly failures: string[] = [];
  readonly #port: number;
  #onServed = Promise.withResolvers<void>();

  constructor(port: number) {
    this.#port = port;
  }

  /** So many requests at least, and on until it is over; answers how many were served. */
  async run(times: number, isOver: () => boolean): Promise<number> {
    let served = 0;
    while (served < times || !isOver()) {
      await this.#succeed();
      served += 1;
    }
    return served;
  }

  /** The next time. */
  servedOnce(): Promise<void> {
    this.#onServed = Promise.withResolvers();
    return this.#onServed.promise;
  }

  async #succeed(): Promise<void> {
    for (;;) {
      const failure = await visit(FAULT_HOST, { port: this.#port }).then(failureOf, codeOf);
      if (failure === undefined) return this.#onServed.resolve();
      this.failures.push(failure);
      await Bun.sleep(RETRY_MS);
    }
  }
}

function failureOf({ status, headers }: Visited): string | undefined {
  return status === 200 ? undefined : `${status} ${String(headers["ngrok-error-code"])}`;
}

/** Node calls a response that ends before its time by a word of its own. */
function codeOf({ code, message }: NodeJS.ErrnoException): string {
  return message === "aborted" ? "cut" : String(code);
}
