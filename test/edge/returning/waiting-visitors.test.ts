import { describe, expect, test } from "bun:test";
import type { ExpectedName } from "../../../src/edge/returning/expected-names.ts";
import {
  type LeaveWait,
  MAX_WAITING_BYTES,
  MAX_WAITING_BYTES_OF_ADDRESS,
  WAITING_BYTES,
  WaitingVisitors,
} from "../../../src/edge/returning/waiting-visitors.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { recordingLog } from "../../support/recording-log.ts";

const APP: ExpectedName = { place: "https", host: "app.edge.test" };
const OTHER: ExpectedName = { place: "http", host: "other.edge.test" };
const FOR_MS = 10_000;
/** For agents to have heard of their binds. */
const SETTLE_MS = 20;

class Scene {
  readonly clock = new ManualClock();
  readonly faults: unknown[] = [];
  readonly over: string[] = [];
  readonly #log = recordingLog();
  readonly waiting = new WaitingVisitors({
    clock: this.clock,
    onFault: (fault) => this.faults.push(fault),
    log: this.#log.log,
  });
  readonly lines = this.#log.lines;

  constructor(...names: readonly ExpectedName[]) {
    this.waiting.expect(names, FOR_MS);
  }

  /** Waits as a visitor of this name. */
  wait({ place, host }: ExpectedName, who: string, ip = "192.0.2.1", bytes = 100): LeaveWait | "full" | undefined {
    const name = this.waiting.find(place, host);
    return name && this.waiting.wait(name, { ip, bytes, onOver: () => this.over.push(who) });
  }
}

describe("WaitingVisitors", () => {
  test("lets the visitors of a name go on a moment after it came, and no others", () => {
    const s = new Scene(APP, OTHER);
    for (const [name, who] of [
      [APP, "one"],
      [OTHER, "other"],
      [APP, "two"],
    ] as const)
      s.wait(name, who);
    s.waiting.came(APP);
    expect([s.waiting.find("https", APP.host), s.over]).toEqual([undefined, []]);
    s.clock.advance(SETTLE_MS);
    expect(s.over).toEqual(["one", "two"]);
  });

  test.each([
    ["a name below the wildcard that they wait for", "*.edge.test", "https"],
    ["a name of tls below a wildcard of https", "*.edge.test", "tls"],
    ["their name, which is of tls now", APP.host, "tls"],
  ] as const)("lets visitors look again when %s came, and knows the name that has not come", (_, host, place) => {
    const s = new Scene({ place: "https", host });
    s.wait(APP, "one");
    s.waiting.came({ place, host: APP.host });
    s.clock.advance(SETTLE_MS);
    expect([s.over, s.waiting.expected.names]).toEqual([["one"], [{ place: "https", host }]]);
  });

  test("lets everybody go when the time is over, tells how many names are missing, and expects nothing any more", () => {
    const s = new Scene(APP, OTHER);
    s.wait(APP, "one");
    s.clock.advance(FOR_MS - 1);
    expect(s.over).toEqual([]);
    s.clock.advance(1);
    expect(s.over).toEqual(["one"]);
    expect(s.lines.map(({ message, fields }) => [message, fields])).toEqual([
      ["names that were waited for have not come back", { names: 2 }],
    ]);
    expect([s.wait(APP, "late"), s.waiting.expected.names, s.clock.pending]).toEqual([undefined, [], 0]);
  });

  test("says nothing when all have come", () => {
    const s = new Scene(APP);
    s.waiting.came(APP);
    s.clock.advance(FOR_MS);
    expect(s.lines).toEqual([]);
  });

  test.each([
    ["before its name comes", (s: Scene, leave: () => void) => [leave(), s.waiting.came(APP)]],
    ["in the moment behind it", (s: Scene, leave: () => void) => [s.waiting.came(APP), leave()]],
  ])("forgets a visitor that leaves %s", (_, play) => {
    const s = new Scene(APP);
    const leave = s.wait(APP, "one");
    if (typeof leave !== "function") throw new Error("it does not wait");
    play(s, leave);
    s.clock.advance(FOR_MS);
    leave();
    expect(s.over).toEqual([]);
  });

  const EACH = 1024 * 1024 - WAITING_BYTES;
  const addressOf = (index: number): string => `192.0.2.${index % 100}`;

  test.each([
    ["of all", MAX_WAITING_BYTES / (EACH + WAITING_BYTES), addressOf],
    ["of one address", MAX_WAITING_BYTES_OF_ADDRESS / (EACH + WAITING_BYTES), () => "192.0.2.1"],
    [
      "of one network of IPv6",
      MAX_WAITING_BYTES_OF_ADDRESS / (EACH + WAITING_BYTES),
      (index: number) => `2001:db8::${index + 1}`,
    ],
  ] as const)(
    "keeps as many visitors %s as there is room for what they sent, and gives the room back",
    (_, limit, ipOf) => {
      const s = new Scene(APP, OTHER);
      const waits = Array.from({ length: limit }, (_empty, index) => s.wait(APP, "one", ipOf(index), EACH));
      expect(waits.filter((wait) => typeof wait !== "function")).toEqual([]);
      expect(s.wait(OTHER, "beyond", ipOf(0), EACH)).toBe("full");
      const [first] = waits;
      if (typeof first === "function") first();
      const again = s.wait(OTHER, "again", ipOf(0), EACH);
      expect(again).toBeFunction();
      if (typeof again === "function") again();
      s.waiting.came(APP);
      s.clock.advance(SETTLE_MS);
      expect(s.over).toHaveLength(limit - 1);
      const next = Array.from({ length: limit }, (_empty, index) => s.wait(OTHER, "next", ipOf(index), EACH));
      expect(next.filter((wait) => typeof wait !== "function")).toEqual([]);
    },
  );

  test("lets everybody go when it is closed, and nobody wait behind that; the names are known until their time is over", () => {
    const s = new Scene(APP);
    s.wait(APP, "one");
    s.waiting.close();
    expect([s.over, s.wait(APP, "late"), s.clock.pending]).toEqual([["one"], "full", 0]);
    s.clock.advance(FOR_MS);
    expect(s.wait(APP, "later")).toBeUndefined();
  });

  test("tells of what a visitor throws who goes on, and the others go on too", () => {
    const s = new Scene(APP);
    const name = s.waiting.find("https", APP.host);
    if (name === undefined) throw new Error("the name is not expected");
    const fault = new Error("thrown on purpose");
    s.waiting.wait(name, {
      ip: "192.0.2.1",
      bytes: 0,
      onOver: () => {
        throw fault;
      },
    });
    s.wait(APP, "two");
    s.waiting.came(APP);
    s.clock.advance(SETTLE_MS);
    expect([s.faults, s.over]).toEqual([[fault], ["two"]]);
  });

  test("tells what is expected yet, and for how long", () => {
    const s = new Scene(APP, OTHER);
    s.clock.advance(4_000);
    s.waiting.came(OTHER);
    expect(s.waiting.expected).toEqual({ names: [APP], forMs: 6_000 });
  });

  test("sets no timer where nothing is expected", () => {
    expect(new Scene().clock.pending).toBe(0);
  });
});
