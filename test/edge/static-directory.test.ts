import { describe, expect, test } from "bun:test";
import type { NameVerdict } from "../../src/edge/directory.ts";
import { openDirectory, StaticDirectory } from "../../src/edge/static-directory.ts";
import { hashToken } from "../../src/model/access-token.ts";

const directory = new StaticDirectory({
  tokenHashes: [hashToken("first-token"), hashToken("second-token")],
  baseDomains: ["edge.test", "second.test"],
  reserved: ["www.example.org", "*.apps.test"],
});

describe("StaticDirectory", () => {
  test.each([
    ["first-token", `cr_${hashToken("first-token").slice(0, 32)}`],
    ["second-token", `cr_${hashToken("second-token").slice(0, 32)}`],
    ["first-toke", undefined],
    ["first-token ", undefined],
    ["", undefined],
    [hashToken("first-token"), undefined],
  ])("knows the token %j as %p", async (token, id) => {
    expect((await directory.authenticate(token))?.id).toBe(id as string);
  });

  test("puts all tokens into one account", async () => {
    const [one, two] = await Promise.all(["first-token", "second-token"].map((token) => directory.authenticate(token)));
    expect(one?.accountId).toBe(two?.accountId ?? "");
  });

  test("lets agents in with the tokens that it was given last, and tells which credentials are gone", async () => {
    const changing = new StaticDirectory({
      tokenHashes: [hashToken("kept"), hashToken("revoked")],
      baseDomains: ["edge.test"],
      reserved: [],
    });
    const [kept, revoked] = await Promise.all(["kept", "revoked"].map((token) => changing.authenticate(token)));
    const gone: string[] = [];
    const end = changing.listen({ onCredentialGone: (id) => gone.push(id) });
    changing.replaceTokens([hashToken("new"), hashToken("kept")]);
    end();
    const after = await Promise.all(["kept", "revoked", "new"].map((token) => changing.authenticate(token)));
    expect(after).toEqual([kept, undefined, expect.objectContaining({ accountId: kept?.accountId })]);
    expect([kept, revoked].map((credential) => changing.credential(credential?.id ?? ""))).toEqual([kept, undefined]);
    expect(gone).toEqual([revoked?.id ?? ""]);
    changing.replaceTokens([]);
    expect(gone.length).toBe(1);
  });

  const NAMES: readonly (readonly [host: string, NameVerdict])[] = [
    ["a.edge.test", "allowed"],
    ["a.second.test", "allowed"],
    ["a.b.edge.test", "notReserved"],
    ["*.edge.test", "notReserved"],
    ["aedge.test", "notReserved"],
    ["edge.test", "notReserved"],
    ["www.example.org", "allowed"],
    ["a.www.example.org", "notReserved"],
    ["x.apps.test", "allowed"],
    ["x.y.apps.test", "allowed"],
    ["*.apps.test", "allowed"],
    ["*.x.apps.test", "notReserved"],
    ["apps.test", "notReserved"],
    ["xapps.test", "notReserved"],
  ];
  test.each(NAMES)("calls %s %s", (host, verdict) => {
    expect(directory.nameVerdict("ac_1", host)).toBe(verdict);
  });
});

test("openDirectory allows whoever asks everything", async () => {
  const credential = await openDirectory.authenticate("");
  expect(credential?.accountId).toBeString();
  expect(openDirectory.nameVerdict("ac_1", "any.test")).toBe("allowed");
  expect(openDirectory.addressVerdict("ac_1", { host: "any.test", port: 1 })).toBe("allowed");
  expect(openDirectory.account("ac_1").agentAddresses.admits("192.0.2.1")).toBe(true);
});
