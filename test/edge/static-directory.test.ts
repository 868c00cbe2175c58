import { expect, test } from "bun:test";
import { openDirectory } from "../../src/edge/static-directory.ts";

test("openDirectory allows whoever asks everything", async () => {
  const credential = await openDirectory.authenticate("");
  expect(credential?.accountId).toBeString();
  expect(openDirectory.nameVerdict("ac_1", "any.test")).toBe("allowed");
  expect(openDirectory.addressVerdict("ac_1", { host: "any.test", port: 1 })).toBe("allowed");
  expect(openDirectory.account("ac_1").agentAddresses.admits("192.0.2.1")).toBe(true);
});
