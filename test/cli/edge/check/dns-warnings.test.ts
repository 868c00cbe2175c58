import { expect, test } from "bun:test";
import { dnsWarnings } from "../../../../src/cli/edge/check/dns-warnings.ts";
import { resolveHost } from "../../../../src/net/resolve.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { eventually } from "../../../support/turns.ts";

type Records = Readonly<Record<string, readonly string[]>>;

const lookupIn = (records: Records) => (name: string) => {
  const found = records[name] ?? records[name.replace(/^[^.]+/, "*")];
  return found === undefined ? Promise.reject(new Error("ENOTFOUND")) : Promise.resolve(found);
};

test.each<[string, Records, string | undefined]>([
  ["both lead to the same place", { "a.test": ["192.0.2.1"], "*.a.test": ["192.0.2.1"] }, undefined],
  ["they share an address", { "a.test": ["192.0.2.1", "::1"], "*.a.test": ["::1"] }, undefined],
  ["there is no record", {}, "a.test and *.a.test lead nowhere from here"],
  ["there is no wildcard", { "a.test": ["192.0.2.1"] }, "*.a.test leads nowhere from here"],
  ["there is nothing but a wildcard", { "*.a.test": ["192.0.2.1"] }, "a.test leads nowhere from here"],
  [
    "they lead apart",
    { "a.test": ["192.0.2.1"], "*.a.test": ["192.0.2.2"] },
    "a.test leads to 192.0.2.1, but *.a.test to 192.0.2.2",
  ],
])("dnsWarnings where %s", async (_, records, text) => {
  // Of the name itself no wildcard above answers here.
  const clock = new ManualClock();
  const warnings = await dnsWarnings(["a.test"], lookupIn(records), clock);
  expect(warnings).toEqual(text === undefined ? [] : [expect.stringContaining(text)]);
  expect(clock.pending).toBe(0);
});

test("dnsWarnings does not wait for a resolver that does not answer", async () => {
  const clock = new ManualClock();
  const warnings = dnsWarnings(["a.test", "b.test"], () => new Promise(() => {}), clock);
  await eventually("it waits", () => clock.pending > 0);
  clock.advance(5_000);
  expect((await warnings).length).toBe(2);
});

test("dnsWarnings has nothing to say of names that lead to this machine without any record", async () => {
  expect(await dnsWarnings(["localhost", "tunnels.localhost"], resolveHost, new ManualClock())).toEqual([]);
});
