/** What is compared when a token comes in: hashes, whole, all of them and each in constant time; never the token. */
import { afterAll, beforeEach, describe, expect, mock, test } from "bun:test";
import * as accessToken from "../../src/model/access-token.ts";

const MODULE = "../../src/model/access-token.ts";
const real = { ...accessToken };
const compared: (readonly [string, string])[] = [];
await mock.module(MODULE, () => ({
  ...real,
  isSameHash: (one: string, other: string): boolean => {
    compared.push([one, other]);
    return real.isSameHash(one, other);
  },
}));
afterAll(() => mock.module(MODULE, () => real));

// After the module above stands in the place of the real one.
const { OperatorDirectory } = await import("../../src/edge/records/operator-directory.ts");
const { openDirectory } = await import("../../src/edge/static-directory.ts");
const { keyHolder } = await import("../../src/edge/management/authentication.ts");
const { openStore } = await import("../../src/store/open-store.ts");
const { anAccount, oneOfEach, OPERATOR } = await import("../support/store-records.ts");

const HASH = /^[\da-f]{64}$/;
beforeEach(() => void compared.splice(0));

describe("OperatorDirectory.authenticate", () => {
  const tokens = ["first-token", "second-token", "third-token"];
  const directory = new OperatorDirectory({
    records: { ...openDirectory, authenticate: () => Promise.resolve(undefined) },
    store: { listen: () => () => {} },
    accountId: "ac_1",
    tokenHashes: tokens.map(real.hashToken),
  });

  test.each([...tokens, "first-toke", "first-token ", "f", "", real.hashToken("first-token")])(
    "OperatorDirectory.authenticate compares the hash of %j with every known one, and nothing else",
    async (token) => {
      const credential = await directory.authenticate(token);
      expect(credential !== undefined).toBe(tokens.includes(token));
      expect(compared.map(([known]) => known)).toEqual(tokens.map(real.hashToken));
      expect(new Set(compared.map(([, given]) => given))).toEqual(new Set([real.hashToken(token)]));
    },
  );
});

describe("keyHolder", () => {
  const SECRET = "s".repeat(real.TOKEN_SECRET_CHARS);

  test.each([
    ["the right one", (token: string) => token, 1],
    ["one that differs in its last character", (token: string) => `${token.slice(0, -1)}x`, 1],
    ["one of an id that is not there", () => real.accessTokenOf(`ak_${"0".repeat(27)}`, SECRET), 0],
    ["its hash", (token: string) => real.hashToken(token), 0],
  ])("keyHolder compares hashes, given %s", async (_, given, comparisons) => {
    const store = await openStore("sqlite::memory:", { secretsKey: new Uint8Array(32) });
    const account = anAccount();
    const plain = { ...oneOfEach().apiKey, accountId: account.id };
    const token = real.accessTokenOf(plain.id, SECRET);
    await store.change(OPERATOR, async (transaction) => {
      await transaction.insert("account", account);
      await transaction.insert("apiKey", { ...plain, tokenHash: real.hashToken(token) });
    });
    const [settled] = await Promise.allSettled([keyHolder(store, given(token))]);
    await store.close();
    expect(settled?.status).toBe(given(token) === token ? "fulfilled" : "rejected");
    expect(compared).toHaveLength(comparisons);
    expect(compared.flat().every((text) => HASH.test(text))).toBe(true);
  });
});
