import { afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/base/clock.ts";
import { DnsZones } from "../../../src/edge/certificates/dns-zones.ts";
import { ManagedCertificates } from "../../../src/edge/certificates/managed-certificates.ts";
import { MemoryCertificateStore } from "../../support/memory-certificate-store.ts";
import { ReservedNames } from "../../../src/edge/certificates/name-holders.ts";
import { TlsCertificates } from "../../../src/edge/certificates/tls-certificates.ts";
import type { CertificateMaterial } from "../../../src/pki/certificate-material.ts";
import { createLocalCa, LocalCa } from "../../../src/pki/local-ca.ts";
import { noLog } from "../../../src/telemetry/logger.ts";
import { quiet } from "../../support/turns.ts";

const disposables: Disposable[] = [];
afterEach(() => {
  for (const disposable of disposables.splice(0)) disposable[Symbol.dispose]();
});

const ca = new LocalCa(await createLocalCa("test", systemClock), systemClock);

interface Scene {
  readonly certificates: TlsCertificates;
  /** Names of the certificates that were issued. */
  readonly issued: string[];
}

/** Endpoints are online under these names and wildcards. */
function scene(served: Readonly<Record<string, string>> = {}, configured: string[] = []): Scene {
  const issued: string[] = [];
  const issue = (names: readonly string[]): ReturnType<LocalCa["issue"]> => {
    issued.push(names.join(" "));
    return ca.issue(names);
  };
  const certificates = new TlsCertificates({
    baseDomains: ["edge.test", "localhost"],
    configured: configured.length === 0 ? [] : [() => operators],
    issue,
    served: (name) => (served[name] === undefined ? undefined : { host: served[name] }),
    clock: systemClock,
  });
  return { certificates, issued };
}

const operators = await ca.issue(["www.edge.test"]);

describe("TlsCertificates.contextFor", () => {
  const CASES: readonly (readonly [
    name: string | undefined,
    served: string | undefined,
    issued: string | undefined,
  ])[] = [
    ["edge.test", undefined, "edge.test *.edge.test"],
    ["a.edge.test", undefined, "edge.test *.edge.test"],
    [undefined, undefined, "edge.test *.edge.test localhost *.localhost 127.0.0.1 ::1"],
    // Visitors do not accept a wildcard below a single label.
    ["a.localhost", undefined, "a.localhost"],
    ["a.b.edge.test", undefined, undefined],
    ["a.b.edge.test", "a.b.edge.test", "a.b.edge.test"],
    ["www.example.org", "www.example.org", "www.example.org"],
    ["x.apps.test", "*.apps.test", "*.apps.test"],
    ["x.y.apps.test", "*.apps.test", "x.y.apps.test"],
    ["x.test", "*.test", "x.test"],
    ["www.example.org", undefined, undefined],
  ];
  test.each(CASES)("for %s, served by %s, issues %s", async (name, host, names) => {
    const { certificates, issued } = scene(name !== undefined && host !== undefined ? { [name]: host } : {});
    const context = await certificates.contextFor(name);
    expect([context !== undefined, issued]).toEqual([names !== undefined, names === undefined ? [] : [names]]);
  });

  test.each([
    ["192.0.2.7:443", " 192.0.2.7"],
    ["[2001:db8::7]:443", " 2001:db8::7"],
    ["127.0.0.1:443", ""],
    ["[fe80::1]:443", ""],
    ["[fe80::1%eth0]:443", ""],
    ["[fe80::1%br-lan.5]:443", ""],
    ["169.254.0.7:443", ""],
    ["<closed>", ""],
  ])("tells visitors without a name who arrive at %s of no other address", async (localAddress, further) => {
    const { certificates, issued } = scene();
    await certificates.contextFor(undefined, { localAddress, remoteAddress: "<closed>" });
    expect(issued).toEqual([`edge.test *.edge.test localhost *.localhost 127.0.0.1 ::1${further}`]);
  });

  test.each([
    ["10.0.0.5:443", "10.0.0.6:5000", " 10.0.0.5"],
    ["10.0.0.5:443", "127.0.0.1:5000", " 10.0.0.5"],
    ["198.51.100.1:443", "203.0.113.9:5000", " 198.51.100.1"],
    ["198.51.100.1:443", "10.0.0.6:5000", " 198.51.100.1"],
    ["10.0.0.5:443", "203.0.113.9:5000", ""],
    ["172.17.0.2:443", "203.0.113.9:5000", ""],
    ["100.64.0.1:443", "203.0.113.9:5000", ""],
    ["[fd00::5]:443", "[2001:db8::9]:5000", ""],
    ["[fd00::5]:443", "[fe80::9%eth0]:5000", " fd00::5"],
    ["[fd00::5]:443", "[fe80::9%br-lan.5]:5000", " fd00::5"],
  ])("names the address %s to a visitor from %s only when that may have dialled it", async (own, visitor, further) => {
    const { certificates, issued } = scene();
    await certificates.contextFor(undefined, { localAddress: own, remoteAddress: visitor });
    expect(issued).toEqual([`edge.test *.edge.test localhost *.localhost 127.0.0.1 ::1${further}`]);
  });

  test("gives visitors of one certificate the same context, so that they resume", async () => {
    const { certificates, issued } = scene();
    const contexts = await Promise.all(["a.edge.test", "b.edge.test"].map((name) => certificates.contextFor(name)));
    expect(contexts[0]).toBe(contexts[1] as never); // both are there
    expect(issued).toHaveLength(1);
  });

  test("prefers the operator's certificate", async () => {
    const { certificates, issued } = scene({}, ["www.edge.test"]);
    expect(await certificates.contextFor("www.edge.test")).toBeDefined();
    expect(issued).toEqual([]);
  });
});

describe("TlsCertificates with an authority", () => {
  /** Names as an authority is asked for them, and what visitors are shown; "local": a certificate of our own. */
  const CASES: readonly (readonly [
    name: string,
    way: "ports" | "dns",
    online: string | undefined,
    ordered: string | undefined,
  ])[] = [
    ["edge.test", "ports", undefined, "edge.test"],
    ["edge.test", "dns", undefined, "edge.test *.edge.test"],
    ["a.edge.test", "ports", "a.edge.test", "a.edge.test"],
    ["a.edge.test", "dns", "a.edge.test", "edge.test *.edge.test"],
    // Strangers think of names.
    ["a.edge.test", "ports", undefined, undefined],
    ["a.b.edge.test", "ports", undefined, undefined],
    ["www.example.org", "ports", undefined, undefined],
    ["x.apps.test", "ports", "*.apps.test", undefined],
    ["x.apps.test", "dns", "*.apps.test", "*.apps.test"],
    ["x.y.apps.test", "dns", "*.apps.test", undefined],
    ["www.example.org", "ports", "www.example.org", "www.example.org"],
    // The operator's DNS is not for domains of others.
    ["x.corp.test", "dns", "*.corp.test", undefined],
    ["www.example.org", "dns", "www.example.org", "www.example.org"],
    // Without anything online.
    ["held.test", "ports", undefined, "held.test"],
    ["x.held.test", "dns", undefined, "*.held.test"],
    // One certificate for all names below what is reserved, where that can be had.
    ["x.held.test", "dns", "x.held.test", "*.held.test"],
    ["x.held.test", "ports", "x.held.test", "x.held.test"],
    ["x.y.held.test", "dns", "x.y.held.test", "x.y.held.test"],
    ["own.held.test", "ports", "*.held.test", "own.held.test"],
    ["own.held.test", "dns", "*.held.test", "*.held.test"],
    // No authority can know these.
    ["a.localhost", "ports", "a.localhost", undefined],
    ["127.0.0.1", "ports", "127.0.0.1", undefined],
  ];
  test.each(CASES)("for %s, by %s, served by %s, orders %s", async (name, way, online, ordered) => {
    const { certificates, orders } = await managedScene({
      way,
      served: online === undefined ? {} : { [name]: online },
    });
    const now = await certificates.contextFor(name);
    expect(orders).toEqual(ordered === undefined ? [] : [ordered]);
    await quiet();
    const later = await certificates.contextFor(name);
    expect(later === now).toBe(ordered === undefined);
  });

  test("orders for a name below a wildcard by itself when its own reservation wants that", async () => {
    const served = { "own.held.test": "*.held.test" };
    const { certificates, orders } = await managedScene({ way: "dns", wish: "rsa", served });
    await certificates.contextFor("own.held.test");
    expect(orders).toEqual(["own.held.test"]);
  });

  test("shows a certificate that a name has, in place of ordering one for the wildcard above it", async () => {
    const served = { "own.held.test": "own.held.test" };
    const kept = await ca.issue(["own.held.test"]);
    const { certificates, orders } = await managedScene({ way: "dns", served, kept: [kept], signsItself: false });
    expect(certificates.outlook("own.held.test")).toBe("there");
    expect(await certificates.certificateFor("own.held.test")).toBe(kept);
    expect(orders).toEqual([]);
  });

  test("shows the certificate of a wildcard for a name below it that is online by itself", async () => {
    const served = { "x.held.test": "x.held.test" };
    const kept = [await ca.issue(["x.held.test"]), await ca.issue(["*.held.test"])];
    const { certificates, orders } = await managedScene({ way: "dns", served, kept, signsItself: false });
    expect(certificates.outlook("x.held.test")).toBe("there");
    expect(await certificates.certificateFor("x.held.test")).toBe(kept[1]);
    expect(orders).toEqual([]);
  });

  test("shows what was uploaded, before everything, and orders nothing", async () => {
    const uploaded = await ca.issue(["a.edge.test"]);
    const { certificates, orders, issued } = await managedScene({ uploaded, served: { "a.edge.test": "a.edge.test" } });
    expect(await certificates.contextFor("a.edge.test")).toBeDefined();
    expect([orders, issued]).toEqual([[], []]);
  });

  test.each([
    [undefined, 25],
    ["acct_1", 20],
  ])("takes what it orders for names of the account %p from its share", async (accountId, ordered) => {
    const names = Array.from({ length: 25 }, (_, at) => `n${at}.apps.test`);
    const served = Object.fromEntries(names.map((name) => [name, name]));
    const { certificates, orders, answered } = await managedScene({ served, accountId });
    for (const name of names) {
      await certificates.contextFor(name);
      await Promise.all(answered);
      await quiet();
    }
    expect(orders).toHaveLength(ordered);
  });

  test.each([
    [undefined, []],
    ["rsa", ["www.edge.test"]],
  ] as const)(
    "orders for a name that the operator's certificate covers when its holder wants %s",
    async (wish, names) => {
      const { certificates, orders } = await managedScene({ wish, served: { "www.edge.test": "www.edge.test" } });
      expect(await certificates.contextFor("www.edge.test")).toBeDefined();
      expect(orders).toEqual([...names]);
    },
  );
});

describe("TlsCertificates.outlook", () => {
  const CASES: readonly (readonly [name: string, way: "ports" | "dns", online: string | undefined, outlook: string])[] =
    [
      ["www.edge.test", "ports", "www.edge.test", "there"],
      ["a.edge.test", "ports", "a.edge.test", "onDemand"],
      ["a.edge.test", "dns", "a.edge.test", "onDemand"],
      ["www.example.org", "ports", "www.example.org", "onDemand"],
      ["*.apps.test", "dns", "*.apps.test", "onDemand"],
      ["*.apps.test", "ports", "*.apps.test", "none"],
      ["*.corp.test", "dns", "*.corp.test", "none"],
      ["*.held.test", "dns", undefined, "onDemand"],
      ["*.held.test", "ports", undefined, "none"],
      ["a.localhost", "ports", "a.localhost", "none"],
      ["a.b.edge.test", "ports", undefined, "none"],
    ];
  test.each(CASES)(
    "of %s, by %s, served by %s, is %s without an authority of its own",
    async (name, way, host, outlook) => {
      const served = host === undefined ? {} : { [name.replace("*", "any-label")]: host };
      const scene = await managedScene({ way, served, signsItself: false });
      expect(scene.certificates.outlook(name)).toBe(outlook as never); // one of its words
      const signing = await managedScene({ way, served });
      expect(signing.certificates.outlook(name)).toBe("there");
      expect([scene.orders, signing.issued]).toEqual([[], []]);
    },
  );

  test("is good when what was ordered is there, or something was uploaded", async () => {
    const served = { "www.example.org": "www.example.org", "b.test": "b.test" };
    const uploaded = await ca.issue(["b.test"]);
    const { certificates, answered } = await managedScene({ served, uploaded, signsItself: false });
    expect(certificates.outlook("b.test")).toBe("there");
    expect(certificates.outlook("www.example.org")).toBe("onDemand");
    await certificates.contextFor("www.example.org");
    await Promise.all(answered);
    await quiet();
    expect(certificates.outlook("www.example.org")).toBe("there");
  });
});

interface ManagedSceneOptions {
  /** It has an authority of its own for what the other one does not cover. */
  readonly signsItself?: boolean;
  readonly accountId?: string | undefined;
  readonly way?: "ports" | "dns";
  readonly served?: Readonly<Record<string, string>>;
  readonly uploaded?: CertificateMaterial;
  /** Were issued before. */
  readonly kept?: readonly CertificateMaterial[];
  readonly wish?: "rsa" | undefined;
}

async function managedScene({
  way = "ports",
  served = {},
  uploaded,
  kept = [],
  wish,
  accountId,
  signsItself = true,
}: ManagedSceneOptions): Promise<{
  readonly certificates: TlsCertificates;
  readonly orders: readonly string[];
  readonly answered: readonly Promise<unknown>[];
  readonly issued: readonly string[];
}> {
  const orders: string[] = [];
  const answered: Promise<unknown>[] = [];
  const issued: string[] = [];
  const reserved = new ReservedNames(["held.test", "*.held.test", "own.held.test"]);
  const store = new MemoryCertificateStore();
  await Promise.all(kept.map((certificate) => store.keepIssued(certificate)));
  const managed = await ManagedCertificates.open({
    authority: {
      order: ({ names }) => {
        orders.push(names.join(" "));
        const issuing = ca.issue(names);
        answered.push(issuing);
        return issuing;
      },
    },
    store,
    dnsZones: new DnsZones(["edge.test", "apps.test", "held.test"], []),
    challengeTypes: way === "dns" ? ["http-01", "dns-01"] : ["http-01"],
    clock: systemClock,
    random: () => 0,
    log: noLog,
  });
  disposables.push(managed);
  const certificates = new TlsCertificates({
    baseDomains: ["edge.test", "localhost"],
    configured: [() => operators],
    holders: {
      reservedHost: (name) => reserved.reservedHost(name),
      accountOf: () => undefined,
      uploadedFor: (name) => (uploaded?.names.includes(name) === true ? uploaded : undefined),
      managedKeyType: () => wish,
    },
    managed,
    issue: signsItself
      ? (names) => {
          issued.push(names.join(" "));
          return ca.issue(names);
        }
      : undefined,
    served: (name) => (served[name] === undefined ? undefined : { host: served[name], accountId }),
    clock: systemClock,
  });
  return { certificates, orders, answered, issued };
}
