import { describe, expect, test } from "bun:test";
import type { Endpoint, EndpointFacts } from "../../../src/edge/endpoint.ts";
import { Endpoint as RealEndpoint } from "../../../src/edge/endpoint.ts";
import { EndpointFeed } from "../../../src/edge/workers/endpoint-feed.ts";
import type { Announcement } from "../../../src/protocol/relay/worker-calls.ts";
import { noLog } from "../../../src/telemetry/logger.ts";
import { bindRequest } from "../../support/bind-request.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { ScriptedAgent, endpointOf } from "../../support/scripted-agent.ts";
import { quiet } from "../../support/turns.ts";

const BIND = { bind: bindRequest({ Proto: "http" }) };

/** Takes news one by one, each when the test lets it. */
class Listener {
  readonly heard: string[] = [];
  readonly failures: unknown[] = [];
  #gate = Promise.withResolvers<void>();
  #isOpen: boolean;

  constructor(feed: EndpointFeed, isOpen = true) {
    this.#isOpen = isOpen;
    this.stop = feed.subscribe({ tell: (news) => this.#take(news), onFailure: (error) => this.failures.push(error) });
  }

  readonly stop: () => void;

  open(): void {
    this.#isOpen = true;
    this.#gate.resolve();
  }

  fail(): void {
    this.#gate.reject(new Error("the worker is gone"));
  }

  async #take({ gone, online, served }: Announcement): Promise<void> {
    if (!this.#isOpen) await this.#gate.promise;
    this.heard.push(
      ...gone.map((id) => `-${id}`),
      ...online.map(({ id, legs }) => `+${id} ${legs.length}`),
      ...served.map(({ id, legs }) => `${id} ${legs.length}`),
    );
  }
}

function fail(error: unknown): never {
  throw error;
}

function anEndpoint(id: string): Endpoint {
  const { facts } = endpointOf(new ScriptedAgent(), `${id}.test`);
  return new RealEndpoint({ ...facts, id } satisfies EndpointFacts);
}

describe("EndpointFeed", () => {
  test("tells who comes late of all that there is", async () => {
    const feed = new EndpointFeed(() => 1, noLog);
    const [a, b] = [anEndpoint("a"), anEndpoint("b")];
    for (const endpoint of [a, b]) feed.onOnline(endpoint, BIND);
    feed.onOffline(a);
    const listener = new Listener(feed);
    await feed.settled();
    expect(listener.heard).toEqual(["+b 0"]);
  });

  test("tells of each whether its agent knows of it, also who comes late", async () => {
    const feed = new EndpointFeed(() => 1, noLog);
    const a = anEndpoint("a");
    const heard: string[] = [];
    const listen = (who: string): void => {
      const tell = ({ online, served }: Announcement): Promise<void> => {
        for (const { id, isAnswered } of [...online, ...served]) heard.push(`${who} ${id} ${isAnswered}`);
        return Promise.resolve();
      };
      feed.subscribe({ tell, onFailure: fail });
    };
    listen("early");
    feed.onOnline(a, BIND);
    await feed.settled();
    a.markAnswered();
    feed.onAnswered(a);
    await feed.settled();
    listen("late");
    await feed.settled();
    expect(heard).toEqual(["early a false", "early a true", "late a true"]);
  });

  test("tells each change in order, and of several in one turn as they are then", async () => {
    const feed = new EndpointFeed(() => 1, noLog);
    const listener = new Listener(feed);
    const a = anEndpoint("a");
    feed.onOnline(a, BIND);
    a.join(new ScriptedAgent());
    await feed.settled();
    a.join(Object.assign(new ScriptedAgent(), { number: 1 }));
    feed.onLegs(a);
    await feed.settled();
    feed.onOffline(a);
    await feed.settled();
    expect(listener.heard).toEqual(["+a 1", "a 2", "-a"]);
    feed.onOnline(a, BIND);
    await feed.settled();
    expect(listener.heard.at(-1)).toBe("+a 2");
  });

  test("has nobody wait for the slowest for longer than the limit", async () => {
    const clock = new ManualClock();
    const feed = new EndpointFeed(() => 1, noLog);
    const slow = new Listener(feed, false);
    feed.onOnline(anEndpoint("a"), BIND);
    const settled = feed.settledWithin(3_000, clock);
    await quiet();
    clock.advance(3_000);
    await settled;
    expect(slow.heard).toEqual([]);
    slow.open();
    await feed.settledWithin(3_000, clock);
    expect([slow.heard, clock.pending]).toEqual([["+a 0"], 0]);
  });

  test("is settled when the slowest has heard of everything up to then", async () => {
    const feed = new EndpointFeed(() => 1, noLog);
    const slow = new Listener(feed, false);
    feed.onOnline(anEndpoint("a"), BIND);
    await quiet();
    feed.onOnline(anEndpoint("b"), BIND);
    let isSettled = false;
    const settled = feed.settled().then(() => {
      isSettled = true;
    });
    await quiet();
    expect(isSettled).toBe(false);
    slow.open();
    await settled;
    expect(slow.heard).toEqual(["+a 0", "+b 0"]);
  });

  test.each(["that stops listening", "that fails"])("waits no longer for one %s", async (how) => {
    const feed = new EndpointFeed(() => 1, noLog);
    const gone = new Listener(feed, false);
    feed.onOnline(anEndpoint("a"), BIND);
    const settled = feed.settled();
    if (how === "that fails") gone.fail();
    else {
      gone.stop();
      gone.open();
    }
    await settled;
    feed.onOnline(anEndpoint("b"), BIND);
    await feed.settled();
    expect(gone.heard).not.toContain("+b 0");
    expect(gone.failures).toHaveLength(how === "that fails" ? 1 : 0);
  });

  test("tells of many in messages that are not too long", async () => {
    const feed = new EndpointFeed(() => 1, noLog);
    const policy = "x".repeat(100_000);
    const lengths: number[] = [];
    for (let at = 0; at < 10; at += 1) {
      feed.onOnline(anEndpoint(`e${at}`), { bind: bindRequest({ Proto: "http", Opts: { TrafficPolicy: policy } }) });
    }
    feed.subscribe({ tell: async (news) => void lengths.push(JSON.stringify(news).length), onFailure: fail });
    await feed.settled();
    expect(lengths.length).toBeGreaterThan(1);
    expect(Math.max(...lengths)).toBeLessThan(1 << 20);
  });

  test("tells nothing that is for people, and leaves out what fits into no message", async () => {
    const { log, lines } = recordingLog();
    const feed = new EndpointFeed(() => 1, log);
    const texts = "ü".repeat(500_000);
    const heard: Announcement[] = [];
    feed.subscribe({ tell: async (news) => void heard.push(news), onFailure: fail });
    const talkative = { Proto: "http", Extra: { Metadata: texts, Description: texts }, Opts: { Unknown: texts } };
    feed.onOnline(anEndpoint("talkative"), { bind: bindRequest(talkative) });
    const policy = "ü".repeat(450_000);
    feed.onOnline(anEndpoint("huge"), { bind: bindRequest({ Proto: "http", Opts: { TrafficPolicy: policy } }) });
    await feed.settled();
    expect(heard.flatMap(({ online }) => online.map(({ id }) => id))).toEqual(["talkative"]);
    expect(JSON.stringify(heard).length).toBeLessThan(5_000);
    expect(lines.map(({ message }) => message)).toEqual(["endpoint is too long to be told to other processes"]);
  });
});
