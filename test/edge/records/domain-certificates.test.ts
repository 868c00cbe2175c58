import { afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/base/clock.ts";
import { type CertificateAuthority, OrderFailure } from "../../../src/edge/certificates/certificate-authority.ts";
import { DnsZones } from "../../../src/edge/certificates/dns-zones.ts";
import { ManagedCertificates } from "../../../src/edge/certificates/managed-certificates.ts";
import { renewsAt } from "../../../src/edge/certificates/renewal.ts";
import { DomainCertificates } from "../../../src/edge/records/domain-certificates.ts";
import { RecordCertificateStore } from "../../../src/edge/records/record-certificate-store.ts";
import type { ReservedDomain } from "../../../src/model/records/reserved-domain.ts";
import { createLocalCa, LocalCa } from "../../../src/pki/local-ca.ts";
import { openStore } from "../../../src/store/open-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { aDomain, anAccount, OPERATOR } from "../../support/store-records.ts";

const ca = new LocalCa(await createLocalCa("test", systemClock), systemClock);
const ACCOUNT = anAccount();
const POLICY = { authority: "letsencrypt", privateKeyType: "ecdsa" } as const;

interface Scene {
  readonly store: Store;
  readonly authority: CertificateAuthority & { failure: Error | undefined };
  readonly orders: readonly (readonly string[])[];
  /** Resolves with the record as soon as it is so. */
  readonly domain: (id: string, isSo: (record: ReservedDomain) => boolean) => Promise<ReservedDomain>;
}

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** An authority that answers at once. */
async function scene(before: readonly ReservedDomain[] = []): Promise<Scene> {
  const store = await openStore("sqlite::memory:", { secretsKey: new Uint8Array(32) });
  await store.change(OPERATOR, async (t) => {
    await t.insert("account", ACCOUNT);
    for (const record of before) await t.insert("reservedDomain", record);
  });
  const { log } = recordingLog();
  const orders: (readonly string[])[] = [];
  const authority: Scene["authority"] = {
    failure: undefined,
    order({ names }) {
      orders.push(names);
      return this.failure === undefined ? ca.issue(names) : Promise.reject(this.failure);
    },
  };
  const common = { nodeId: "node", clock: systemClock, log };
  const certificates = new RecordCertificateStore({ store, ...common });
  const managed = await ManagedCertificates.open({
    authority,
    store: certificates,
    shared: certificates,
    challengeTypes: ["http-01"],
    dnsZones: new DnsZones([], []),
    random: () => 0,
    ...common,
  });
  const domains = await DomainCertificates.open({ store, managed, ...common });
  ends.push(async () => {
    domains[Symbol.dispose]();
    managed[Symbol.dispose]();
    await store.close();
  });
  return { store, authority, orders, domain: (id, isSo) => domainWhen(store, id, isSo) };
}

async function domainWhen(
  store: Store,
  id: string,
  isSo: (record: ReservedDomain) => boolean,
): Promise<ReservedDomain> {
  const { promise, resolve } = Promise.withResolvers<ReservedDomain>();
  const stop = store.listen((changes) => {
    for (const { type, record } of changes)
      if (type === "reservedDomain" && record.id === id && isSo(record)) resolve(record);
  });
  const now = await store.get("reservedDomain", id);
  if (now !== undefined && isSo(now)) resolve(now);
  return promise.finally(stop);
}

async function reserve({ store }: Scene, changes: Partial<ReservedDomain>): Promise<ReservedDomain> {
  const record = aDomain(ACCOUNT.id, changes);
  await store.change(OPERATOR, (t) => t.insert("reservedDomain", record));
  return record;
}

describe("DomainCertificates", () => {
  test("has a certificate ordered as soon as a policy is set, and says when it is renewed", async () => {
    const made = await scene();
    const { id } = await reserve(made, { domain: "a.test" });
    expect(made.orders).toEqual([]);
    const beginning = made.domain(id, ({ certificateJob }) => certificateJob !== undefined);
    await made.store.change(OPERATOR, (t) => t.update("reservedDomain", id, { certificatePolicy: POLICY }));
    const begun = await beginning;
    expect(begun.certificateJob).toMatchObject({ errorCode: "", message: "The certificate is being ordered." });
    const done = await made.domain(id, (record) => record.renewsAt !== undefined);
    expect(done.certificateJob).toBeUndefined();
    expect(made.orders).toEqual([["a.test"]]);
    const [kept] = await made.store.all("issuedCertificate");
    expect(kept?.names).toBe("a.test");
    expect((done.renewsAt?.getTime() ?? 0) - Date.now()).toBeGreaterThan(50 * 24 * 3_600_000);
  });

  test("orders for the policies that were set before it was opened", async () => {
    const record = aDomain(ACCOUNT.id, { domain: "a.test", certificatePolicy: POLICY });
    const made = await scene([record]);
    await made.domain(record.id, ({ renewsAt: at }) => at !== undefined);
    expect(made.orders).toEqual([["a.test"]]);
  });

  test("writes down why an order failed and when it is tried again", async () => {
    const made = await scene();
    made.authority.failure = new OrderFailure("the name leads elsewhere");
    const { id } = await reserve(made, { domain: "a.test", certificatePolicy: POLICY });
    const { certificateJob } = await made.domain(
      id,
      (record) => record.certificateJob?.errorCode !== "" && record.certificateJob !== undefined,
    );
    expect(certificateJob).toMatchObject({
      errorCode: "ERR_GINNEL_CERTIFICATE_ORDER",
      message: "The certificate authority did not issue the certificate: the name leads elsewhere",
    });
    const { startedAt, retriesAt } = certificateJob ?? {};
    expect((retriesAt?.getTime() ?? 0) - (startedAt?.getTime() ?? 0)).toBeGreaterThan(0);
  });

  test("says of a wildcard that no order can be made where DNS proves nothing", async () => {
    const made = await scene();
    const { id } = await reserve(made, { domain: "*.a.test", certificatePolicy: POLICY });
    const { certificateJob } = await made.domain(id, (record) => record.certificateJob !== undefined);
    expect(certificateJob).toMatchObject({ errorCode: "ERR_GINNEL_WILDCARD_ORDER", retriesAt: undefined });
    expect(made.orders).toEqual([]);
  });

  test("uses a certificate that is there already, and writes nothing for domains without a policy", async () => {
    const first = await scene();
    const { id } = await reserve(first, { domain: "a.test", certificatePolicy: POLICY });
    const { renewsAt: at } = await first.domain(id, (record) => record.renewsAt !== undefined);
    const ended = { certificatePolicy: undefined, certificateJob: undefined, renewsAt: undefined };
    await first.store.change(OPERATOR, (t) => t.update("reservedDomain", id, ended));
    await first.store.change(OPERATOR, (t) => t.update("reservedDomain", id, { certificatePolicy: POLICY }));
    expect((await first.domain(id, (record) => record.renewsAt !== undefined)).renewsAt).toEqual(at);
    expect(first.orders).toHaveLength(1);
  });
});

test("renewsAt is at two thirds of a certificate's life", async () => {
  const certificate = await ca.issue(["a.test"]);
  const notBefore = new Date(0);
  expect(renewsAt({ ...certificate, notBefore, notAfter: new Date(90_000) })).toEqual(new Date(60_000));
});
