import { describe, expect, test } from "bun:test";
import { JoinedHolders, type NameHolders, ReservedNames } from "../../../src/edge/certificates/name-holders.ts";

describe("ReservedNames.reservedHost", () => {
  const names = new ReservedNames(["www.example.org", "*.example.org", "*.deep.example.org"]);
  test.each([
    ["www.example.org", "www.example.org"],
    ["a.example.org", "*.example.org"],
    ["a.b.example.org", "*.example.org"],
    ["a.deep.example.org", "*.deep.example.org"],
    ["*.example.org", "*.example.org"],
    ["example.org", undefined],
    ["www.example.net", undefined],
    ["org", undefined],
    ["", undefined],
  ])("for %p finds %p: the exact name, else the longest wildcard", (name, host) => {
    expect(names.reservedHost(name)).toBe(host);
  });
});

test("JoinedHolders asks one after the other until one knows", () => {
  const nobody: NameHolders = {
    reservedHost: () => undefined,
    accountOf: () => undefined,
    uploadedFor: () => undefined,
    managedKeyType: () => undefined,
  };
  const rsa: NameHolders = { ...nobody, managedKeyType: () => "rsa" };
  const joined = new JoinedHolders([nobody, new ReservedNames(["a.test"]), rsa]);
  expect(joined.reservedHost("a.test")).toBe("a.test");
  expect(joined.reservedHost("b.test")).toBeUndefined();
  expect([joined.managedKeyType("a.test"), joined.uploadedFor("a.test")]).toEqual(["rsa", undefined]);
});
