/**
 * How secrets that come in are compared: by `timingSafeEqual` of node:crypto, which is watched here, over the whole of hashes, each known
 * one alike; and where one is looked up, by its hash. A comparison by other means is one that is missing here.
 */
import { afterAll, beforeEach, describe, expect, mock, spyOn, test } from "bun:test";
import * as crypto from "node:crypto";
import { join } from "node:path";
import { Glob } from "bun";

const real = { ...crypto };
interface Compared {
  readonly left: Buffer;
  readonly right: Buffer;
}
const compared: Compared[] = [];
await mock.module("node:crypto", () => ({
  ...real,
  timingSafeEqual: (left: Uint8Array, right: Uint8Array): boolean => {
    compared.push({ left: Buffer.from(left), right: Buffer.from(right) });
    return real.timingSafeEqual(left, right);
  },
}));
afterAll(() => mock.module("node:crypto", () => real));

// After the module above stands in the place of the real one.
const { accessTokenOf, hashToken, isSameHash, TOKEN_SECRET_CHARS } = await import("../../src/model/access-token.ts");
const { OperatorDirectory } = await import("../../src/edge/records/operator-directory.ts");
const { RecordDirectory } = await import("../../src/edge/records/record-directory.ts");
const { openDirectory } = await import("../../src/edge/static-directory.ts");
const { keyHolder } = await import("../../src/edge/management/authentication.ts");
const { DashboardSessions } = await import("../../src/edge/dashboard/dashboard-sessions.ts");
const { AddressProofs, ADDRESS_KEY_BYTES } = await import("../../src/edge/binding/address-proofs.ts");
const { BasicAuth } = await import("../../src/policy/basic-auth.ts");
const { WebhookVerification } = await import("../../src/policy/webhook/webhook-verification.ts");
const { openStore } = await import("../../src/store/open-store.ts");
const { aCredential, anAccount, oneOfEach, OPERATOR } = await import("../support/store-records.ts");

const SRC = join(import.meta.dir, "../../src");
const HASH = /^[\da-f]{64}$/;
const SHA256_BYTES = 32;
const SECRET = "s".repeat(TOKEN_SECRET_CHARS);
beforeEach(() => void compared.splice(0));

const texts = (): readonly (readonly [string, string])[] =>
  compared.map(({ left, right }) => [left.toString("latin1"), right.toString("latin1")]);
const sha256 = (text: string): Buffer => real.createHash("sha256").update(text).digest();
const lastChanged = (text: string): string => `${text.slice(0, -1)}${text.endsWith("x") ? "y" : "x"}`;
const firstChanged = (text: string): string => `${text.startsWith("x") ? "y" : "x"}${text.slice(1)}`;

/** Every text that a Map was asked for meanwhile. */
async function lookedUp(act: () => unknown): Promise<readonly string[]> {
  const get = spyOn(Map.prototype, "get");
  try {
    await act();
    return get.mock.calls.flatMap(([key]) => (typeof key === "string" ? [key] : []));
  } finally {
    get.mockRestore();
  }
}

test("all comparisons in constant time are in the files that are watched here", async () => {
  const sources = await Promise.all(
    [...new Glob("**/*.{ts,tsx}").scanSync(SRC)].map(async (file) => ({
      file,
      text: await Bun.file(join(SRC, file)).text(),
    })),
  );
  expect(
    sources
      .filter(({ text }) => text.includes("timingSafeEqual"))
      .map(({ file }) => file)
      .toSorted(),
  ).toEqual([
    "edge/binding/address-proofs.ts",
    "model/access-token.ts",
    "policy/basic-auth.ts",
    "policy/webhook/webhook-verification.ts",
  ]);
});

describe("isSameHash", () => {
  const hash = hashToken("token");
  test.each([
    ["the same", hash],
    ["one that differs in its first digit", firstChanged(hash)],
    ["one that differs in its last digit", lastChanged(hash)],
  ])("isSameHash compares all digits in constant time, with %s", (_, other) => {
    expect(isSameHash(hash, other)).toBe(hash === other);
    expect(texts()).toEqual([[hash, other]]);
  });
});

describe("OperatorDirectory.authenticate", () => {
  const tokens = ["first-token", "second-token", "third-token"];
  const directory = new OperatorDirectory({
    records: { ...openDirectory, authenticate: () => Promise.resolve(undefined) },
    store: { listen: () => () => {} },
    accountId: "ac_1",
    tokenHashes: tokens.map(hashToken),
  });

  test.each([...tokens, "first-toke", "first-token ", "f", "", hashToken("first-token")])(
    "OperatorDirectory.authenticate compares the hash of %j with every known one, and nothing else",
    async (token) => {
      const credential = await directory.authenticate(token);
      expect(credential !== undefined).toBe(tokens.includes(token));
      expect(texts()).toEqual(tokens.map((known) => [hashToken(known), hashToken(token)]));
    },
  );
});

describe("RecordDirectory.authenticate", () => {
  const own = { baseDomains: ["e.test"], protectedNames: [] };
  const account = anAccount();
  const plain = aCredential(account.id);
  const token = accessTokenOf(plain.id, SECRET);

  test.each([
    ["the right one", token, true],
    ["one that differs in its last character", lastChanged(token), false],
    ["its hash", hashToken(token), false],
    ["one of no form", "of-no-form", false],
  ])("RecordDirectory.authenticate looks for a hash and nothing else, given %s", async (_, given, isIn) => {
    const store = await openStore("sqlite::memory:", { secretsKey: new Uint8Array(32) });
    await store.change(OPERATOR, async (transaction) => {
      await transaction.insert("account", account);
      await transaction.insert("credential", { ...plain, tokenHash: hashToken(token) });
    });
    using directory = await RecordDirectory.open(store, own);
    const found: unknown[] = [];
    const keys = await lookedUp(async () => found.push(await directory.authenticate(given)));
    await store.close();
    expect(found[0] !== undefined).toBe(isIn);
    expect(keys[0]).toEndWith(hashToken(given));
    expect(keys.filter((key) => key.includes(given))).toEqual([]);
    expect(keys.filter((key) => key.includes(SECRET.slice(0, 8)))).toEqual([]);
  });
});

describe("keyHolder", () => {
  test.each([
    ["the right one", (token: string) => token, 1],
    ["one that differs in its last character", lastChanged, 1],
    ["one of an id that is not there", () => accessTokenOf(`ak_${"0".repeat(27)}`, SECRET), 0],
    ["its hash", (token: string) => hashToken(token), 0],
  ])("keyHolder compares hashes, given %s", async (_, given, comparisons) => {
    const store = await openStore("sqlite::memory:", { secretsKey: new Uint8Array(32) });
    const account = anAccount();
    const plain = { ...oneOfEach().apiKey, accountId: account.id };
    const token = accessTokenOf(plain.id, SECRET);
    await store.change(OPERATOR, async (transaction) => {
      await transaction.insert("account", account);
      await transaction.insert("apiKey", { ...plain, tokenHash: hashToken(token) });
    });
    compared.splice(0);
    const [get, all] = [spyOn(store, "get"), spyOn(store, "all")];
    const [settled] = await Promise.allSettled([keyHolder(store, given(token))]);
    await store.close();
    expect(settled?.status).toBe(given(token) === token ? "fulfilled" : "rejected");
    expect(texts()).toEqual([[hashToken(token), hashToken(given(token))] as const].slice(0, comparisons));
    expect(
      texts()
        .flat()
        .every((text) => HASH.test(text)),
    ).toBe(true);
    // Nor does the store hear of the secret.
    expect(JSON.stringify([get.mock.calls, all.mock.calls])).not.toContain(SECRET.slice(0, 8));
    expect(
      all.mock.calls.every(
        ([, where]) => JSON.stringify(where) === JSON.stringify({ tokenHash: hashToken(given(token)) }),
      ),
    ).toBe(true);
  });
});

describe("DashboardSessions.use", () => {
  test("DashboardSessions.use looks for the hash of a cookie, never for the cookie", async () => {
    const sessions = new DashboardSessions();
    const id = sessions.begin({ keyId: "ak_1", accountId: "ac_1" }, 0);
    const found: unknown[] = [];
    const ids = [id, lastChanged(id), firstChanged(id)];
    const keys = await lookedUp(() => found.push(...ids.map((each) => sessions.use(each, 0))));
    expect(found.map((session) => session !== undefined)).toEqual([true, false, false]);
    expect(keys).toEqual(ids.map((each) => sha256(each).toString("base64url")));
  });
});

describe("AddressProofs.isProof", () => {
  const proofs = new AddressProofs(new Uint8Array(ADDRESS_KEY_BYTES).fill(1));
  const given = { accountId: "ac_1", bindId: "b1", host: "edge.test", port: 20_001 };
  const proof = proofs.proofOf(given);

  test.each([
    ["the right one", proof],
    ["one that differs in its first character", firstChanged(proof)],
    ["one that differs in its last character", lastChanged(proof)],
    ["the one of another address", proofs.proofOf({ ...given, port: 20_002 })],
  ])("AddressProofs.isProof compares all of the proof in constant time, given %s", (_, shown) => {
    expect(proofs.isProof(shown, given)).toBe(shown === proof);
    expect(texts()).toEqual([[shown, proof]]);
    expect(Buffer.from(proof, "base64url")).toHaveLength(SHA256_BYTES);
  });
});

describe("BasicAuth.admits", () => {
  const pairs = ["ann:secret", "bob:other", "eve:third"];

  test.each([...pairs, "ann:secre", "ann:secrex", "xnn:secret", "ann", ":", "nobody:secret"])(
    "BasicAuth.admits compares the hash of %j with that of every pair, in constant time",
    (pair) => {
      const admitted = new BasicAuth(pairs).admits(`Basic ${Buffer.from(pair).toString("base64")}`);
      expect(admitted).toBe(pairs.includes(pair));
      expect(compared).toEqual(pairs.map((known) => ({ left: sha256(known), right: sha256(pair) })));
    },
  );
});

describe("WebhookVerification.admits", () => {
  const KEY = "a secret of ours";
  const body = Buffer.from("{}");
  const signature = real.createHmac("sha256", KEY).update(body).digest("hex");

  test.each([
    ["a token", "gitlab", "x-gitlab-token", "", KEY],
    ["a signature", "github", "x-hub-signature-256", "sha256=", signature],
  ])(
    "WebhookVerification.admits compares hashes of %s in constant time, right or not",
    (_, provider, field, before, right) => {
      for (const shown of [right, firstChanged(right), lastChanged(right)]) {
        compared.splice(0);
        const get = (name: string): string | undefined => (name === field ? `${before}${shown}` : undefined);
        const request = { method: "POST", url: "https://a.test/", body, get };
        expect(new WebhookVerification(provider, KEY).admits(request, new Date(0))).toBe(shown === right);
        expect(compared).toEqual([{ left: sha256(shown), right: sha256(right) }]);
      }
    },
  );
});
