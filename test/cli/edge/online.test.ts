import { describe, expect, test } from "bun:test";
import { EdgeOnline } from "../../../src/cli/edge/online.ts";
import { openStore } from "../../../src/store/open-store.ts";
import { anAccount, anEndpoint, aSession, OPERATOR } from "../../support/store-records.ts";

describe("EdgeOnline", () => {
  test("EdgeOnline forgets what it had online before it begins and when it ends, and takes nothing afterwards", async () => {
    const store = await openStore("sqlite::memory:", { secretsKey: new Uint8Array(32) });
    const account = anAccount();
    await store.change(OPERATOR, (transaction) => transaction.insert("account", account));
    const online = async (): Promise<number> => (await store.live.listSessions(account.id, { limit: 10 })).length;
    await store.live.putSession(aSession(account.id, "us/e.test"));
    await store.live.putSession(aSession(account.id, "eu/e.test"));
    const edge = await EdgeOnline.begin(store.live, "us/e.test");
    const { records } = edge;
    expect(await online()).toBe(1);
    const session = aSession(account.id, "us/e.test");
    await records.putSession(session);
    expect([await online(), await records.putEndpoint(anEndpoint(session))]).toEqual([2, true]);
    await edge[Symbol.asyncDispose]();
    expect(await online()).toBe(1);
    await store.close();
    // As the last goodbyes of a stop.
    await records.putSession(session);
    await records.removeSession(session.id);
    await records.removeEndpoint("ep_1");
    expect(await records.putEndpoint(anEndpoint(session))).toBe(false);
    await edge[Symbol.asyncDispose]();
  });
});
