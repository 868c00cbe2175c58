import { expect, test } from "bun:test";
import { RecentIds } from "../../../src/protocol/mux/recent-ids.ts";
import { StreamIds } from "../../../src/protocol/mux/stream-ids.ts";

const NONE: ReadonlyMap<number, unknown> = new Map();

test.each([
  ["agent", [3, 5, 7]],
  ["edge", [2, 4, 6]],
] as const)("StreamIds of an %s step by two", (role, expected) => {
  const ids = new StreamIds(role);
  expect([ids.take(NONE), ids.take(NONE), ids.take(NONE)]).toEqual([...expected]);
});

test.each([
  ["agent", 0x7fff_ffff, [0x7fff_ffff, 3]],
  ["edge", 0x7fff_fffe, [0x7fff_fffe, 2]],
] as const)("StreamIds of an %s wrap after the last", (role, next, expected) => {
  const ids = new StreamIds(role, next);
  expect([ids.take(NONE), ids.take(NONE)]).toEqual([...expected]);
});

test("StreamIds skip ids in use, also behind the wrap", () => {
  const ids = new StreamIds("edge", 0x7fff_fffe);
  const inUse = new Map([0x7fff_fffe, 2, 4, 8].map((id) => [id, true]));
  expect([ids.take(inUse), ids.take(inUse)]).toEqual([6, 10]);
});

test("RecentIds keep the last 1024", () => {
  const recent = new RecentIds();
  for (let id = 0; id < 1024; id += 1) recent.add(id);
  recent.add(0);
  recent.add(5000);
  recent.delete(7);
  expect([0, 1, 2, 7, 5000].map((id) => recent.has(id))).toEqual([true, false, true, false, true]);
});
