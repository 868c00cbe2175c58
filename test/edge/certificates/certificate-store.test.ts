import { describe, expect, test } from "bun:test";
import { readdir, stat } from "node:fs/promises";
import { systemClock } from "../../../src/base/clock.ts";
import { FolderCertificateStore } from "../../../src/edge/certificates/folder-certificate-store.ts";
import { MemoryCertificateStore } from "../../support/memory-certificate-store.ts";
import { createLocalCa, LocalCa } from "../../../src/pki/local-ca.ts";
import { certificateStoreContract } from "../../support/certificate-store-contract.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { freshFolders } from "../../support/fresh-folders.ts";

const ca = new LocalCa(await createLocalCa("test", systemClock), systemClock);
const DIRECTORY = "https://acme.test/dir";

const freshFolder = freshFolders();

function folderStore(folder: string): FolderCertificateStore {
  return new FolderCertificateStore({ folder, clock: systemClock, log: recordingLog().log });
}

certificateStoreContract("MemoryCertificateStore", () => new MemoryCertificateStore());
certificateStoreContract("FolderCertificateStore", () => folderStore(freshFolder().file("acme")));

describe("FolderCertificateStore", () => {
  test("hands out what an earlier process kept", async () => {
    const folder = freshFolder();
    const certificate = await ca.issue(["a.test"]);
    await folderStore(folder.path).keepIssued(certificate);
    await folderStore(folder.path).accountKey(DIRECTORY, () => Promise.resolve("key"));
    const { keyPem, names, notAfter } = certificate;
    expect(await folderStore(folder.path).issued()).toMatchObject([{ keyPem, names, notAfter }]);
    expect(await folderStore(folder.path).accountKey(DIRECTORY, () => Promise.resolve("another"))).toBe("key");
  });

  test("keeps its files to this user, whole, under names that people can read", async () => {
    const folder = freshFolder();
    const store = folderStore(folder.path);
    await store.keepIssued(await ca.issue(["a.test", "*.a.test"]));
    await store.accountKey(DIRECTORY, () => Promise.resolve("key"));
    const files = (await readdir(folder.path)).sort();
    expect(files.map((file) => file.replace(/[0-9a-f]{16}/, "…"))).toEqual(["_.a.test-….pem", "account-….key"]);
    const modes = await Promise.all(files.map(async (file) => (await stat(folder.file(file))).mode & 0o777));
    expect(modes).toEqual([0o600, 0o600]);
  });

  test("has room for the longest names", async () => {
    const folder = freshFolder();
    const longest = `${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(61)}`;
    await folderStore(folder.path).keepIssued(await ca.issue([longest]));
    expect(await folderStore(folder.path).issued()).toMatchObject([{ names: [longest] }]);
  });

  test("passes over what it cannot use, and says so", async () => {
    const folder = freshFolder();
    await Bun.write(folder.file("a.test-0.pem"), "no certificate");
    const { log, lines } = recordingLog();
    const store = new FolderCertificateStore({ folder: folder.path, clock: systemClock, log });
    await store.keepIssued(await ca.issue(["b.test"]));
    expect(await store.issued()).toMatchObject([{ names: ["b.test"] }]);
    expect(lines).toMatchObject([{ level: "warn", fields: { file: folder.file("a.test-0.pem") } }]);
  });
});
