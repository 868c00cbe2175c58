import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Arrivals } from "../../src/edge/arrivals.ts";

const RUNS = process.env["DEEP"] === "1" ? 20_000 : 300;
/** More than there ever are: only a network that has clearly more gives way. */
const MANY = 1_000;
const NEWCOMER = "203.0.113.1:9";

function arrivals(...all: readonly (readonly [string, string])[]): Arrivals<string> {
  const made = new Arrivals<string>();
  for (const [one, address] of all) made.add(one, address);
  return made;
}

describe("Arrivals.takeFor", () => {
  test.each<[string, readonly (readonly [string, string])[], readonly (string | undefined)[]]>([
    ["nobody when there is nobody", [], [undefined]],
    [
      "nobody while no address has more than one",
      [
        ["a", "192.0.2.1:1"],
        ["b", "192.0.2.2:1"],
      ],
      [undefined],
    ],
    [
      "the oldest of the address with most, down to its last",
      [
        ["a", "192.0.2.1:1"],
        ["b", "192.0.2.2:1"],
        ["c", "192.0.2.2:2"],
        ["d", "192.0.2.2:3"],
      ],
      ["b", "c", undefined],
    ],
    [
      "the oldest of a /64 of IPv6, as of one address",
      [
        ["a", "[2001:db8::1]:1"],
        ["b", "192.0.2.1:1"],
        ["c", "[2001:db8::ffff]:1"],
        ["d", "[2001:db8:0:1::1]:1"],
      ],
      ["a", undefined],
    ],
    [
      "nobody of the newcomer's own address, unless it has clearly more",
      [
        ["a", NEWCOMER],
        ["b", NEWCOMER],
      ],
      [undefined],
    ],
    [
      "nobody of another that has hardly more than the newcomer's own",
      [
        ["a", NEWCOMER],
        ["b", "192.0.2.1:1"],
        ["c", "192.0.2.1:2"],
      ],
      [undefined],
    ],
  ])("lets go %s", (_, all, expected) => {
    const here = arrivals(...all);
    expect(expected.map(() => here.takeFor(NEWCOMER, MANY))).toEqual([...expected]);
  });

  test("lets go the oldest when they are many, whosever they are", () => {
    const here = arrivals(["a", NEWCOMER], ["b", NEWCOMER], ["c", NEWCOMER]);
    expect([here.takeFor(NEWCOMER, 2), here.takeFor(NEWCOMER, 2), here.takeFor(NEWCOMER, 2)]).toEqual([
      "a",
      "b",
      undefined,
    ]);
    expect(here.size).toBe(1);
  });

  test("takes who has come further for a newer one, and nobody who has come to the point", () => {
    const here = arrivals(["a", "192.0.2.1:1"], ["b", "192.0.2.1:2"], ["c", "192.0.2.1:3"]);
    here.add("a", "192.0.2.1:1");
    here.remove("b");
    expect(here.takeFor(NEWCOMER, MANY)).toBe("c");
  });

  test("says the same as somebody who goes through all of them, whoever comes and goes", () => {
    const move = fc.oneof(
      fc.record({ type: fc.constant("add" as const), one: fc.nat(30), host: fc.nat(4) }),
      fc.record({ type: fc.constant("remove" as const), one: fc.nat(30) }),
      fc.record({ type: fc.constant("take" as const), host: fc.nat(4), many: fc.nat(12) }),
    );
    fc.assert(
      fc.property(fc.array(move, { maxLength: 120 }), (moves) => {
        const quick = new Arrivals<number>();
        const plain = new PlainArrivals();
        for (const each of moves) {
          if (each.type === "remove") {
            quick.remove(each.one);
            plain.remove(each.one);
          } else if (each.type === "add") {
            quick.add(each.one, `192.0.2.${each.host}:1`);
            plain.add(each.one, each.host);
          } else expect(quick.takeFor(`192.0.2.${each.host}:2`, each.many)).toBe(plain.takeFor(each.host, each.many));
          expect(quick.size).toBe(plain.size);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

/** The same rule, with a look at everybody each time. */
class PlainArrivals {
  #all: readonly { readonly one: number; readonly host: number }[] = [];
  /** When the hosts came to have as many as they have, the newest last. */
  #hosts: readonly number[] = [];

  get size(): number {
    return this.#all.length;
  }

  add(one: number, host: number): void {
    this.remove(one);
    this.#all = [...this.#all, { one, host }];
    this.#changed(host);
  }

  remove(one: number): void {
    const found = this.#all.find((each) => each.one === one);
    if (found === undefined) return;
    this.#all = this.#all.filter((each) => each !== found);
    this.#changed(found.host);
  }

  takeFor(host: number, many: number): number | undefined {
    const most = Math.max(0, ...this.#hosts.map((each) => this.#count(each)));
    if (this.size < many && most < this.#count(host) + 2) return undefined;
    const giving = this.#hosts.find((each) => this.#count(each) === most);
    const oldest = this.#all.find((each) => each.host === giving);
    if (oldest !== undefined) this.remove(oldest.one);
    return oldest?.one;
  }

  #count(host: number): number {
    return this.#all.filter((each) => each.host === host).length;
  }

  #changed(host: number): void {
    this.#hosts = [...this.#hosts.filter((each) => each !== host), host];
  }
}
