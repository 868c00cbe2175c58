import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { systemClock } from "../../../src/base/clock.ts";
import { openEdgeStore, withEdgeStore } from "../../../src/cli/edge/store.ts";
import type { StoreSettings } from "../../../src/config/edge-config.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";

const clock = systemClock;

function settingsIn(folder: TemporaryFolder): StoreSettings & { readonly secretsKey: { readonly file: string } } {
  return { url: `sqlite://${folder.file("data/ginnel.db")}`, secretsKey: { file: folder.file("data/secrets.key") } };
}

describe("openEdgeStore", () => {
  test("openEdgeStore makes no new key beside a database whose key was lost", async () => {
    using folder = new TemporaryFolder();
    const settings = settingsIn(folder);
    await (await openEdgeStore(settings, { clock })).close();
    rmSync(settings.secretsKey.file);
    expect(openEdgeStore(settings, { clock })).rejects.toThrow("a key that is not there any more");
    expect(existsSync(settings.secretsKey.file)).toBe(false);
  });

  test("openEdgeStore keeps the key that it made", async () => {
    using folder = new TemporaryFolder();
    const settings = settingsIn(folder);
    await (await openEdgeStore(settings, { clock })).close();
    const store = await openEdgeStore(settings, { clock });
    expect(await store.all("account")).toEqual([]);
    await store.close();
  });
});

describe("withEdgeStore", () => {
  test("withEdgeStore makes a store only where that is wanted", async () => {
    using folder = new TemporaryFolder();
    const settings = settingsIn(folder);
    const accounts = (mayMake: boolean) => withEdgeStore(settings, { mayMake, clock }, (store) => store.all("account"));
    expect(accounts(false)).rejects.toThrow("there are no records in");
    expect(readdirSync(folder.path)).toEqual([]);
    expect(await accounts(true)).toEqual([]);
    expect(await accounts(false)).toEqual([]);
  });
});
