import { describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/base/clock.ts";
import { TlsCertificates } from "../../../src/edge/certificates/tls-certificates.ts";
import { createLocalCa, LocalCa } from "../../../src/pki/local-ca.ts";

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
    servedHost: (name) => served[name],
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
