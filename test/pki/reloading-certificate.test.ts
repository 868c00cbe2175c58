import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { UsageError } from "../../src/base/errors.ts";
import type { CertificateMaterial } from "../../src/pki/certificate-material.ts";
import { createLocalCa, LocalCa } from "../../src/pki/local-ca.ts";
import { ReloadingCertificate } from "../../src/pki/reloading-certificate.ts";
import { systemClock } from "../../src/base/clock.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

const ca = new LocalCa(await createLocalCa("box", systemClock), systemClock);
const [first, second] = await Promise.all([ca.issue(["first.example"]), ca.issue(["second.example"])]);

const LOOK_MS = 2000;
let folder: TemporaryFolder;
let clock: ManualClock;
let heard: string[];
let watched: ReloadingCertificate | undefined;

beforeEach(() => {
  folder = new TemporaryFolder();
  clock = new ManualClock();
  heard = [];
  write("a", first);
});
afterEach(() => {
  watched?.[Symbol.dispose]();
  watched = undefined;
  folder[Symbol.dispose]();
});

function write(name: string, material: Pick<CertificateMaterial, "certPem" | "keyPem">): void {
  writeFileSync(folder.file(`${name}.crt`), material.certPem);
  writeFileSync(folder.file(`${name}.key`), material.keyPem);
}

async function open(): Promise<ReloadingCertificate> {
  const files = { certificateFile: folder.file("a.crt"), keyFile: folder.file("a.key") };
  watched = await ReloadingCertificate.open(files, clock, {
    onReload: ({ material }) => heard.push(material.names.join(" ")),
    onFailure: (cause) => heard.push(cause instanceof UsageError ? "failure" : String(cause)),
  });
  return watched;
}

/** Lets the certificate look at its files once, and waits until it has. */
async function look(): Promise<void> {
  clock.advance(LOOK_MS);
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
}

describe("ReloadingCertificate", () => {
  test("ReloadingCertificate takes new files at once when it is told to, and hears of them once", async () => {
    const certificate = await open();
    write("a", second);
    await certificate.reload();
    expect(certificate.current.names).toEqual(["second.example"]);
    await look();
    await look();
    expect(heard).toEqual(["first.example", "second.example"]);
  });

  test("ReloadingCertificate keeps the old pair when it is told to take one that cannot be used", async () => {
    const certificate = await open();
    const { current } = certificate;
    writeFileSync(folder.file("a.key"), "no key");
    const [reloaded] = await Promise.allSettled([certificate.reload()]);
    expect(reloaded).toMatchObject({ status: "rejected", reason: expect.any(UsageError) });
    expect(certificate.current).toBe(current);
  });

  test("ReloadingCertificate stays the same object while the files do", async () => {
    const certificate = await open();
    const { current } = certificate;
    await look();
    await look();
    expect(certificate.current).toBe(current);
    expect(heard).toEqual(["first.example"]);
  });

  test("ReloadingCertificate follows a new pair once it is settled", async () => {
    const certificate = await open();
    write("a", second);
    await look();
    expect(certificate.current.names).toEqual(["first.example"]);
    await look();
    expect(certificate.current.names).toEqual(["second.example"]);
    expect(certificate.current.keyPem).toBe(second.keyPem);
    await look();
    expect(heard).toEqual(["first.example", "second.example"]);
  });

  test("ReloadingCertificate does not complain while only one of two files is new", async () => {
    await open();
    writeFileSync(folder.file("a.crt"), second.certPem);
    await look();
    writeFileSync(folder.file("a.key"), second.keyPem);
    await look();
    await look();
    expect(heard).toEqual(["first.example", "second.example"]);
  });

  test.each([
    ["that do not fit", () => writeFileSync(folder.file("a.crt"), second.certPem)],
    ["that are damaged", () => writeFileSync(folder.file("a.crt"), "-----BEGIN")],
    ["that are gone", () => rmSync(folder.file("a.key"))],
  ])("ReloadingCertificate keeps the old pair over files %s, says so once, and recovers", async (_, spoil) => {
    const certificate = await open();
    spoil();
    for (let i = 0; i < 4; i++) await look();
    expect(certificate.current.names).toEqual(["first.example"]);
    expect(heard).toEqual(["first.example", "failure"]);
    write("a", second);
    await look();
    await look();
    expect(certificate.current.names).toEqual(["second.example"]);
  });

  test("ReloadingCertificate sees a file that was moved over and a link that was turned", async () => {
    write("b", second);
    const certificate = await open();
    renameSync(folder.file("b.crt"), folder.file("a.crt"));
    rmSync(folder.file("a.key"));
    symlinkSync(folder.file("b.key"), folder.file("a.key"));
    await look();
    await look();
    expect(certificate.current.names).toEqual(["second.example"]);
  });

  test("ReloadingCertificate refuses a first pair that cannot be used, and watches nothing then", async () => {
    writeFileSync(folder.file("a.key"), second.keyPem);
    expect(await open().catch((cause: unknown) => cause)).toBeInstanceOf(UsageError);
    expect([clock.pending, heard]).toEqual([0, []]);
  });

  test("ReloadingCertificate stops when disposed", async () => {
    const certificate = await open();
    certificate[Symbol.dispose]();
    expect(clock.pending).toBe(0);
  });
});
