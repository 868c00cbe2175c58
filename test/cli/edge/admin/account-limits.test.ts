import { describe, expect, test } from "bun:test";
import { limitsOfFlags, limitsText } from "../../../../src/cli/edge/admin/account-limits.ts";
import { NO_LIMITS } from "../../../../src/model/records/account.ts";

describe("limitsOfFlags", () => {
  test.each([
    [{}, {}],
    [{ name: "a" }, {}],
    [
      { sessions: "2", "bytes-per-second": "1.5MB" },
      { sessions: 2, bytesPerSecond: 1_500_000 },
    ],
    [
      { endpoints: "none", "reserved-domains": "0" },
      { endpoints: Infinity, reservedDomains: 0 },
    ],
    [{ "connections-per-second": "10" }, { connectionsPerSecond: 10 }],
    [{ "reserved-addrs": "3" }, { reservedAddrs: 3 }],
  ])("limitsOfFlags makes of %j what it says", (flags, limits) => {
    expect(limitsOfFlags(flags)).toEqual(limits);
  });

  test.each(["", "-1", "1.5", "many", "1MB"])("limitsOfFlags refuses %p for sessions", (text) => {
    expect(() => limitsOfFlags({ sessions: text })).toThrow("flag --sessions: expected a whole number, or none");
  });
});

test("limitsText names the limits there are", () => {
  expect(limitsText({ ...NO_LIMITS, sessions: 2, bytesPerSecond: 5 })).toBe("sessions=2 bytes-per-second=5");
  expect(limitsText(NO_LIMITS)).toBe("");
});
