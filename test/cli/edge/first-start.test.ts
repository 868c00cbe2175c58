import { afterEach, describe, expect, test } from "bun:test";
import { systemClock as clock } from "../../../src/base/clock.ts";
import {
  type FirstSecrets,
  firstSecrets,
  firstSecretsText,
  operatorAccount,
} from "../../../src/cli/edge/first-start.ts";
import { hashToken } from "../../../src/model/access-token.ts";
import { openStore } from "../../../src/store/open-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { anAccount, OPERATOR } from "../../support/store-records.ts";

const stores: Store[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

async function newStore(): Promise<Store> {
  const store = await openStore("sqlite::memory:", { secretsKey: new Uint8Array(32) });
  stores.push(store);
  return store;
}

const NOTHING: FirstSecrets = { authtoken: undefined, apiKey: undefined };

describe("operatorAccount", () => {
  test("operatorAccount is made once, beside other accounts", async () => {
    const store = await newStore();
    await store.change(OPERATOR, (transaction) => transaction.insert("account", anAccount()));
    const [one, other] = await Promise.all([operatorAccount(store, clock), operatorAccount(store, clock)]);
    expect(other).toEqual(one);
    expect((await store.all("account")).length).toBe(2);
  });
});

describe("firstSecrets", () => {
  test("firstSecrets makes an authtoken and an API key once, and keeps their hashes only", async () => {
    const store = await newStore();
    const { id: accountId } = await operatorAccount(store, clock);
    const options = { accountId, needsAuthtoken: true, clock };
    const { authtoken = "", apiKey = "" } = await firstSecrets(store, options);
    const [credential] = await store.all("credential");
    const [key] = await store.all("apiKey");
    expect([credential?.tokenHash, key?.tokenHash]).toEqual([hashToken(authtoken), hashToken(apiKey)]);
    expect([credential?.accountId, key?.accountId]).toEqual([accountId, accountId]);
    expect(await firstSecrets(store, options)).toEqual(NOTHING);
  });

  test("firstSecrets makes no authtoken where the configuration has some, and one when it has none any more", async () => {
    const store = await newStore();
    const { id: accountId } = await operatorAccount(store, clock);
    const start = (needsAuthtoken: boolean) => firstSecrets(store, { accountId, needsAuthtoken, clock });
    expect(await start(false)).toEqual({ authtoken: undefined, apiKey: expect.any(String) });
    expect(await start(false)).toEqual(NOTHING);
    expect(await start(true)).toEqual({ authtoken: expect.any(String), apiKey: undefined });
    expect(await start(true)).toEqual(NOTHING);
  });

  test("firstSecrets makes nothing anew that was deleted", async () => {
    const store = await newStore();
    const { id: accountId } = await operatorAccount(store, clock);
    const options = { accountId, needsAuthtoken: true, clock };
    await firstSecrets(store, options);
    await store.change(OPERATOR, async (transaction) => {
      for (const type of ["credential", "apiKey"] as const) {
        for (const { id } of await transaction.all(type)) await transaction.remove(type, id);
      }
    });
    expect(await firstSecrets(store, options)).toEqual(NOTHING);
  });

  test("firstSecrets of two edges that start at once tell one of them", async () => {
    const store = await newStore();
    const { id: accountId } = await operatorAccount(store, clock);
    const options = { accountId, needsAuthtoken: true, clock };
    const told = await Promise.all([firstSecrets(store, options), firstSecrets(store, options)]);
    expect(told.filter(({ apiKey }) => apiKey !== undefined).length).toBe(1);
    expect((await store.all("credential")).length).toBe(1);
  });
});

test("firstSecretsText tells what was made, and nothing else", () => {
  const url = "https://api.edge.test/";
  const [authtoken, apiKey] = ["a", "b"];
  const first = "Authtoken for agents (shown this once): a\n";
  const second = "API key of the operator (shown this once): b\n";
  expect(firstSecretsText({ authtoken, apiKey }, url)).toBe(
    `${first}${second}Dashboard and API, with that key: https://api.edge.test/\n`,
  );
  expect(firstSecretsText({ authtoken, apiKey }, undefined)).toBe(`${first}${second}`);
  expect(firstSecretsText({ authtoken, apiKey: undefined }, url)).toBe(first);
  expect(firstSecretsText(NOTHING, url)).toBe("");
});
