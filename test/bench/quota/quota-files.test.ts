import { expect, test } from "bun:test";
import { quotaFiles } from "./quota-files.ts";

test("quotaFiles gives a fifth of a processor 1 of 5 ms, before others", () => {
  expect(quotaFiles({ path: "", version: 1 }, 0.2)).toEqual({
    "cpu.cfs_period_us": "5000",
    "cpu.cfs_quota_us": "1000",
    "cpu.shares": "10240",
  });
  expect(quotaFiles({ path: "", version: 2 }, 0.2)).toEqual({ "cpu.max": "1000 5000", "cpu.weight": "1000" });
});
