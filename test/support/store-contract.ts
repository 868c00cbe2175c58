/** What every store promises, run against each database. */
import { afterEach, describe, expect, test } from "bun:test";
import type { Change, Store } from "../../src/store/store.ts";
import { ConflictError } from "../../src/store/store-error.ts";
import { RECORD_TYPES } from "../../src/store/tables.ts";
import { TRIMMED_AT_ONCE } from "../../src/store/trim.ts";
import { aCredential, aDomain, anAccount, anEndpoint, aSession, oneOfEach, OPERATOR } from "./store-records.ts";

const SAMPLES = oneOfEach();

/** Registers the tests. `open` gives an empty store each time; what it needs is released after all tests. */
export function storeContract(name: string, open: () => Promise<Store>): void {
  const opened: Store[] = [];

  async function empty(): Promise<Store> {
    const store = await open();
    opened.push(store);
    return store;
  }

  /** With two accounts. */
  async function inhabited(): Promise<{ store: Store; mine: string; theirs: string }> {
    const store = await empty();
    const [mine, theirs] = [anAccount(), anAccount()];
    await store.change(OPERATOR, async (transaction) => {
      await transaction.insert("account", mine);
      await transaction.insert("account", theirs);
    });
    return { store, mine: mine.id, theirs: theirs.id };
  }

  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });

  describe(`Store in ${name}`, () => {
    test("gives back what was inserted, every field of every kind", async () => {
      const store = await empty();
      const samples = oneOfEach();
      await store.change(OPERATOR, async (transaction) => {
        for (const type of Object.keys(samples) as (keyof typeof samples)[])
          await transaction.insert(type, samples[type]);
      });
      for (const type of RECORD_TYPES) {
        const { id } = samples[type];
        const found: unknown = [await store.get(type, id), ...(await store.all(type))];
        expect(found).toEqual([samples[type], samples[type]]);
      }
    });

    test("knows nothing of an id that was never given out", async () => {
      const store = await empty();
      for (const type of RECORD_TYPES) expect(await store.get(type, SAMPLES[type].id)).toBeUndefined();
    });

    test("updates the given fields and leaves the others", async () => {
      const { store, mine } = await inhabited();
      const credential = aCredential(mine, { acl: ["bind:a"], ownerId: "usr_1", description: "before" });
      const updated = await store.change(OPERATOR, async (transaction) => {
        await transaction.insert("credential", credential);
        return transaction.update("credential", credential.id, { description: "after", ownerId: undefined });
      });
      expect(updated).toEqual({ ...credential, description: "after", ownerId: undefined });
      expect(await store.get("credential", credential.id)).toEqual(updated);
    });

    test("answers undefined when what is to be updated or removed is not there", async () => {
      const { store } = await inhabited();
      const { id } = SAMPLES.credential;
      expect(await store.change(OPERATOR, (t) => t.update("credential", id, { description: "x" }))).toBeUndefined();
      expect(await store.change(OPERATOR, (t) => t.remove("credential", id))).toBeUndefined();
    });

    test("lists an account's records newest first, page by page, also after one that is gone", async () => {
      const { store, mine, theirs } = await inhabited();
      const credentials = Array.from({ length: 5 }, () => aCredential(mine));
      await store.change(OPERATOR, async (transaction) => {
        for (const credential of [...credentials, aCredential(theirs)])
          await transaction.insert("credential", credential);
      });
      const newest = credentials.toReversed();
      expect(await store.list("credential", mine, { limit: 100 })).toEqual(newest);
      expect(await store.list("credential", mine, { limit: 2 })).toEqual(newest.slice(0, 2));
      const beforeId = newest[1]?.id;
      await store.change(OPERATOR, (transaction) => transaction.remove("credential", beforeId ?? ""));
      expect(await store.list("credential", mine, { limit: 2, beforeId })).toEqual(newest.slice(2, 4));
    });

    test("counts an account's records, also inside of a transaction, and its endpoints", async () => {
      const { store, mine, theirs } = await inhabited();
      const counts = await store.change(OPERATOR, async (transaction) => {
        for (const credential of [aCredential(mine), aCredential(theirs), aCredential(mine)])
          await transaction.insert("credential", credential);
        return [await transaction.count("credential", mine), await transaction.count("apiKey", mine)];
      });
      expect(counts).toEqual([2, 0]);
      expect([await store.count("credential", mine), await store.count("credential", theirs)]).toEqual([2, 1]);
      const session = aSession(mine);
      await store.live.putSession(session);
      await store.live.putEndpoint(anEndpoint(session));
      expect([await store.live.countEndpoints(mine), await store.live.countEndpoints(theirs)]).toEqual([1, 0]);
    });

    test("lists what has the wanted values", async () => {
      const { store, mine, theirs } = await inhabited();
      const wanted = aCredential(mine, { description: "this" });
      await store.change(OPERATOR, async (transaction) => {
        for (const credential of [wanted, aCredential(mine), aCredential(theirs, { description: "this" })])
          await transaction.insert("credential", credential);
      });
      expect(await store.list("credential", mine, { limit: 9, where: { description: "this" } })).toEqual([wanted]);
      expect(await store.all("credential", { tokenHash: wanted.tokenHash })).toEqual([wanted]);
      expect(await store.list("account", mine, { limit: 9, where: { isDisabled: true } })).toEqual([]);
      expect(await store.list("account", mine, { limit: 9, where: { isDisabled: false } })).toHaveLength(1);
    });

    test("takes a value for text that looks like SQL", async () => {
      const { store, mine } = await inhabited();
      const description = `'); DROP TABLE account; -- $1 " ${"é".repeat(100)}`;
      const credential = aCredential(mine, { description });
      await store.change(OPERATOR, (transaction) => transaction.insert("credential", credential));
      expect(await store.all("credential", { description })).toEqual([credential]);
    });

    test("takes any text and any id, and keeps of them what both databases can", async () => {
      const { store, mine } = await inhabited();
      const credential = aCredential(mine, { description: "a\0b\uD800c", acl: ["bind:\0\uDC00"] });
      await store.change(OPERATOR, (transaction) => transaction.insert("credential", credential));
      const kept = await store.get("credential", credential.id);
      expect(kept).toEqual({ ...credential, description: "a\uFFFDb\uFFFDc" });
      const [found] = await store.all("credential", { description: credential.description });
      expect(found).toEqual(kept);
      for (const id of ["\0", "\uD800", "'", "", "x".repeat(100_000)]) {
        expect(await store.get("credential", id)).toBeUndefined();
        expect(await store.live.getSession(id)).toBeUndefined();
        expect(await store.list("credential", id, { limit: 1, beforeId: id })).toEqual([]);
        await store.live.removeSession(id);
      }
      const session = { ...aSession(mine), os: "linux\0" };
      await store.live.putSession(session);
      expect((await store.live.getSession(session.id))?.os).toBe("linux\uFFFD");
    });

    test("does all of a change or nothing", async () => {
      const { store, mine } = await inhabited();
      const failure = new Error("of the work");
      const told: Change[] = [];
      store.listen((changes) => told.push(...changes));
      const work = store.change(OPERATOR, async (transaction) => {
        await transaction.insert("credential", aCredential(mine));
        throw failure;
      });
      expect(await work.catch((error: unknown) => error)).toBe(failure);
      expect(await store.all("credential")).toEqual([]);
      expect(await store.audit(mine, { limit: 9, where: { recordType: "credential" } })).toEqual([]);
      expect(told).toEqual([]);
    });

    test("shows a transaction its own changes", async () => {
      const { store, mine } = await inhabited();
      const credential = aCredential(mine);
      const seen = await store.change(OPERATOR, async (transaction) => {
        await transaction.insert("credential", credential);
        return [
          await transaction.get("credential", credential.id),
          await transaction.all("credential"),
          await transaction.list("credential", mine, { limit: 1 }),
        ];
      });
      expect(seen).toEqual([credential, [credential], [credential]]);
    });

    test("shows nobody else what is not committed", async () => {
      const { store, mine } = await inhabited();
      const inserted = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<void>();
      const change = store.change(OPERATOR, async (transaction) => {
        await transaction.insert("credential", aCredential(mine));
        inserted.resolve();
        await goOn.promise;
        throw new Error("nothing of it");
      });
      const outcome = change.catch((error: unknown) => error);
      await inserted.promise;
      const seen = store.all("credential");
      goOn.resolve();
      expect(await seen).toEqual([]);
      expect(await outcome).toEqual(new Error("nothing of it"));
    });

    test("makes changes one at a time, so that what was read still holds", async () => {
      const { store, mine } = await inhabited();
      const raise = async (): Promise<void> => {
        await store.change(OPERATOR, async (transaction) => {
          const account = await transaction.get("account", mine);
          const sessions = Number.isFinite(account?.limits.sessions) ? (account?.limits.sessions ?? 0) : 0;
          if (account !== undefined)
            await transaction.update("account", mine, { limits: { ...account.limits, sessions: sessions + 1 } });
        });
      };
      await Promise.all(Array.from({ length: 10 }, raise));
      expect((await store.get("account", mine))?.limits.sessions).toBe(10);
    });

    test.each([
      ["credential", "tokenHash", (id: string) => aCredential(id, { tokenHash: "ab" })],
      ["reservedDomain", "domain", (id: string) => aDomain(id, { domain: "a.example.com" })],
    ] as const)("refuses a second %s with the same %s, whoever asks", async (type, field, make) => {
      const { store, mine, theirs } = await inhabited();
      await store.change(OPERATOR, (transaction) => transaction.insert(type, make(mine)));
      const failure = await conflictOf(store.change(OPERATOR, (transaction) => transaction.insert(type, make(theirs))));
      expect(failure).toMatchObject({ reason: "taken", type, field });
      expect(await store.all(type)).toHaveLength(1);
    });

    test("refuses an update to what another record has, and allows one to what it has itself", async () => {
      const { store, mine } = await inhabited();
      const [one, other] = [aDomain(mine, { domain: "one.test" }), aDomain(mine, { domain: "other.test" })];
      await store.change(OPERATOR, async (transaction) => {
        await transaction.insert("reservedDomain", one);
        await transaction.insert("reservedDomain", other);
      });
      const take = store.change(OPERATOR, (t) => t.update("reservedDomain", other.id, { domain: "one.test" }));
      expect(await conflictOf(take)).toMatchObject({ reason: "taken", field: "domain" });
      await store.change(OPERATOR, (t) => t.update("reservedDomain", one.id, { domain: "one.test", region: "eu" }));
      expect((await store.get("reservedDomain", one.id))?.region).toBe("eu");
    });

    test("never writes a secret into the text of a conflict", async () => {
      const { store, mine } = await inhabited();
      const tokenHash = "0123456789abcdef";
      await store.change(OPERATOR, (t) => t.insert("credential", aCredential(mine, { tokenHash })));
      const again = store.change(OPERATOR, (t) => t.insert("credential", aCredential(mine, { tokenHash })));
      expect((await conflictOf(again)).message).not.toContain(tokenHash);
    });

    test("goes on with a transaction after a conflict", async () => {
      const { store, mine } = await inhabited();
      await store.change(OPERATOR, async (transaction) => {
        await transaction.insert("reservedDomain", aDomain(mine, { domain: "a.test" }));
        await transaction.insert("reservedDomain", aDomain(mine, { domain: "a.test" })).catch(() => {});
        await transaction.insert("reservedDomain", aDomain(mine, { domain: "b.test" }));
      });
      expect((await store.all("reservedDomain")).map(({ domain }) => domain)).toEqual(["b.test", "a.test"]);
    });

    test("refuses a record that names one that is not there, or belongs to another account", async () => {
      const { store, theirs } = await inhabited();
      const nowhere = store.change(OPERATOR, (t) => t.insert("credential", aCredential("acct_none")));
      expect(await conflictOf(nowhere)).toMatchObject({ reason: "missing", type: "credential", field: "accountId" });

      const samples = oneOfEach();
      await store.change(OPERATOR, async (transaction) => {
        await transaction.insert("account", samples.account);
        await transaction.insert("ipPolicy", samples.ipPolicy);
      });
      const foreign = store.change(OPERATOR, (t) =>
        t.insert("ipPolicyRule", { ...samples.ipPolicyRule, accountId: theirs }),
      );
      expect(await conflictOf(foreign)).toMatchObject({ reason: "missing", type: "ipPolicyRule", field: "policyId" });
      const listed = store.change(OPERATOR, (t) =>
        t.insert("ipRestriction", { ...samples.ipRestriction, policyIds: [samples.ipPolicy.id, "ipp_none"] }),
      );
      expect(await conflictOf(listed)).toMatchObject({ reason: "missing", type: "ipRestriction", field: "policyIds" });
    });

    test("keeps what another record needs", async () => {
      const { store, samples } = await filled(empty);
      const account = store.change(OPERATOR, (t) => t.remove("account", samples.account.id));
      expect(await conflictOf(account)).toMatchObject({ reason: "inUse", field: "accountId" });
      const policy = store.change(OPERATOR, (t) => t.remove("ipPolicy", samples.ipPolicy.id));
      expect(await conflictOf(policy)).toMatchObject({ reason: "inUse", type: "ipRestriction", field: "policyIds" });
    });

    test("removes the rules with their policy, and tells of both", async () => {
      const { store, samples } = await filled(empty);
      const told: Change[] = [];
      store.listen((changes) => told.push(...changes));
      await store.change(OPERATOR, async (transaction) => {
        await transaction.remove("ipRestriction", samples.ipRestriction.id);
        await transaction.remove("ipPolicy", samples.ipPolicy.id);
      });
      expect(await store.all("ipPolicyRule")).toEqual([]);
      expect(told.map(({ type, action }) => `${type} ${action}`)).toEqual([
        "ipRestriction deleted",
        "ipPolicyRule deleted",
        "ipPolicy deleted",
      ]);
    });

    test("lets a domain forget a certificate that is removed", async () => {
      const { store, samples } = await filled(empty);
      await store.change(OPERATOR, (t) => t.remove("tlsCertificate", samples.tlsCertificate.id));
      expect((await store.get("reservedDomain", samples.reservedDomain.id))?.certificateId).toBeUndefined();
    });

    test("tells listeners of what was committed before the change resolves, until they stop", async () => {
      const { store, mine } = await inhabited();
      const told: Change[] = [];
      const stop = store.listen((changes) => told.push(...changes));
      const credential = aCredential(mine, { acl: ["bind:x"] });
      await store.change(OPERATOR, (t) => t.insert("credential", credential));
      expect(told).toEqual([{ type: "credential", action: "created", record: credential }]);
      await store.change(OPERATOR, (t) => t.update("credential", credential.id, { acl: [] }));
      expect(told[1]).toEqual({ type: "credential", action: "updated", record: { ...credential, acl: [] } });
      await store.change(OPERATOR, (t) => t.remove("credential", credential.id));
      expect(told[2]).toEqual({ type: "credential", action: "deleted", record: { ...credential, acl: [] } });
      stop();
      await store.change(OPERATOR, (t) => t.insert("credential", aCredential(mine)));
      expect(told).toHaveLength(3);
    });

    test("lets a listener change the store in its turn, and tells of that too", async () => {
      const { store, mine } = await inhabited();
      const { promise: answered, resolve } = Promise.withResolvers<string>();
      store.listen((changes) => {
        for (const { type, record } of changes) {
          if (type !== "credential") continue;
          if (record.description === "answered") resolve(record.id);
          else void store.change(OPERATOR, (t) => t.update("credential", record.id, { description: "answered" }));
        }
      });
      const credential = aCredential(mine);
      await store.change(OPERATOR, (t) => t.insert("credential", credential));
      expect(await answered).toBe(credential.id);
    });

    test("tells of every field of every kind", async () => {
      const store = await empty();
      const told: Change[] = [];
      store.listen((changes) => told.push(...changes));
      const samples = oneOfEach();
      await store.change(OPERATOR, async (transaction) => {
        for (const type of Object.keys(samples) as (keyof typeof samples)[])
          await transaction.insert(type, samples[type]);
      });
      expect<unknown[]>(told.map(({ record }) => record)).toEqual(Object.values(samples));
    });

    test("writes down who changed what, when, and from what to what", async () => {
      const { store, mine, theirs } = await inhabited();
      const credential = aCredential(mine, { description: "before" });
      await store.change({ kind: "apiKey", id: "ak_1" }, (t) => t.insert("credential", credential));
      await store.change(OPERATOR, (t) =>
        t.update("credential", credential.id, { description: "after", acl: ["bind:x"] }),
      );
      const page = { limit: 9, where: { recordType: "credential" } };
      const [first, second] = (await store.audit(mine, page)).toSorted((a, b) => a.action.localeCompare(b.action));
      expect(first).toMatchObject({
        accountId: mine,
        actor: { kind: "apiKey", id: "ak_1" },
        action: "created",
        recordId: credential.id,
        at: expect.any(Date) as unknown,
      });
      expect(first?.changes["description"]).toEqual([null, "before"]);
      expect(second).toMatchObject({
        actor: OPERATOR,
        action: "updated",
        changes: { description: ["before", "after"], acl: [[], ["bind:x"]] },
      });
      expect(Object.keys(second?.changes ?? {})).toHaveLength(2);
      expect(await store.audit(theirs, page)).toEqual([]);
    });

    test("writes nothing down when nothing changes", async () => {
      const { store, mine } = await inhabited();
      const credential = aCredential(mine, { description: "same" });
      await store.change(OPERATOR, async (transaction) => {
        await transaction.insert("credential", credential);
        await transaction.update("credential", credential.id, { description: "same", acl: [] });
      });
      expect(await store.audit(mine, { limit: 9, where: { recordType: "credential" } })).toHaveLength(1);
    });

    test("never writes a secret into the audit log", async () => {
      const { store, samples } = await filled(empty);
      const entries = [
        ...(await store.audit(samples.account.id, { limit: 99 })),
        ...(await store.audit(undefined, { limit: 9 })),
      ];
      expect(entries.map(({ recordType }) => recordType).toSorted()).toEqual(RECORD_TYPES.toSorted());
      const log = JSON.stringify(entries);
      expect(log).not.toContain(samples.apiKey.tokenHash);
      expect(log).not.toContain("from-the-log");
      const sealed = entries.filter(({ changes }) => "sealedKey" in changes).map(({ changes }) => changes["sealedKey"]);
      expect(sealed).toEqual([
        [null, "(secret)"],
        [null, "(secret)"],
        [null, "(secret)"],
      ]);
    });

    test("removes what is old of the audit log and of the log of changes, in steps, and goes on telling", async () => {
      const { store, mine } = await inhabited();
      const audited = async (): Promise<number> => (await store.audit(mine, { limit: 2_000 })).length;
      const told: Change[] = [];
      store.listen((changes) => told.push(...changes));
      await store.change(OPERATOR, async (transaction) => {
        for (let count = 0; count < TRIMMED_AT_ONCE; count++) await transaction.insert("credential", aCredential(mine));
      });
      const [before, after] = [new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)];
      expect(await store.trim({ changes: before, audit: before })).toBe(false);
      expect(await audited()).toBe(TRIMMED_AT_ONCE + 1);
      expect(await store.trim({ changes: after, audit: before })).toBe(true);
      expect(await store.trim({ changes: after, audit: before })).toBe(false);
      expect(await audited()).toBe(TRIMMED_AT_ONCE + 1);
      expect(await store.trim({ changes: before, audit: after })).toBe(true);
      expect(await store.trim({ changes: before, audit: after })).toBe(false);
      expect(await store.trim({ changes: before, audit: after })).toBe(false);
      expect(await audited()).toBe(1);
      expect(await store.list("credential", mine, { limit: 2_000 })).toHaveLength(TRIMMED_AT_ONCE);
      expect(told).toHaveLength(TRIMMED_AT_ONCE);
      await store.change(OPERATOR, (transaction) => transaction.insert("credential", aCredential(mine)));
      expect(told).toHaveLength(TRIMMED_AT_ONCE + 1);
      expect(await audited()).toBe(2);
    });

    test("answers a ping", async () => {
      expect(await (await empty()).ping()).toBeUndefined();
    });

    test("keeps who is online, and forgets it with its session", async () => {
      const { live } = await empty();
      const session = aSession("acct_1");
      const endpoint = anEndpoint(session);
      await live.putSession(session);
      expect(await live.putEndpoint(endpoint)).toBe(true);
      expect(await live.getSession(session.id)).toEqual(session);
      expect(await live.getEndpoint(endpoint.id)).toEqual(endpoint);
      expect(await live.listEndpoints("acct_1", { limit: 9, where: { host: "a.edge.test" } })).toEqual([endpoint]);
      expect(await live.endpointsOn("a.edge.test", { limit: 9 })).toEqual([endpoint]);
      expect(await live.endpointsOn("a.edge.test", { limit: 9, where: { port: 1 } })).toEqual([]);
      expect(await live.endpointsOn("b.edge.test", { limit: 9 })).toEqual([]);
      await live.removeSession(session.id);
      expect(await live.getEndpoint(endpoint.id)).toBeUndefined();
      expect(await live.putEndpoint(endpoint)).toBe(false);
    });

    test("replaces what is online under the same id, and keeps its endpoints", async () => {
      const { live } = await empty();
      const session = aSession("acct_1");
      const endpoint = anEndpoint(session);
      await live.putSession(session);
      await live.putEndpoint(endpoint);
      await live.putSession({ ...session, metadata: "new" });
      await live.putEndpoint({ ...endpoint, name: "new" });
      expect((await live.getSession(session.id))?.metadata).toBe("new");
      expect((await live.getEndpoint(endpoint.id))?.name).toBe("new");
      await live.removeEndpoint(endpoint.id);
      expect(await live.listEndpoints("acct_1", { limit: 9 })).toEqual([]);
    });

    test("forgets what a node had online, and nothing else", async () => {
      const { live } = await empty();
      const [lost, kept] = [aSession("acct_1", "lost"), aSession("acct_1", "kept")];
      for (const session of [lost, kept]) {
        await live.putSession(session);
        await live.putEndpoint(anEndpoint(session));
      }
      await live.forgetNode("lost");
      expect(await live.listSessions("acct_1", { limit: 9 })).toEqual([kept]);
      expect((await live.listEndpoints("acct_1", { limit: 9 })).map(({ nodeId }) => nodeId)).toEqual(["kept"]);
      expect(await live.listSessions("acct_2", { limit: 9 })).toEqual([]);
    });
  });
}

async function filled(empty: () => Promise<Store>): Promise<{ store: Store; samples: ReturnType<typeof oneOfEach> }> {
  const store = await empty();
  const samples = oneOfEach();
  await store.change(OPERATOR, async (transaction) => {
    for (const type of Object.keys(samples) as (keyof typeof samples)[]) await transaction.insert(type, samples[type]);
  });
  return { store, samples };
}

async function conflictOf(work: Promise<unknown>): Promise<ConflictError> {
  const error = await work.catch((caught: unknown) => caught);
  if (error instanceof ConflictError) return error;
  throw new Error("it should have been a conflict", { cause: error });
}
