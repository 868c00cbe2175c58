import { describe, expect, test } from "bun:test";
import { OpenVisitors } from "../../src/edge/open-visitors.ts";
import { quiet } from "../support/turns.ts";

/** A visitor that remembers what it was asked. */
function played(visitors: OpenVisitors, onDrain: "ends" | "stays") {
  const asked: string[] = [];
  const visitor = {
    asked,
    drain: (): void => {
      asked.push("drain");
      if (onDrain === "ends") visitors.remove(visitor);
    },
    cut: (): void => {
      asked.push("cut");
      visitors.remove(visitor);
    },
  };
  visitors.add(visitor);
  return visitor;
}

async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  await quiet();
  return settled;
}

describe("OpenVisitors.drain", () => {
  test("resolves at once when nobody is here", async () => {
    expect(await isSettled(new OpenVisitors().drain())).toBe(true);
  });

  test("asks everybody once and waits for those that stay, for every caller", async () => {
    const visitors = new OpenVisitors();
    const [ends, stays] = [played(visitors, "ends"), played(visitors, "stays")];
    const drains = [visitors.drain(), visitors.drain()];
    expect([ends.asked, stays.asked, visitors.count]).toEqual([["drain"], ["drain"], 1]);
    expect(await isSettled(Promise.race(drains))).toBe(false);
    visitors.remove(stays);
    expect(await isSettled(Promise.all(drains).then(() => {}))).toBe(true);
  });

  test("asks those that come later as they come", () => {
    const visitors = new OpenVisitors();
    void visitors.drain();
    expect([played(visitors, "stays").asked, visitors.isDraining]).toEqual([["drain"], true]);
  });

  test("ends with a cut", async () => {
    const visitors = new OpenVisitors();
    const all = [played(visitors, "stays"), played(visitors, "stays")];
    const drained = visitors.drain();
    visitors.cut();
    expect(all.map(({ asked }) => asked)).toEqual([
      ["drain", "cut"],
      ["drain", "cut"],
    ]);
    expect(await isSettled(drained)).toBe(true);
  });

  test("ends with a cut also when somebody does not go", async () => {
    const visitors = new OpenVisitors();
    visitors.add({ drain: () => {}, cut: () => {} });
    const drained = visitors.drain();
    expect(await isSettled(drained)).toBe(false);
    visitors.cut();
    expect(await isSettled(drained)).toBe(true);
  });
});

test("OpenVisitors that come and go mean nothing until it drains", async () => {
  const visitors = new OpenVisitors();
  visitors.remove(played(visitors, "stays"));
  const stays = played(visitors, "stays");
  const drained = visitors.drain();
  expect(await isSettled(drained)).toBe(false);
  visitors.remove(stays);
  await drained;
});

test("OpenVisitors counts and cuts those that were served, and waits for none of them", async () => {
  const visitors = new OpenVisitors();
  const served = played(visitors, "stays");
  visitors.onServed(served);
  await visitors.drain();
  expect([served.asked, visitors.count]).toEqual([[], 1]);
  visitors.cut();
  expect([served.asked, visitors.count]).toEqual([["cut"], 0]);
});
