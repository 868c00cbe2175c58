import { describe, expect, test } from "bun:test";
import { ExchangeIds } from "../../src/capture/exchange-ids.ts";

const NOON = new Date("2026-11-23T12:00:00Z");
const LATER = new Date(NOON.getTime() + 1_000);
const SERIALS = [0, 1, 9, 10, 35, 36, 61, 62, 3_843, 3_844, 1_000_000, 56_000_000_000];

describe("ExchangeIds", () => {
  test("ExchangeIds gives 27 characters that ascend as text with the serial numbers", () => {
    const ids = new ExchangeIds(NOON);
    const texts = SERIALS.map((serial) => ids.idOf(serial));
    for (const text of texts) expect(text).toMatch(/^airt_[0-9A-Za-z]{27}$/);
    expect(texts.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(texts);
    expect(texts.map((text) => ids.serialOf(text))).toEqual(SERIALS);
  });

  test("ExchangeIds of two runs differ, those of the later run behind the others", () => {
    const [first, twin, later] = [NOON, NOON, LATER].map((date) => new ExchangeIds(date));
    expect(first?.idOf(7)).not.toBe(twin?.idOf(7));
    expect(twin?.serialOf(first?.idOf(7) ?? "")).toBeUndefined();
    expect((later?.idOf(0) ?? "") > (first?.idOf(7) ?? "")).toBe(true);
  });

  test.each([
    "",
    "airt_",
    "airt_1",
    "7",
    "airt_%00".padEnd(32, "0"),
    "x".repeat(32),
    "é".repeat(32),
    "airt_".repeat(20),
  ])("ExchangeIds does not take %p for an id", (text) => {
    expect(new ExchangeIds(NOON).serialOf(text)).toBeUndefined();
  });
});
