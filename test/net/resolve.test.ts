import { describe, expect, test } from "bun:test";
import { alternateFamilies, resolveHost } from "../../src/net/resolve.ts";

describe("resolveHost", () => {
  test.each([["127.0.0.1"], ["::1"], ["fe80::1%lo"]])("answers an address with itself: %s", async (address) => {
    expect(await resolveHost(address)).toEqual([address]);
  });

  test.each([["localhost"], ["LOCALHOST"], ["localhost."], ["app.localhost"]])(
    "knows both addresses of %s",
    async (host) => {
      expect(await resolveHost(host)).toEqual(["::1", "127.0.0.1"]);
    },
  );

  test("rejects a name that does not exist", async () => {
    const failure = await resolveHost("nonexistent.invalid").catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: "DialError", reason: "unresolved" });
  });
});

test.each([
  [[], []],
  [
    ["1.1.1.1", "2.2.2.2"],
    ["1.1.1.1", "2.2.2.2"],
  ],
  [
    ["1.1.1.1", "2.2.2.2", "3.3.3.3", "::1", "::2"],
    ["::1", "1.1.1.1", "::2", "2.2.2.2", "3.3.3.3"],
  ],
])("alternateFamilies lets families take turns: %j", (addresses, expected) => {
  expect(alternateFamilies(addresses)).toEqual(expected);
});
