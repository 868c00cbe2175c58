import { afterEach, describe, expect, test } from "bun:test";
import { newId } from "../../../src/base/record-id.ts";
import { PublicError } from "../../../src/base/errors.ts";
import type { DirectoryListener, NameVerdict } from "../../../src/edge/directory.ts";
import { RecordDirectory } from "../../../src/edge/records/record-directory.ts";
import { hashToken } from "../../../src/model/access-token.ts";
import { NO_LIMITS } from "../../../src/model/records/account.ts";
import { ID_PREFIXES, type Records, type RecordType } from "../../../src/model/records/records.ts";
import { openStore } from "../../../src/store/open-store.ts";
import type { Change, Changes, Store } from "../../../src/store/store.ts";
import { aCloudEndpoint } from "../../support/cloud-endpoints.ts";
import { aCredential, aDomain, anAccount, OPERATOR } from "../../support/store-records.ts";

const OWN = { baseDomains: ["e.test"], protectedNames: ["api.e.test"] };

interface Scene {
  readonly store: Store;
  readonly directory: RecordDirectory;
  /** What listeners heard, in order. */
  readonly heard: string[];
}

const opened: Scene[] = [];

afterEach(async () => {
  for (const { store, directory } of opened.splice(0)) {
    directory[Symbol.dispose]();
    await store.close();
  }
});

/** Made before the directory is opened. */
async function scene(...records: readonly (readonly [RecordType, Records[RecordType]])[]): Promise<Scene> {
  const store = await openStore("sqlite::memory:", { secretsKey: new Uint8Array(32) });
  await insert(store, ...records);
  const directory = await RecordDirectory.open(store, OWN);
  const heard: string[] = [];
  const listener: DirectoryListener = {
    onCredentialGone: (id) => heard.push(`gone ${id}`),
    onAddressRules: (id) => heard.push(`addresses ${id}`),
    onNames: () => heard.push("names"),
    onCloudEndpoint: (id, now) => heard.push(`cloud ${id} ${now?.url ?? "none"}`),
  };
  directory.listen(listener);
  opened.push({ store, directory, heard });
  return { store, directory, heard };
}

async function insert(
  store: Store,
  ...records: readonly (readonly [RecordType, Records[RecordType]])[]
): Promise<void> {
  await store.change(OPERATOR, async (transaction) => {
    for (const [type, record] of records) await transaction.insert(type, record);
  });
}

async function update<T extends RecordType>(store: Store, type: T, id: string, changes: Changes<T>): Promise<void> {
  await store.change(OPERATOR, (transaction) => transaction.update(type, id, changes));
}

async function remove(store: Store, type: RecordType, id: string): Promise<void> {
  await store.change(OPERATOR, (transaction) => transaction.remove(type, id));
}

const ours = anAccount();
const theirs = anAccount();
const ACCOUNTS = [
  ["account", ours],
  ["account", theirs],
] as const;
const owned = (type: RecordType, accountId = ours.id) => ({
  id: newId(ID_PREFIXES[type], new Date()),
  accountId,
  createdAt: new Date(),
  description: "",
  metadata: "",
});

function shown(verdict: NameVerdict): string {
  return typeof verdict === "string" ? verdict : "reserved";
}

describe("RecordDirectory.authenticate", () => {
  const credential = aCredential(ours.id, { tokenHash: hashToken("right"), acl: ["bind:a.e.test"] });

  test.each([
    ["right", credential.id],
    ["wrong", undefined],
    ["", undefined],
    [hashToken("right"), undefined],
  ])("knows the token %j as %p", async (token, id) => {
    const { directory } = await scene(...ACCOUNTS, ["credential", credential]);
    expect((await directory.authenticate(token))?.id).toBe(id as string);
  });

  test("learns a credential that is made later, and its rules", async () => {
    const { store, directory } = await scene(...ACCOUNTS);
    expect(await directory.authenticate("right")).toBeUndefined();
    await insert(store, ["credential", credential]);
    const known = await directory.authenticate("right");
    expect([known?.id, known?.accountId]).toEqual([credential.id, ours.id]);
    expect(() => known?.acl.checkName("b.e.test")).toThrow(PublicError);
    await update(store, "credential", credential.id, { acl: [] });
    expect(() => directory.credential(credential.id)?.acl.checkName("b.e.test")).not.toThrow();
  });

  test("says that names changed when the ACL of a credential did, and at no other change of one", async () => {
    const { store, heard } = await scene(...ACCOUNTS, ["credential", credential]);
    await insert(store, ["credential", aCredential(ours.id)]);
    await update(store, "credential", credential.id, { description: "of the build server" });
    expect(heard).toEqual([]);
    await update(store, "credential", credential.id, { acl: ["bind:a.e.test", "bind:b.e.test"] });
    await update(store, "credential", credential.id, { acl: ["bind:b.e.test"] });
    expect(heard).toEqual(["names", "names"]);
  });

  test("forgets a credential that is deleted, and says so", async () => {
    const { store, directory, heard } = await scene(...ACCOUNTS, ["credential", credential]);
    await remove(store, "credential", credential.id);
    expect(await directory.authenticate("right")).toBeUndefined();
    expect(directory.credential(credential.id)).toBeUndefined();
    expect(heard).toEqual([`gone ${credential.id}`]);
  });

  test("lets nobody in with an account that is disabled, until it is enabled", async () => {
    const { store, directory, heard } = await scene(...ACCOUNTS, ["credential", credential]);
    await update(store, "account", ours.id, { isDisabled: true });
    expect(await directory.authenticate("right")).toBeUndefined();
    expect(heard).toEqual([`gone ${credential.id}`]);
    await update(store, "account", ours.id, { isDisabled: false });
    expect((await directory.authenticate("right"))?.id).toBe(credential.id);
  });
});

describe("RecordDirectory.nameVerdict", () => {
  const RESERVED = [
    ["reservedDomain", aDomain(ours.id, { domain: "app.example.com" })],
    ["reservedDomain", aDomain(ours.id, { domain: "*.wild.example.com" })],
    ["reservedDomain", aDomain(theirs.id, { domain: "theirs.e.test" })],
    ["reservedDomain", aDomain(theirs.id, { domain: "deep.wild.example.com" })],
  ] as const;

  test.each([
    ["app.example.com", "reserved"],
    ["x.app.example.com", "notReserved"],
    ["*.app.example.com", "notReserved"],
    ["*.wild.example.com", "reserved"],
    ["a.b.wild.example.com", "reserved"],
    ["*.b.wild.example.com", "wildcardNotReserved"],
    ["deep.wild.example.com", "ofAnotherAccount"],
    ["theirs.e.test", "ofAnotherAccount"],
    ["free.e.test", "allowed"],
    ["a.b.e.test", "notReserved"],
    ["*.e.test", "notReserved"],
    ["api.e.test", "ofEdge"],
    ["other.net", "notReserved"],
  ])("calls %s %s", async (host, verdict) => {
    const { directory } = await scene(...ACCOUNTS, ...RESERVED);
    expect(shown(directory.nameVerdict(ours.id, host))).toBe(verdict);
  });

  test("follows reservations that come, move to another region and go", async () => {
    const { store, directory, heard } = await scene(...ACCOUNTS);
    const domain = aDomain(ours.id, { domain: "app.example.com" });
    await insert(store, ["reservedDomain", domain]);
    expect(directory.nameVerdict(ours.id, "app.example.com")).toMatchObject({ id: domain.id, region: "" });
    await update(store, "reservedDomain", domain.id, { description: "told to nobody" });
    await update(store, "reservedDomain", domain.id, { region: "eu" });
    expect(directory.nameVerdict(ours.id, "app.example.com")).toMatchObject({ region: "eu" });
    await remove(store, "reservedDomain", domain.id);
    expect(directory.nameVerdict(ours.id, "app.example.com")).toBe("notReserved");
    expect(heard).toEqual(["names", "names", "names"]);
  });
});

describe("RecordDirectory.addressVerdict", () => {
  const address = { ...owned("reservedAddr"), host: "1.tcp.e.test", port: 2000, region: "" };

  test.each([
    [ours.id, "1.tcp.e.test", 2000, "reserved"],
    [ours.id, "e.test", 2000, "reserved"],
    [theirs.id, "1.tcp.e.test", 2000, "ofAnotherAccount"],
    [theirs.id, "e.test", 2000, "ofAnotherAccount"],
    [ours.id, "1.tcp.e.test", 2001, "notReserved"],
  ])("of %s for %s:%d is %s", async (accountId, host, port, verdict) => {
    const { directory } = await scene(...ACCOUNTS, ["reservedAddr", address]);
    expect(shown(directory.addressVerdict(accountId, { host, port }))).toBe(verdict);
    expect([2000, 2001].map((one) => directory.isPortReserved(one))).toEqual([true, false]);
  });
});

describe("RecordDirectory.account", () => {
  const policy = owned("ipPolicy");
  const rule = { ...owned("ipPolicyRule"), policyId: policy.id, cidr: "192.0.2.0/24", action: "allow" as const };
  const restriction = {
    ...owned("ipRestriction"),
    type: "endpoints" as const,
    isEnforced: true,
    policyIds: [policy.id],
  };

  test("answers its limits, and is disabled when it is not there", async () => {
    const { store, directory } = await scene(...ACCOUNTS);
    expect([directory.account(ours.id).isDisabled, directory.account("acct_none").isDisabled]).toEqual([false, true]);
    await update(store, "account", ours.id, { limits: { ...NO_LIMITS, sessions: 3 } });
    expect(directory.account(ours.id).limits.sessions).toBe(3);
  });

  test("keeps out whom an enforced restriction does not name, and says when that changes", async () => {
    const { store, directory, heard } = await scene(...ACCOUNTS, ["ipPolicy", policy]);
    const admits = (): readonly boolean[] =>
      ["192.0.2.1", "203.0.113.1"].map((ip) => directory.account(ours.id).visitorAddresses.admits(ip));
    expect(admits()).toEqual([true, true]);
    await insert(store, ["ipRestriction", restriction]);
    // A restriction without any rule lets everybody in (reference.md 7.10).
    expect(admits()).toEqual([true, true]);
    await insert(store, ["ipPolicyRule", rule]);
    expect(admits()).toEqual([true, false]);
    expect(directory.account(ours.id).agentAddresses.admits("203.0.113.1")).toBe(true);
    await update(store, "ipRestriction", restriction.id, { isEnforced: false });
    expect(admits()).toEqual([true, true]);
    expect(heard).toEqual(Array.from({ length: 3 }, () => `addresses ${ours.id}`));
  });

  test("reads the network of a rule once, whatever else of the account changes", async () => {
    let reads = 0;
    const counted = {
      ...rule,
      get cidr() {
        reads++;
        return rule.cidr;
      },
    };
    const records = new Map<RecordType, readonly Records[RecordType][]>([
      ["account", [ours]],
      ["ipPolicy", [policy]],
      ["ipPolicyRule", [counted]],
      ["ipRestriction", [restriction]],
    ]);
    let tell: (changes: readonly Change[]) => void = () => {};
    using directory = await RecordDirectory.open(
      {
        all: async <T extends RecordType>(type: T) => (records.get(type) ?? []) as Records[T][], // of that kind
        listen: (listener) => {
          tell = listener;
          return () => {};
        },
      },
      OWN,
    );
    const admits = (ip: string): boolean => directory.account(ours.id).visitorAddresses.admits(ip);
    expect([reads, admits("192.0.2.1"), admits("203.0.113.1"), reads]).toEqual([0, true, false, 1]);
    const another = { ...owned("ipPolicyRule"), policyId: policy.id, cidr: "203.0.113.0/24", action: "allow" } as const;
    tell([{ type: "ipPolicyRule", action: "created", record: another }]);
    expect([admits("203.0.113.1"), admits("198.51.100.1"), reads]).toEqual([true, false, 1]);
  });

  test("answers the rules of its own policies only", async () => {
    const { store, directory } = await scene(...ACCOUNTS, ["ipPolicy", policy], ["ipPolicyRule", rule]);
    expect(directory.account(ours.id).policies([policy.id])?.admits("203.0.113.1")).toBe(false);
    expect(directory.account(ours.id).policies([policy.id, "ipp_none"])).toBeUndefined();
    expect(directory.account(theirs.id).policies([policy.id])).toBeUndefined();
    await remove(store, "ipPolicy", policy.id);
    expect(directory.account(ours.id).policies([policy.id])).toBeUndefined();
  });
});

test("RecordDirectory.open misses nothing that changes while it loads", async () => {
  const { store } = await scene(...ACCOUNTS);
  const early = aCredential(ours.id, { tokenHash: hashToken("early") });
  await insert(store, ["credential", early]);
  const listeners = new Set<(changes: readonly Change[]) => void>();
  const directory = await RecordDirectory.open(
    {
      listen: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      all: async (type) => {
        const records = await store.all(type);
        // Deleted after it was read, and told before the directory has it.
        if (type === "credential") {
          for (const listener of listeners) listener([{ type: "credential", action: "deleted", record: early }]);
        }
        return records;
      },
    },
    OWN,
  );
  expect(await directory.authenticate("early")).toBeUndefined();
  directory[Symbol.dispose]();
  expect(listeners.size).toBe(0);
});

test("RecordDirectory tells nobody who no longer listens", async () => {
  const { store, directory } = await scene(...ACCOUNTS);
  const heard: string[] = [];
  const stop = directory.listen({ onNames: () => heard.push("names") });
  await insert(store, ["reservedDomain", aDomain(ours.id, { domain: "one.example.com" })]);
  stop();
  await insert(store, ["reservedDomain", aDomain(ours.id, { domain: "two.example.com" })]);
  expect(heard).toEqual(["names"]);
});

describe("RecordDirectory.cloudEndpoints", () => {
  test("RecordDirectory knows those of accounts that are open, and tells of each change", async () => {
    const closed = anAccount({ isDisabled: true });
    const [open, shut] = [aCloudEndpoint(ours.id, { url: "https://a.e.test" }), aCloudEndpoint(closed.id)];
    const s = await scene(...ACCOUNTS, ["account", closed], ["cloudEndpoint", open], ["cloudEndpoint", shut]);
    expect(s.directory.cloudEndpoints().map(({ id }) => id)).toEqual([open.id]);
    await update(s.store, "cloudEndpoint", open.id, { url: "https://b.e.test" });
    await update(s.store, "account", ours.id, { isDisabled: true });
    expect(s.directory.cloudEndpoints()).toEqual([]);
    await update(s.store, "cloudEndpoint", shut.id, { url: "https://c.e.test" });
    await update(s.store, "account", closed.id, { isDisabled: false });
    await remove(s.store, "cloudEndpoint", shut.id);
    expect(s.heard.filter((line) => line.startsWith("cloud"))).toEqual([
      `cloud ${open.id} https://b.e.test`,
      `cloud ${open.id} none`,
      `cloud ${shut.id} none`,
      `cloud ${shut.id} https://c.e.test`,
      `cloud ${shut.id} none`,
    ]);
    expect(s.directory.cloudEndpoints()).toEqual([]);
  });
});
