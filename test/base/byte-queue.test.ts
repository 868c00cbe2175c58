import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { ByteQueue } from "../../src/base/byte-queue.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";

const RUNS = process.env["DEEP"] === undefined ? 200 : 20_000;

test("ByteQueue gives back what it took, in order, however it is filled and emptied", () => {
  const step = fc.oneof(
    fc.record({ push: fc.oneof(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 0, max: 9000 })) }),
    fc.record({ take: fc.integer({ min: 0, max: 9000 }) }),
    fc.constant({ shift: true }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const queue = new ByteQueue();
      let pushed = 0;
      let got = 0;
      const check = (bytes: Uint8Array): void => {
        expect(Buffer.compare(bytes, patternedBytes(bytes.length, got))).toBe(0);
        got += bytes.length;
      };
      for (const each of steps) {
        if ("push" in each) {
          queue.push(patternedBytes(each.push, pushed));
          pushed += each.push;
        } else if ("take" in each) {
          const target = new Uint8Array(each.take + 1);
          const taken = queue.take(target, 1, each.take);
          expect(taken).toBe(Math.min(each.take, pushed - got));
          check(target.subarray(1, 1 + taken));
        } else {
          check(queue.shift() ?? new Uint8Array(0));
        }
        expect(queue.bytes).toBe(pushed - got);
      }
      for (let chunk = queue.shift(); chunk !== undefined; chunk = queue.shift()) check(chunk);
      expect(got).toBe(pushed);
    }),
    { numRuns: RUNS },
  );
});

test("ByteQueue says when it holds its limit, and takes all the same", () => {
  const queue = new ByteQueue(10);
  expect([queue.push(new Uint8Array(9)), queue.push(new Uint8Array(1)), queue.push(new Uint8Array(5))]).toEqual([
    true,
    false,
    false,
  ]);
  expect(queue.bytes).toBe(15);
});

test("ByteQueue hands a chunk on without a copy", () => {
  const queue = new ByteQueue();
  const chunk = patternedBytes(5000);
  queue.push(chunk);
  expect(queue.shift()).toBe(chunk);
});

test("ByteQueue copies a small slice of a large buffer, and keeps a large one", () => {
  const queue = new ByteQueue();
  const large = patternedBytes(400_000);
  queue.push(large.subarray(0, 10_000));
  queue.push(large.subarray(10_000, 200_000));
  expect(queue.shift()?.buffer.byteLength).toBe(10_000);
  expect(queue.shift()?.buffer).toBe(large.buffer);
});

test("ByteQueue holds a flood of single bytes in few chunks", () => {
  const queue = new ByteQueue();
  for (let i = 0; i < 100_000; i += 1) queue.push(patternedBytes(1, i));
  let chunks = 0;
  while (queue.shift() !== undefined) chunks += 1;
  expect(chunks).toBeLessThan(60);
});

test("ByteQueue is empty after clear and can be used again", () => {
  const queue = new ByteQueue();
  queue.push(patternedBytes(1000));
  queue.push(patternedBytes(3));
  queue.take(new Uint8Array(10), 0, 10);
  queue.clear();
  expect([queue.bytes, queue.shift()]).toEqual([0, undefined]);
  queue.push(patternedBytes(3));
  expect(queue.shift()).toEqual(patternedBytes(3));
});
