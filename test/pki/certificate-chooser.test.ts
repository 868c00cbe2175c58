import { describe, expect, test } from "bun:test";
import type { CertificateMaterial } from "../../src/pki/certificate-material.ts";
import { CertificateChooser, type CertificateSources } from "../../src/pki/certificate-chooser.ts";

const DAY_MS = 24 * 3600 * 1000;

/** A certificate of 90 days that only its names matter of. */
function certificate(names: readonly string[], issuedMs = 0): CertificateMaterial {
  const notBefore = new Date(issuedMs);
  return { certPem: "", keyPem: "", names, notBefore, notAfter: new Date(issuedMs + 90 * DAY_MS) };
}

interface Play {
  readonly chooser: CertificateChooser;
  /** Lists of names that certificates were issued for, in order. */
  readonly issued: string[];
  readonly time: { nowMs: number };
}

function play(sources: Partial<CertificateSources> = {}): Play {
  const issued: string[] = [];
  const time = { nowMs: 0 };
  const clock = { nowMs: () => time.nowMs, date: () => new Date(time.nowMs), after: () => () => {} };
  const whole: CertificateSources = {
    configured: [],
    namesFor: (name) => [name ?? "localhost"],
    issue: (names) => {
      issued.push(names.join(" "));
      return Promise.resolve(certificate(names, time.nowMs));
    },
    ...sources,
  };
  return { chooser: new CertificateChooser(whole, clock), issued, time };
}

describe("CertificateChooser", () => {
  const exact = certificate(["a.example.com"]);
  const wildcard = certificate(["*.example.com", "example.com"]);
  const configured = [() => wildcard, () => exact];

  test.each([
    ["a.example.com", exact],
    ["b.example.com", wildcard],
    ["example.com", wildcard],
    ["A.EXAMPLE.com", exact],
    [undefined, wildcard],
  ])("CertificateChooser prefers a configured certificate for %s", async (name, expected) => {
    const { chooser, issued } = play({ configured });
    expect(await chooser.choose(name)).toBe(expected);
    expect(issued).toEqual([]);
  });

  test.each([
    ["a.example.com", exact],
    ["other.test", undefined],
  ])("CertificateChooser that cannot issue has for %s what the operator has", async (name, expected) => {
    const { chooser } = play({ configured, issue: undefined });
    expect(await chooser.choose(name)).toBe(expected);
  });

  test("CertificateChooser asks for the configured certificate anew each time", async () => {
    let current = certificate(["a.example.com"]);
    const { chooser } = play({ configured: [() => current] });
    await chooser.choose("a.example.com");
    current = certificate(["a.example.com"]);
    expect(await chooser.choose("a.example.com")).toBe(current);
  });

  test("CertificateChooser issues once for a name, also when asked at once", async () => {
    const { chooser, issued } = play({ configured });
    const chosen = await Promise.all(Array.from({ length: 5 }, () => chooser.choose("other.example.org")));
    expect(new Set([...chosen, await chooser.choose("other.example.org")]).size).toBe(1);
    expect(issued).toEqual(["other.example.org"]);
  });

  test("CertificateChooser shares a certificate between names with the same list", async () => {
    const { chooser, issued } = play({ namesFor: () => ["*.localhost", "localhost"] });
    expect(await chooser.choose("a.localhost")).toBe(await chooser.choose("b.localhost"));
    expect(issued).toEqual(["*.localhost localhost"]);
  });

  test("CertificateChooser has nothing for a name that is not served", async () => {
    const { chooser, issued } = play({ namesFor: () => undefined });
    expect(await chooser.choose("strange.example")).toBeUndefined();
    expect(await chooser.choose(undefined)).toBeUndefined();
    expect(issued).toEqual([]);
  });

  test("CertificateChooser replaces a certificate when a third of its life is left", async () => {
    const played = play();
    const first = await played.chooser.choose("a.example");
    played.time.nowMs = 59 * DAY_MS;
    expect(await played.chooser.choose("a.example")).toBe(first);
    played.time.nowMs = 61 * DAY_MS;
    expect(await played.chooser.choose("a.example")).not.toBe(first);
    expect(played.issued).toEqual(["a.example", "a.example"]);
  });

  test("CertificateChooser forgets the name that was asked for least recently", async () => {
    const { chooser, issued } = play();
    for (let i = 0; i < 1000; i++) await chooser.choose(`n${i}.example`);
    await chooser.choose("n0.example");
    await chooser.choose("one-more.example");
    issued.length = 0;
    await chooser.choose("n0.example");
    await chooser.choose("n1.example");
    expect(issued).toEqual(["n1.example"]);
  });

  test("CertificateChooser tries again after a failure", async () => {
    let failures = 0;
    const { chooser } = play({
      issue: (names) => {
        failures += 1;
        return failures === 1 ? Promise.reject(new Error("no room")) : Promise.resolve(certificate(names));
      },
    });
    expect(chooser.choose("a.example")).rejects.toThrow("no room");
    await Promise.resolve();
    expect((await chooser.choose("b.example"))?.names).toEqual(["b.example"]);
    expect((await chooser.choose("a.example"))?.names).toEqual(["a.example"]);
  });
});
