import { afterEach, describe, expect, test } from "bun:test";
import {
  type CertificateAuthority,
  type CertificateOrder,
  OrderFailure,
} from "../../../src/edge/certificates/certificate-authority.ts";
import type { CertificateStore } from "../../../src/edge/certificates/certificate-store.ts";
import { DnsZones } from "../../../src/edge/certificates/dns-zones.ts";
import {
  ManagedCertificates,
  type ManagedCertificatesOptions,
  type OrderNews,
} from "../../../src/edge/certificates/managed-certificates.ts";
import { MemoryCertificateStore } from "../../support/memory-certificate-store.ts";
import type { SharedOrders } from "../../../src/edge/certificates/shared-orders.ts";
import type { CertificateMaterial } from "../../../src/pki/certificate-material.ts";
import { createLocalCa, LocalCa } from "../../../src/pki/local-ca.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { type RecordedLine, recordingLog } from "../../support/recording-log.ts";
import { quiet } from "../../support/turns.ts";

const DAY_MS = 24 * 3_600_000;
/** Of what the authority here issues. */
const LIFE_DAYS = 90;

/** Issues at once, or fails as it is told. */
class PlayedAuthority implements CertificateAuthority {
  readonly orders: CertificateOrder[] = [];
  failure: Error | undefined;
  readonly #ca: LocalCa;

  constructor(ca: LocalCa) {
    this.#ca = ca;
  }

  order(order: CertificateOrder): ReturnType<CertificateAuthority["order"]> {
    this.orders.push(order);
    return this.failure === undefined ? this.#ca.issue(order.names) : Promise.reject(this.failure);
  }
}

interface Scene {
  readonly certificates: ManagedCertificates;
  readonly authority: PlayedAuthority;
  readonly clock: ManualClock;
  readonly store: CertificateStore;
  readonly lines: readonly RecordedLine[];
}

const open: Disposable[] = [];
afterEach(() => {
  for (const certificates of open.splice(0)) certificates[Symbol.dispose]();
});

async function newScene(
  more: Partial<Pick<ManagedCertificatesOptions, "store" | "shared" | "challengeTypes" | "dnsZones">> & {
    clock?: ManualClock;
  } = {},
): Promise<Scene> {
  const { store = new MemoryCertificateStore(), clock = new ManualClock(), challengeTypes = ["http-01"] } = more;
  const { dnsZones = new DnsZones(["test"], []) } = more;
  const authority = new PlayedAuthority(new LocalCa(await createLocalCa("played", clock), clock));
  const { log, lines } = recordingLog();
  const options = { authority, store, challengeTypes, dnsZones, shared: more.shared, clock, random: () => 0, log };
  const certificates = await ManagedCertificates.open(options);
  open.push(certificates);
  return { certificates, authority, clock, store, lines };
}

/** Until what was ordered is here: making keys takes turns of its own. */
async function issued({ lines }: Scene, count: number): Promise<void> {
  while (lines.filter(({ message }) => message === "certificate issued").length < count) await quiet();
}

describe("ManagedCertificates", () => {
  test("orders on first demand, once, and answers at once that there is nothing yet", async () => {
    const scene = await newScene();
    const { certificates, authority, store } = scene;
    expect(certificates.certificateFor(["a.test"])).toBeUndefined();
    expect(certificates.certificateFor(["a.test"])).toBeUndefined();
    await issued(scene, 1);
    expect(certificates.certificateFor(["a.test"])?.names).toEqual(["a.test"]);
    expect(authority.orders).toEqual([{ names: ["a.test"], challengeType: "http-01", keyType: "ecdsa" }]);
    expect((await store.issued()).map(({ names }) => names)).toEqual([["a.test"]]);
  });

  test("serves what was kept, and orders nothing", async () => {
    const dns = await newScene({ challengeTypes: ["dns-01"] });
    dns.certificates.certificateFor(["a.test", "*.a.test"]);
    await issued(dns, 1);
    const second = await newScene({ store: dns.store, clock: dns.clock });
    expect(second.certificates.certificateFor(["*.a.test", "a.test"])).toBeDefined();
    expect(second.authority.orders).toEqual([]);
  });

  test("renews at two thirds of a certificate's life what is still served, without a visitor", async () => {
    const scene = await newScene();
    const { certificates, authority, clock } = scene;
    certificates.renewWhile(([name]) => name === "a.test");
    for (const name of ["a.test", "b.test"]) certificates.certificateFor([name]);
    await issued(scene, 2);
    clock.advance((LIFE_DAYS * DAY_MS * 2) / 3 - 2 * 3_600_000);
    expect(authority.orders).toHaveLength(2);
    const former = certificates.certificateFor(["a.test"]);
    clock.advance(3 * 3_600_000);
    await issued(scene, 3);
    expect(authority.orders.slice(2).map(({ names }) => names)).toEqual([["a.test"]]);
    expect(certificates.certificateFor(["a.test"])?.certPem).not.toBe(former?.certPem ?? "");
  });

  test("serves the old certificate while renewals fail, and none that has expired", async () => {
    const scene = await newScene();
    const { certificates, authority, clock, store } = scene;
    certificates.renewWhile(() => true);
    certificates.certificateFor(["a.test"]);
    await issued(scene, 1);
    authority.failure = new OrderFailure("no");
    for (let day = 0; day < LIFE_DAYS - 1; day++) {
      clock.advance(DAY_MS);
      await quiet();
    }
    expect(certificates.certificateFor(["a.test"])).toBeDefined();
    const tries = authority.orders.length;
    expect(tries).toBeGreaterThan(30); // twice a day and more for a third of its life
    expect(tries).toBeLessThan(150);
    clock.advance(2 * DAY_MS);
    await quiet();
    expect(certificates.certificateFor(["a.test"])).toBeUndefined();
    expect(await store.issued()).toEqual([]);
  });

  test("tries the next way to validate after a failure, and says when", async () => {
    const { certificates, authority, clock, lines } = await newScene({ challengeTypes: ["http-01", "tls-alpn-01"] });
    authority.failure = new OrderFailure("the authority says no");
    for (let attempt = 0; attempt < 3; attempt++) {
      certificates.certificateFor(["a.test"]);
      await quiet();
      clock.advance(3_600_000);
    }
    expect(authority.orders.map(({ challengeType }) => challengeType)).toEqual(["http-01", "tls-alpn-01", "http-01"]);
    expect(lines[0]).toMatchObject({
      level: "warn",
      message: "certificate not issued",
      fields: { names: "a.test", challenge: "http-01", retry_in: "30s" },
    });
  });

  test("asks for wildcards only where DNS can prove them", async () => {
    const { certificates, authority } = await newScene({ challengeTypes: ["http-01"] });
    expect([certificates.canOrder(["*.a.test"]), certificates.certificateFor(["*.a.test"])]).toEqual([
      false,
      undefined,
    ]);
    expect(authority.orders).toEqual([]);
    const dns = await newScene({ challengeTypes: ["http-01", "dns-01"] });
    dns.certificates.certificateFor(["*.a.test"], { keyType: "rsa" });
    expect(dns.authority.orders).toEqual([{ names: ["*.a.test"], challengeType: "dns-01", keyType: "rsa" }]);
    await issued(dns, 1);
  });

  test("never calls for DNS records in zones that the operator has not named, whatever fails", async () => {
    const dnsZones = new DnsZones(["edge.test"], []);
    const { certificates, authority, clock } = await newScene({ challengeTypes: ["http-01", "dns-01"], dnsZones });
    authority.failure = new OrderFailure("no");
    for (let attempt = 0; attempt < 4; attempt++) {
      for (const name of ["*.corp.test", "vpn.corp.test", "x.edge.test"]) certificates.certificateFor([name]);
      await quiet();
      clock.advance(24 * 3_600_000);
    }
    const byDns = authority.orders.filter(({ challengeType }) => challengeType === "dns-01");
    expect(byDns.map(({ names }) => names)).toEqual([["x.edge.test"], ["x.edge.test"]]);
    expect(authority.orders.filter(({ names }) => names[0] === "vpn.corp.test")).toHaveLength(4);
    expect(certificates.canOrder(["*.corp.test"])).toBe(false);
  });

  test("orders for the edge's own names when accounts have used up their share", async () => {
    const { certificates, authority, clock } = await newScene();
    authority.failure = new OrderFailure("no");
    const orderMany = async (accountId: string): Promise<number> => {
      const before = authority.orders.length;
      for (let count = 0; count < 60; count++) {
        certificates.certificateFor([`${count}.${accountId}.test`], { accountId });
        await quiet();
      }
      return authority.orders.length - before;
    };
    const counts: number[] = [];
    for (const accountId of ["a", "b", "c", "d", "e"]) counts.push(await orderMany(accountId));
    expect(counts).toEqual([20, 20, 20, 20, 0]);
    certificates.certificateFor(["edge.test"]);
    await quiet();
    expect(authority.orders.at(-1)?.names).toEqual(["edge.test"]);
    clock.advance(3 * 3_600_000);
    expect(await orderMany("e")).toBe(20);
  });

  test("serves a certificate that cannot be kept", async () => {
    const store = new MemoryCertificateStore();
    store.keepIssued = () => Promise.reject(new Error("disk full"));
    const scene = await newScene({ store });
    scene.certificates.certificateFor(["a.test"]);
    await issued(scene, 1);
    expect(scene.certificates.certificateFor(["a.test"])).toBeDefined();
    expect(scene.lines[0]).toMatchObject({ level: "warn", message: "certificate cannot be kept" });
  });

  test("logs a fault of ours as one, and goes on", async () => {
    const { certificates, authority, lines } = await newScene();
    authority.failure = new TypeError("a fault");
    certificates.certificateFor(["a.test"]);
    await quiet();
    expect(lines).toMatchObject([{ level: "error", message: "certificate not issued by a fault of ginnel" }]);
  });

  test("orders what is wanted without a visitor, tells how that goes, and ends when it is not wanted any more", async () => {
    const scene = await newScene();
    const { certificates, authority, clock } = scene;
    const wanted = new Set([{ names: ["a.test"], keyType: "ecdsa" as const, accountId: "a" }]);
    const news: OrderNews[] = [];
    authority.failure = new OrderFailure("the authority says no");
    certificates.provide(
      () => wanted,
      (_, piece) => news.push(piece),
    );
    await quiet();
    expect(news).toMatchObject([
      { type: "begun" },
      { type: "failed", message: "the authority says no", retriesAt: ManualClock.dateAt(30_000) },
    ]);
    authority.failure = undefined;
    clock.advance(60_000);
    await issued(scene, 1);
    expect(news.slice(2)).toMatchObject([{ type: "begun" }, { type: "issued", certificate: { names: ["a.test"] } }]);
    wanted.clear();
    clock.advance(((LIFE_DAYS * 2) / 3 + 1) * DAY_MS);
    await quiet();
    expect(authority.orders).toHaveLength(2);
  });

  test("orders another one when a key of another kind is wanted", async () => {
    const scene = await newScene();
    const { certificates, authority } = scene;
    certificates.certificateFor(["a.test"]);
    await issued(scene, 1);
    certificates.certificateFor(["a.test"], { keyType: "ecdsa" });
    expect(certificates.certificateFor(["a.test"], { keyType: "rsa" })).toBeDefined();
    expect(authority.orders.map(({ keyType }) => keyType)).toEqual(["ecdsa", "rsa"]);
    await issued(scene, 2);
    certificates.certificateFor(["a.test"]);
    certificates.certificateFor(["a.test"], { keyType: "rsa" });
    expect(authority.orders).toHaveLength(2);
  });

  test("orders nothing that another node sees to, and serves what that one keeps", async () => {
    let keptElsewhere: (certificate: CertificateMaterial) => void = () => {};
    const store: CertificateStore = Object.assign(new MemoryCertificateStore(), {
      listen: (onKept: typeof keptElsewhere) => {
        keptElsewhere = onKept;
        return () => {};
      },
    });
    const claims: string[] = [];
    const shared: SharedOrders = {
      claim: (names) => {
        claims.push(names.join(" "));
        return Promise.resolve(ManualClock.dateAt(120_000));
      },
      putOff: () => Promise.resolve(),
    };
    const { certificates, authority, clock } = await newScene({ store, shared });
    certificates.certificateFor(["a.test"]);
    await quiet();
    certificates.certificateFor(["a.test"]);
    expect(claims).toEqual(["a.test"]);
    clock.advance(120_000);
    certificates.certificateFor(["a.test"]);
    expect(claims).toEqual(["a.test", "a.test"]);
    expect(authority.orders).toEqual([]);
    const other = await new LocalCa(await createLocalCa("other", clock), clock).issue(["a.test"]);
    keptElsewhere(other);
    expect(certificates.certificateFor(["a.test"])).toBe(other);
  });

  test("tells the other nodes of a failed order", async () => {
    const putOff: unknown[] = [];
    const shared: SharedOrders = {
      claim: () => Promise.resolve("claimed"),
      putOff: (...order) => {
        putOff.push(order);
        return Promise.reject(new Error("the store is gone"));
      },
    };
    const { certificates, authority, lines } = await newScene({ shared });
    authority.failure = new OrderFailure("no");
    certificates.certificateFor(["a.test"]);
    await quiet();
    expect(putOff).toEqual([[["a.test"], ManualClock.dateAt(30_000)]]);
    expect(lines[1]).toMatchObject({ level: "warn", message: "other nodes cannot be told of a failed order" });
  });

  test("leaves no timer and orders nothing when disposed of", async () => {
    const { certificates, authority, clock } = await newScene();
    certificates[Symbol.dispose]();
    expect(clock.pending).toBe(0);
    certificates.certificateFor(["a.test"]);
    expect(authority.orders).toEqual([]);
  });
});
