import { expect, test } from "bun:test";
import { UnsentQueue } from "../../src/net/unsent-queue.ts";

test.each([
  ["little of a large buffer is copied out of it", 100_000, 5_000, true],
  ["most of it stays where it is", 100_000, 90_000, false],
])("UnsentQueue, given a chunk that the kernel took the beginning of: %s", (_, bytes, length, isCopied) => {
  for (const read of [new Uint8Array(bytes), Buffer.alloc(bytes)]) {
    for (let at = 0; at < bytes; at += 1) read[at] = at;
    const queue = new UnsentQueue(read.subarray(10, 10 + length), 7);
    expect(queue.bytes).toBe(length - 7);
    const heard: Uint8Array[] = [];
    const sink = {
      write: (from: Uint8Array, offset: number, count: number): number => {
        expect(from.buffer === read.buffer).toBe(!isCopied);
        heard.push(from.slice(offset, offset + count));
        return count;
      },
    };
    expect(queue.flush(sink)).toBe(length - 7);
    expect(Buffer.concat(heard).equals(read.subarray(17, 10 + length))).toBe(true);
  }
});
