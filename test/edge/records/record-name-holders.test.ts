import { afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/base/clock.ts";
import { newId } from "../../../src/base/record-id.ts";
import { RecordNameHolders } from "../../../src/edge/records/record-name-holders.ts";
import type { ReservedDomain } from "../../../src/model/records/reserved-domain.ts";
import type { TlsCertificate } from "../../../src/model/records/tls-certificate.ts";
import type { OwnNames } from "../../../src/model/reservations.ts";
import type { CertificateMaterial } from "../../../src/pki/certificate-material.ts";
import { createLocalCa, LocalCa } from "../../../src/pki/local-ca.ts";
import { openStore } from "../../../src/store/open-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { type RecordedLine, recordingLog } from "../../support/recording-log.ts";
import { aDomain, anAccount, OPERATOR } from "../../support/store-records.ts";

const ca = new LocalCa(await createLocalCa("test", systemClock), systemClock);
const ACCOUNT = anAccount();
const OPERATORS = anAccount();
const OWN: OwnNames = {
  baseDomains: ["tunnel.e.test"],
  protectedNames: ["api.tunnel.e.test"],
  configured: [{ domain: "www.corp.test", accountId: OPERATORS.id }],
};

interface Scene {
  readonly store: Store;
  readonly holders: RecordNameHolders;
  readonly lines: RecordedLine[];
}

const opened: Scene[] = [];
afterEach(async () => {
  for (const { store, holders } of opened.splice(0)) {
    holders[Symbol.dispose]();
    await store.close();
  }
});

async function scene(): Promise<Scene> {
  const store = await openStore("sqlite::memory:", { secretsKey: new Uint8Array(32) });
  await store.change(OPERATOR, async (t) => {
    for (const account of [ACCOUNT, OPERATORS]) await t.insert("account", account);
  });
  const { log, lines } = recordingLog();
  const made = { store, holders: await RecordNameHolders.open(store, OWN, log), lines };
  opened.push(made);
  return made;
}

function reserve({ store }: Scene, domain: string, changes: Partial<ReservedDomain> = {}): Promise<ReservedDomain> {
  const record = aDomain(ACCOUNT.id, { domain, ...changes });
  return store.change(OPERATOR, async (t) => {
    await t.insert("reservedDomain", record);
    return record;
  });
}

async function upload(
  { store }: Scene,
  { certPem, keyPem }: CertificateMaterial,
  changes: Partial<TlsCertificate> = {},
): Promise<string> {
  const id = newId("cert", systemClock.date());
  const notes = { accountId: ACCOUNT.id, createdAt: systemClock.date(), description: "", metadata: "" };
  const sealedKey = store.secrets.seal(keyPem, id);
  const record = { id, ...notes, certificatePem: certPem, sealedKey, origin: "uploaded", ...changes } as const;
  await store.change(OPERATOR, (t) => t.insert("tlsCertificate", record));
  return id;
}

describe("RecordNameHolders.reservedHost", () => {
  test("finds the exact name, else the longest wildcard, and follows the records", async () => {
    const made = await scene();
    const { store, holders } = made;
    await reserve(made, "*.example.org");
    await reserve(made, "*.deep.example.org");
    const exact = await reserve(made, "www.example.org");
    const found = ["www.example.org", "a.b.example.org", "a.deep.example.org", "*.example.org", "example.org", "org"];
    expect(found.map((name) => holders.reservedHost(name))).toEqual([
      "www.example.org",
      "*.example.org",
      "*.deep.example.org",
      "*.example.org",
      undefined,
      undefined,
    ]);
    await store.change(OPERATOR, (t) => t.remove("reservedDomain", exact.id));
    expect(holders.reservedHost("www.example.org")).toBe("*.example.org");
  });

  test("knows what was reserved before it was opened", async () => {
    const made = await scene();
    await reserve(made, "a.test");
    using later = await RecordNameHolders.open(made.store, OWN, recordingLog().log);
    expect(later.reservedHost("a.test")).toBe("a.test");
  });
});

describe("RecordNameHolders.uploadedFor", () => {
  test("hands out one object until the certificate changes, not with its description", async () => {
    const made = await scene();
    const { store, holders } = made;
    const [first, second] = [await ca.issue(["a.test"]), await ca.issue(["a.test"])];
    const id = await upload(made, first);
    const domain = await reserve(made, "a.test", { certificateId: id });
    const before = holders.uploadedFor("a.test");
    expect(before).toMatchObject({ certPem: first.certPem, keyPem: first.keyPem, names: ["a.test"] });
    await store.change(OPERATOR, (t) => t.update("tlsCertificate", id, { description: "mine" }));
    expect(holders.uploadedFor("a.test")).toBe(before);
    const other = await upload(made, second);
    await store.change(OPERATOR, (t) => t.update("reservedDomain", domain.id, { certificateId: other }));
    expect(holders.uploadedFor("a.test")?.certPem).toBe(second.certPem);
    await store.change(OPERATOR, (t) => t.remove("tlsCertificate", other));
    expect(holders.uploadedFor("a.test")).toBeUndefined();
  });

  test("takes that of a wildcard above where it fits, and no other way", async () => {
    const made = await scene();
    const wide = await upload(made, await ca.issue(["*.a.test"]));
    const own = await upload(made, await ca.issue(["other.test"]));
    await reserve(made, "*.a.test", { certificateId: wide });
    await reserve(made, "plain.a.test");
    await reserve(made, "own.a.test", { certificateId: own });
    await reserve(made, "managed.a.test", {
      certificatePolicy: { authority: "letsencrypt", privateKeyType: "ecdsa" },
    });
    const shown = ["x.a.test", "plain.a.test", "x.y.a.test", "own.a.test", "managed.a.test", "a.test"].map(
      (name) => made.holders.uploadedFor(name)?.names[0],
    );
    expect(shown).toEqual(["*.a.test", "*.a.test", undefined, "other.test", undefined, undefined]);
  });

  test.each<[string, (made: Scene) => Promise<string>]>([
    [
      "was sealed for another record",
      async (made) => {
        const certificate = await ca.issue(["a.test"]);
        return upload(made, certificate, { sealedKey: made.store.secrets.seal(certificate.keyPem, "cert_x") });
      },
    ],
    [
      "has a key of another one",
      async (made) => upload(made, { ...(await ca.issue(["a.test"])), keyPem: (await ca.issue(["a.test"])).keyPem }),
    ],
    ["is no certificate", async (made) => upload(made, { ...(await ca.issue(["a.test"])), certPem: "nothing" })],
  ])("passes over a certificate that %s, with one warning, and serves the others", async (_, uploadBad) => {
    const made = await scene();
    await reserve(made, "a.test", { certificateId: await uploadBad(made) });
    await reserve(made, "b.test", { certificateId: await upload(made, await ca.issue(["b.test"])) });
    expect([made.holders.uploadedFor("a.test"), made.holders.uploadedFor("a.test")]).toEqual([undefined, undefined]);
    expect(made.holders.uploadedFor("b.test")?.names).toEqual(["b.test"]);
    expect(made.lines).toMatchObject([{ level: "warn", message: "uploaded certificate cannot be used" }]);
  });
});

describe("RecordNameHolders", () => {
  const NAMES = ["tunnel.e.test", "api.tunnel.e.test", "a.tunnel.e.test", "www.corp.test"];

  test.each(["*.e.test", "*.test", "*.tunnel.e.test", "tunnel.e.test", "*.corp.test"])(
    "shows nothing of %s, reserved before the edge had that domain, at names of the edge, of others and of nobody",
    async (domain) => {
      const made = await scene();
      const certificateId = await upload(made, await ca.issue(["*.e.test", "*.tunnel.e.test", "*.corp.test"]));
      await reserve(made, domain, { certificateId });
      expect(NAMES.map((name) => made.holders.uploadedFor(name))).toEqual(NAMES.map(() => undefined));
      expect(NAMES.map((name) => made.holders.reservedHost(name))).toEqual(NAMES.map(() => undefined));
    },
  );

  test.each(["*.e.test", "*.test", "*.corp.test"])(
    "orders nothing for those names by the policy of %s",
    async (domain) => {
      const made = await scene();
      await reserve(made, domain, { certificatePolicy: { authority: "letsencrypt", privateKeyType: "rsa" } });
      expect(NAMES.map((name) => made.holders.managedKeyType(name))).toEqual(NAMES.map(() => undefined));
    },
  );

  test("shows what was uploaded for a reserved name below a base domain", async () => {
    const made = await scene();
    await reserve(made, "a.tunnel.e.test", { certificateId: await upload(made, await ca.issue(["a.tunnel.e.test"])) });
    expect(made.holders.uploadedFor("a.tunnel.e.test")?.names).toEqual(["a.tunnel.e.test"]);
  });
});

describe("RecordNameHolders.managedKeyType", () => {
  test("is that of the policy of the nearest reservation", async () => {
    const made = await scene();
    const policy = (privateKeyType: "ecdsa" | "rsa") => ({
      certificatePolicy: { authority: "letsencrypt", privateKeyType } as const,
    });
    await reserve(made, "*.a.test", policy("rsa"));
    await reserve(made, "plain.a.test");
    const domain = await reserve(made, "b.test", policy("ecdsa"));
    const types = ["x.a.test", "plain.a.test", "b.test", "c.test"].map((name) => made.holders.managedKeyType(name));
    expect(types).toEqual(["rsa", undefined, "ecdsa", undefined]);
    await made.store.change(OPERATOR, (t) => t.update("reservedDomain", domain.id, { certificatePolicy: undefined }));
    expect(made.holders.managedKeyType("b.test")).toBeUndefined();
  });
});
