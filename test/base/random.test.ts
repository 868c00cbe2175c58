import { expect, test } from "bun:test";
import { randomBase62, randomHex } from "../../src/base/random.ts";

test("randomHex gives two digits a byte", () => {
  expect(randomHex(8)).toMatch(/^[0-9a-f]{16}$/);
});

test.each([1, 21, 300])("randomBase62 gives %d digits and letters", (length) => {
  expect(randomBase62(length)).toMatch(new RegExp(`^[0-9A-Za-z]{${length}}$`));
});

test("randomBase62 uses every digit and letter", () => {
  expect(new Set(randomBase62(10_000)).size).toBe(62);
});
