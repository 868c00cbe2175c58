import { describe, expect, test } from "bun:test";
import { type LineTraits, PacketLane } from "./packet-lane.ts";
import { SeededLoss } from "./seeded-loss.ts";

const MS = 1e6;
const TRAITS: LineTraits = { roundTripMs: 20, loss: 0, bitsPerSecond: 0, queueBytes: 0, seed: 1 };

/** Times at which packets of these times and lengths leave, in milliseconds. */
function leaving(lane: PacketLane, packets: readonly (readonly [atMs: number, bytes: number])[]): readonly number[] {
  for (const [atMs, bytes] of packets) lane.enter(bytes, atMs * MS);
  const times: number[] = [];
  for (; lane.nextDueNs < Infinity; lane.leave()) times.push(lane.nextDueNs / MS);
  return times;
}

describe("PacketLane", () => {
  test("holds each packet for half the round trip", () => {
    expect(leaving(new PacketLane(TRAITS, 8), [[0, 1500], [0, 40], [7, 1500]])).toEqual([10, 10, 17]); // oxfmt-ignore
  });

  test("lets packets in one after the other at its rate, and an idle line at once", () => {
    const lane = new PacketLane({ ...TRAITS, bitsPerSecond: 12e6, queueBytes: 1e6 }, 8); // 1,500 bytes per ms
    expect(leaving(lane, [[0, 1500], [0, 1500], [0.5, 750], [9, 1500]])).toEqual([11, 12, 12.5, 20]); // oxfmt-ignore
  });

  test("drops what would have to wait for more than the queue holds", () => {
    const lane = new PacketLane({ ...TRAITS, bitsPerSecond: 12e6, queueBytes: 3000 }, 8);
    expect(leaving(lane, [[0, 1500], [0, 1500], [0, 1500], [0, 1500], [1, 1500]])).toEqual([11, 12, 13, 14]); // oxfmt-ignore
  });

  test("gives slots in a circle, and none when all are taken", () => {
    const lane = new PacketLane(TRAITS, 2);
    const slots: (number | undefined)[] = [];
    for (const _ of [1, 2, 3]) {
      slots.push(lane.freeSlot);
      lane.enter(100, 0);
    }
    lane.leave();
    expect([...slots, lane.freeSlot, lane.firstSlot]).toEqual([0, 1, undefined, 0, 1]);
  });

  test("knows the length of the first packet", () => {
    const lane = new PacketLane(TRAITS, 2);
    lane.enter(100, 0);
    lane.enter(200, 0);
    lane.leave();
    expect(lane.firstLength).toBe(200);
  });

  test("loses everything while it is silent, and nothing that is on its way", () => {
    const lane = new PacketLane(TRAITS, 8);
    lane.enter(100, 0);
    lane.isSilent = true;
    lane.enter(100, 1 * MS);
    lane.isSilent = false;
    lane.enter(100, 2 * MS);
    expect(leaving(lane, [])).toEqual([10, 12]);
  });

  test("loses the packets that SeededLoss names", () => {
    const loss = new SeededLoss(0.3, 7);
    const expected = Array.from({ length: 100 }, (_, index) => index).filter(() => !loss.losesNext());
    const lane = new PacketLane({ ...TRAITS, loss: 0.3, seed: 7 }, 100);
    expect(
      leaving(
        lane,
        Array.from({ length: 100 }, (_, index) => [index, 100]),
      ).map((time) => time - 10),
    ).toEqual(expected);
    expect(expected.length).toBeLessThan(100);
  });
});

describe("SeededLoss", () => {
  test.each([
    [0, 0, 0],
    [0.005, 350, 650],
    [0.02, 1700, 2300],
    [1, 100_000, 100_000],
  ])("of %p loses as many of 100,000 packets", (share, least, most) => {
    const loss = new SeededLoss(share, 42);
    let lost = 0;
    for (let count = 0; count < 100_000; count++) if (loss.losesNext()) lost++;
    expect(lost).toBeGreaterThanOrEqual(least);
    expect(lost).toBeLessThanOrEqual(most);
  });

  test("chooses the same packets with the same seed, and others with another", () => {
    const choices = (seed: number): readonly boolean[] => {
      const loss = new SeededLoss(0.5, seed);
      return Array.from({ length: 64 }, () => loss.losesNext());
    };
    expect(choices(1)).toEqual(choices(1));
    expect(choices(1)).not.toEqual(choices(2));
  });
});
