import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/base/clock.ts";
import { RecordCertificateStore } from "../../../src/edge/records/record-certificate-store.ts";
import { createLocalCa, LocalCa } from "../../../src/pki/local-ca.ts";
import { openStore } from "../../../src/store/open-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { certificateStoreContract } from "../../support/certificate-store-contract.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { PostgresDatabases } from "../../support/postgres-databases.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { OPERATOR } from "../../support/store-records.ts";
import { eventually } from "../../support/turns.ts";

const SECRETS = { secretsKey: new Uint8Array(32).fill(7) };
const ca = new LocalCa(await createLocalCa("test", systemClock), systemClock);
const databases = await PostgresDatabases.start();
const stores: Store[] = [];

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});
afterAll(() => databases[Symbol.asyncDispose]());

async function opened(url: string): Promise<Store> {
  const store = await openStore(url, SECRETS);
  stores.push(store);
  return store;
}

function certificatesIn(store: Store, nodeId = "node", clock = systemClock): RecordCertificateStore {
  return new RecordCertificateStore({ store, nodeId, clock, log: recordingLog().log });
}

certificateStoreContract("RecordCertificateStore in SQLite", async () =>
  certificatesIn(await opened("sqlite::memory:")),
);
certificateStoreContract("RecordCertificateStore in PostgreSQL", async () =>
  certificatesIn(await opened(await databases.create())),
);

describe("RecordCertificateStore of two nodes", () => {
  async function twoNodes(): Promise<readonly [RecordCertificateStore, RecordCertificateStore]> {
    const url = await databases.create();
    return [certificatesIn(await opened(url), "one"), certificatesIn(await opened(url), "two")];
  }

  test("shares what was issued: it is there at the start, and later ones are told", async () => {
    const [one, two] = await twoNodes();
    const heard: string[] = [];
    two.listen(({ certPem }) => heard.push(certPem));
    const certificate = await ca.issue(["a.test"]);
    await one.keepIssued(certificate);
    await eventually("the other node has heard", () => heard.length > 0);
    expect(heard).toEqual([certificate.certPem]);
    expect(await two.issued()).toMatchObject([{ certPem: certificate.certPem, keyPem: certificate.keyPem }]);
  });

  test("shares the account key, also when both ask for the first time at once", async () => {
    const [one, two] = await twoNodes();
    const ask = (node: RecordCertificateStore, key: string) =>
      node.accountKey("https://acme.test/dir", () => Promise.resolve(key));
    const [first, second] = await Promise.all([ask(one, "of one"), ask(two, "of two")]);
    expect(second).toBe(first);
    expect(await ask(two, "another")).toBe(first);
  });

  test("lets one of them order, until its certificate is kept", async () => {
    const [one, two] = await twoNodes();
    const answers = await Promise.all([one.claim(["a.test"]), two.claim(["a.test"])]);
    expect(answers.filter((answer) => answer === "claimed")).toHaveLength(1);
    expect(await two.claim(["b.test"])).toBe("claimed");
    await one.keepIssued(await ca.issue(["a.test"]));
    expect(await two.claim(["a.test"])).toBe("claimed");
  });
});

describe("RecordCertificateStore", () => {
  test("puts a failed order off for every node", async () => {
    const clock = new ManualClock();
    const store = certificatesIn(await opened("sqlite::memory:"), "node", clock);
    await store.claim(["a.test"]);
    const later = new Date(clock.date().getTime() + 60_000);
    await store.putOff(["a.test"], later);
    expect(await store.claim(["a.test"])).toEqual(later);
    clock.advance(60_000);
    expect(await store.claim(["a.test"])).toBe("claimed");
  });

  test("takes names over from a node that went away in the middle of its order", async () => {
    const clock = new ManualClock();
    const store = certificatesIn(await opened("sqlite::memory:"), "node", clock);
    await store.claim(["a.test"]);
    const freeAt = await store.claim(["a.test"]);
    if (freeAt === "claimed") throw new Error("the names were claimed twice");
    clock.advance(freeAt.getTime() - clock.date().getTime());
    expect(await store.claim(["a.test"])).toBe("claimed");
  });

  test("keeps keys sealed, and passes over what does not open", async () => {
    const store = await opened("sqlite::memory:");
    const { log, lines } = recordingLog();
    const certificates = new RecordCertificateStore({ store, nodeId: "node", clock: systemClock, log });
    const [good, bad] = [await ca.issue(["a.test"]), await ca.issue(["b.test"])];
    await certificates.keepIssued(good);
    await certificates.keepIssued(bad);
    const records = await store.all("issuedCertificate");
    expect(records.some(({ sealedKey }) => Buffer.from(sealedKey).includes("PRIVATE KEY"))).toBe(false);
    const damaged = records.find(({ names }) => names === "b.test");
    const changes = { sealedKey: Uint8Array.of(1) };
    await store.change(OPERATOR, (t) => t.update("issuedCertificate", damaged?.id ?? "", changes));
    lines.length = 0;
    expect((await certificates.issued()).map(({ names }) => names)).toEqual([["a.test"]]);
    expect(lines).toMatchObject([{ level: "warn", message: "kept certificate cannot be used" }]);
  });
});
