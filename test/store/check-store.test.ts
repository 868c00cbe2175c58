import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { SQL } from "bun";
import { systemClock } from "../../src/base/clock.ts";
import { checkStore } from "../../src/store/check-store.ts";
import { openStore } from "../../src/store/open-store.ts";
import { StoreError } from "../../src/store/store-error.ts";
import { PostgresDatabases } from "../support/postgres-databases.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

const KEY = new Uint8Array(32).fill(7);
const OTHER_KEY = new Uint8Array(32).fill(8);

const folder = new TemporaryFolder();
const databases = await PostgresDatabases.start();

afterAll(async () => {
  folder[Symbol.dispose]();
  await databases[Symbol.asyncDispose]();
});

/** Why it was refused; `undefined`: it was not. */
async function refusal(url: string, secretsKey: Uint8Array | undefined): Promise<string | undefined> {
  try {
    await checkStore({ url, secretsKey, clock: systemClock });
    return undefined;
  } catch (error) {
    return error instanceof StoreError ? error.failure : String(error);
  }
}

const DIALECTS: readonly (readonly [string, (name: string) => Promise<string> | string])[] = [
  ["SQLite", (name) => `sqlite://${folder.file(name)}`],
  ["PostgreSQL", () => databases.create()],
];

describe.each(DIALECTS)("checkStore with %s", (_, newUrl) => {
  test("checkStore accepts a store that is in use, and one that is at rest", async () => {
    const url = await newUrl("used.db");
    const store = await openStore(url, { secretsKey: KEY });
    expect(await refusal(url, KEY)).toBeUndefined();
    await store.close();
    expect(await refusal(url, KEY)).toBeUndefined();
    // Nothing that it leaves behind is in the way of the next start.
    const again = await openStore(url, { secretsKey: KEY });
    expect(await again.all("account")).toEqual([]);
    await again.close();
  });

  test("checkStore refuses another key, and none where there was one", async () => {
    const url = await newUrl("sealed.db");
    await (await openStore(url, { secretsKey: KEY })).close();
    expect(await refusal(url, OTHER_KEY)).toBe("wrongKey");
    expect(await refusal(url, undefined)).toBe("wrongKey");
  });

  test("checkStore refuses tables of a newer version", async () => {
    const url = await newUrl("newer.db");
    await (await openStore(url, { secretsKey: KEY })).close();
    const connection = new SQL(url.replace("sqlite://", "file://"));
    await connection.unsafe("UPDATE schema_version SET version = 1000");
    await connection.close();
    expect(await refusal(url, KEY)).toBe("newerSchema");
  });

  test("checkStore accepts a database without tables", async () => {
    expect(await refusal(await newUrl("none.db"), undefined)).toBeUndefined();
  });
});

describe("checkStore", () => {
  test("checkStore makes no file and no folder", async () => {
    expect(await refusal(`sqlite://${folder.file("not/there.db")}`, undefined)).toBeUndefined();
    expect(existsSync(folder.file("not"))).toBe(false);
  });

  test("checkStore refuses a file that is no database, and leaves it as it is", async () => {
    const file = folder.file("text.db");
    writeFileSync(file, "no database, but long enough to be read as one ".repeat(100));
    const before = statSync(file).mtimeMs;
    expect(await refusal(`sqlite://${file}`, KEY)).toBe("damaged");
    expect(statSync(file).mtimeMs).toBe(before);
  });

  test("checkStore refuses a folder in the place of the file, and a server that does not answer", async () => {
    expect(await refusal(`sqlite://${folder.path}`, KEY)).toBe("gone");
    expect(await refusal("postgres://nobody@127.0.0.1:1/none", KEY)).toBe("gone");
  });
});
