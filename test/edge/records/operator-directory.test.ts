import { afterEach, describe, expect, test } from "bun:test";
import type { NameVerdict } from "../../../src/edge/directory.ts";
import { OperatorDirectory } from "../../../src/edge/records/operator-directory.ts";
import { RecordDirectory } from "../../../src/edge/records/record-directory.ts";
import { hashToken } from "../../../src/model/access-token.ts";
import type { OwnNames } from "../../../src/model/reservations.ts";
import { openStore } from "../../../src/store/open-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { aCredential, aDomain, anAccount, OPERATOR } from "../../support/store-records.ts";

const operator = anAccount();
const other = anAccount();
/** Of the configuration. */
const RESERVED = ["www.example.org", "*.apps.test", "kept.e.test", "www.corp2.test", "both.test"];
const OWN: OwnNames = {
  baseDomains: ["e.test"],
  protectedNames: ["api.e.test"],
  configured: RESERVED.map((domain) => ({ domain, accountId: operator.id })),
};
const recorded = aCredential(other.id, { tokenHash: hashToken("recorded") });

type Shown = Exclude<NameVerdict, object> | "reserved";

interface Scene extends AsyncDisposable {
  readonly store: Store;
  readonly directory: OperatorDirectory;
  readonly gone: string[];
}

const opened: Scene[] = [];
afterEach(async () => {
  for (const scene of opened.splice(0)) await scene[Symbol.asyncDispose]();
});

async function scene(...tokens: readonly string[]): Promise<Scene> {
  const store = await openStore("sqlite::memory:", { secretsKey: new Uint8Array(32) });
  await store.change(OPERATOR, async (transaction) => {
    for (const account of [operator, other]) await transaction.insert("account", account);
    await transaction.insert("credential", recorded);
    await transaction.insert("reservedDomain", aDomain(other.id, { domain: "theirs.apps.test" }));
    for (const domain of ["*.corp2.test", "both.test"])
      await transaction.insert("reservedDomain", aDomain(other.id, { domain }));
    await transaction.insert("reservedDomain", aDomain(operator.id, { domain: "mine.test" }));
  });
  const records = await RecordDirectory.open(store, OWN);
  const tokenHashes = tokens.map(hashToken);
  const directory = new OperatorDirectory({
    records,
    store,
    accountId: operator.id,
    tokenHashes,
  });
  const gone: string[] = [];
  directory.listen({ onCredentialGone: (id) => gone.push(id) });
  const close = async (): Promise<void> => {
    directory[Symbol.dispose]();
    records[Symbol.dispose]();
    await store.close();
  };
  const made = { store, directory, gone, [Symbol.asyncDispose]: close };
  opened.push(made);
  return made;
}

describe("OperatorDirectory.authenticate", () => {
  test.each([
    ["first", `cr_${hashToken("first").slice(0, 32)}`],
    ["second", `cr_${hashToken("second").slice(0, 32)}`],
    ["recorded", recorded.id],
    ["firs", undefined],
    ["first ", undefined],
    ["", undefined],
    [hashToken("first"), undefined],
  ])("OperatorDirectory knows the token %j as %p", async (token, id) => {
    const { directory } = await scene("first", "second");
    expect((await directory.authenticate(token))?.id).toBe(id as string);
  });

  test("OperatorDirectory puts tokens of the configuration into the operator's account, and the others into theirs", async () => {
    const { directory } = await scene("first");
    expect((await directory.authenticate("first"))?.accountId).toBe(operator.id);
    expect((await directory.authenticate("recorded"))?.accountId).toBe(other.id);
  });

  test("OperatorDirectory lets agents in with the tokens that it was given last, and tells which are gone", async () => {
    const { directory, gone } = await scene("kept", "revoked");
    const [kept, revoked] = await Promise.all(["kept", "revoked"].map((token) => directory.authenticate(token)));
    directory.replaceTokens([hashToken("new"), hashToken("kept")]);
    const after = await Promise.all(["kept", "revoked", "new"].map((token) => directory.authenticate(token)));
    expect(after).toEqual([kept, undefined, expect.objectContaining({ accountId: operator.id })]);
    expect([kept, revoked].map((credential) => directory.credential(credential?.id ?? ""))).toEqual([kept, undefined]);
    expect(gone).toEqual([revoked?.id ?? ""]);
  });

  test("OperatorDirectory lets nobody in while the operator's account is disabled, and tells so", async () => {
    const { store, directory, gone } = await scene("first");
    const credential = await directory.authenticate("first");
    const disable = (isDisabled: boolean) =>
      store.change(OPERATOR, (transaction) => transaction.update("account", operator.id, { isDisabled }));
    await disable(true);
    expect([await directory.authenticate("first"), directory.credential(credential?.id ?? "")]).toEqual([
      undefined,
      undefined,
    ]);
    expect(gone).toEqual([credential?.id ?? ""]);
    await disable(false);
    expect(await directory.authenticate("first")).toEqual(credential);
  });

  test("OperatorDirectory passes on what the records tell", async () => {
    const { store, gone } = await scene();
    await store.change(OPERATOR, (transaction) => transaction.remove("credential", recorded.id));
    expect(gone).toEqual([recorded.id]);
  });
});

describe("OperatorDirectory.nameVerdict", () => {
  const VERDICTS: readonly (readonly [host: string, forOperator: Shown, forOthers: Shown])[] = [
    ["a.e.test", "allowed", "allowed"],
    ["kept.e.test", "allowed", "ofAnotherAccount"],
    ["a.b.e.test", "notReserved", "notReserved"],
    ["e.test", "ofEdge", "ofEdge"],
    ["api.e.test", "ofEdge", "ofEdge"],
    ["www.example.org", "allowed", "ofAnotherAccount"],
    ["a.www.example.org", "notReserved", "notReserved"],
    ["x.apps.test", "allowed", "ofAnotherAccount"],
    ["x.y.apps.test", "allowed", "ofAnotherAccount"],
    ["*.apps.test", "allowed", "ofAnotherAccount"],
    ["*.x.apps.test", "wildcardNotReserved", "ofAnotherAccount"],
    ["theirs.apps.test", "ofAnotherAccount", "reserved"],
    ["mine.test", "reserved", "ofAnotherAccount"],
    // Above a name of the configuration, and at one.
    ["www.corp2.test", "allowed", "ofAnotherAccount"],
    ["both.test", "allowed", "ofAnotherAccount"],
    ["a.corp2.test", "ofAnotherAccount", "reserved"],
    ["apps.test", "notReserved", "notReserved"],
  ];
  test.each(VERDICTS)(
    "OperatorDirectory calls %s %s for the operator, %s for others",
    async (host, forOperator, forOthers) => {
      const { directory } = await scene();
      const shown = (verdict: NameVerdict): Shown => (typeof verdict === "string" ? verdict : "reserved");
      expect([operator, other].map(({ id }) => shown(directory.nameVerdict(id, host)))).toEqual([
        forOperator,
        forOthers,
      ]);
    },
  );
});

test("OperatorDirectory gives the operator any port that nobody reserved, and others what is theirs", async () => {
  const { directory } = await scene();
  const address = { host: "e.test", port: 20_000 };
  expect(directory.addressVerdict(operator.id, address)).toBe("allowed");
  expect(directory.addressVerdict(other.id, address)).toBe("notReserved");
  expect(directory.isPortReserved(20_000)).toBe(false);
  expect(directory.account(other.id).isDisabled).toBe(false);
});
