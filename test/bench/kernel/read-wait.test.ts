import { afterEach, beforeEach, expect, test } from "bun:test";
import { closeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { output } from "../child.ts";
import { ReadWait } from "./read-wait.ts";
import { Slots } from "./slots.ts";
import { openForBoth } from "./tun-device.ts";

const COUNT = 5;
const SECOND_NS = 1e9;

let folder: string;
let descriptors: readonly number[];
const words = new Slots(1, 1);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ginnel-fifos-"));
  const paths = Array.from({ length: COUNT }, (_, index) => join(folder, String(index)));
  await output("mkfifo", ...paths);
  descriptors = paths.map(openForBoth);
});

afterEach(async () => {
  for (const descriptor of descriptors) closeSync(descriptor);
  await rm(folder, { recursive: true });
});

function say(...indexes: readonly number[]): void {
  for (const index of indexes) words.writeTo(descriptors[index] ?? -1, 0, 1);
}

function readyOnes(wait: ReadWait, ns: number): readonly number[] {
  return Array.from({ length: wait.forAtMost(ns) }, (_, nth) => wait.ready(nth)).toSorted((a, b) => a - b);
}

test("ReadWait tells which have something to read, until it is read", () => {
  using wait = new ReadWait(descriptors);
  expect(readyOnes(wait, 0)).toEqual([]);
  say(1, 3, 4);
  expect(readyOnes(wait, SECOND_NS)).toEqual([1, 3, 4]);
  words.readFrom(descriptors[3] ?? -1, 0);
  expect(readyOnes(wait, Infinity)).toEqual([1, 4]);
});

test.each([1, 999, 5e6, 0.4])("ReadWait ends after %d ns at the earliest", (ns) => {
  using wait = new ReadWait(descriptors);
  const fromNs = Bun.nanoseconds();
  expect(readyOnes(wait, ns)).toEqual([]);
  expect(Bun.nanoseconds() - fromNs).toBeGreaterThanOrEqual(Math.floor(ns));
});

test("ReadWait says which descriptor it cannot wait for", () => {
  expect(() => new ReadWait([-1])).toThrow("descriptor -1");
});
