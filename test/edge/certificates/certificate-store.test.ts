import { afterEach, describe, expect, test } from "bun:test";
import { readdir, stat } from "node:fs/promises";
import { systemClock } from "../../../src/base/clock.ts";
import type { CertificateStore } from "../../../src/edge/certificates/certificate-store.ts";
import { FolderCertificateStore } from "../../../src/edge/certificates/folder-certificate-store.ts";
import { MemoryCertificateStore } from "../../../src/edge/certificates/memory-certificate-store.ts";
import { createLocalCa, LocalCa } from "../../../src/pki/local-ca.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";

const ca = new LocalCa(await createLocalCa("test", systemClock), systemClock);
const DIRECTORY = "https://acme.test/dir";

const folders: TemporaryFolder[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) folder[Symbol.dispose]();
});

function newFolder(): TemporaryFolder {
  const folder = new TemporaryFolder();
  folders.push(folder);
  return folder;
}

function folderStore(folder: string): FolderCertificateStore {
  return new FolderCertificateStore({ folder, clock: systemClock, log: recordingLog().log });
}

describe.each<[name: string, newStore: () => CertificateStore]>([
  ["MemoryCertificateStore", () => new MemoryCertificateStore()],
  ["FolderCertificateStore", () => folderStore(newFolder().file("acme"))],
])("%s", (_, newStore) => {
  test("is empty at first", async () => {
    const store = newStore();
    expect(await store.issued()).toEqual([]);
    await store.forgetIssued(["a.test"]);
  });

  test("keeps the last certificate for the same names", async () => {
    const store = newStore();
    await store.keepIssued(await ca.issue(["a.test", "*.a.test"]));
    const last = await ca.issue(["*.a.test", "a.test"]);
    await store.keepIssued(last);
    const other = await ca.issue(["a.test"]);
    await store.keepIssued(other);
    const kept = await store.issued();
    expect(kept.map(({ certPem }) => certPem).sort()).toEqual([last.certPem, other.certPem].sort());
    await store.forgetIssued(["a.test", "*.a.test"]);
    expect((await store.issued()).map(({ names }) => names)).toEqual([["a.test"]]);
  });

  test("has one key of an account for all that ask, also at once", async () => {
    const store = newStore();
    const made: string[] = [];
    const ask = (directory: string): Promise<string> =>
      store.accountKey(directory, () => {
        made.push(directory);
        return Promise.resolve(`key ${made.length}`);
      });
    const [first, ...others] = await Promise.all([ask(DIRECTORY), ask(DIRECTORY), ask(DIRECTORY)]);
    expect(new Set([...others, await ask(DIRECTORY)])).toEqual(new Set([first]));
    expect(await ask("https://other.test/dir")).not.toBe(first);
  });

  test("asks again for a key that could not be made", async () => {
    const store = newStore();
    const failed = store.accountKey(DIRECTORY, () => Promise.reject(new Error("no")));
    expect(await failed.catch((error: unknown) => String(error))).toBe("Error: no");
    expect(await store.accountKey(DIRECTORY, () => Promise.resolve("key"))).toBe("key");
  });
});

describe("FolderCertificateStore", () => {
  test("hands out what an earlier process kept", async () => {
    const folder = newFolder();
    const certificate = await ca.issue(["a.test"]);
    await folderStore(folder.path).keepIssued(certificate);
    await folderStore(folder.path).accountKey(DIRECTORY, () => Promise.resolve("key"));
    const { keyPem, names, notAfter } = certificate;
    expect(await folderStore(folder.path).issued()).toMatchObject([{ keyPem, names, notAfter }]);
    expect(await folderStore(folder.path).accountKey(DIRECTORY, () => Promise.resolve("another"))).toBe("key");
  });

  test("keeps its files to this user, whole, under names that people can read", async () => {
    const folder = newFolder();
    const store = folderStore(folder.path);
    await store.keepIssued(await ca.issue(["a.test", "*.a.test"]));
    await store.accountKey(DIRECTORY, () => Promise.resolve("key"));
    const files = (await readdir(folder.path)).sort();
    expect(files.map((file) => file.replace(/[0-9a-f]{16}/, "…"))).toEqual(["_.a.test-….pem", "account-….key"]);
    const modes = await Promise.all(files.map(async (file) => (await stat(folder.file(file))).mode & 0o777));
    expect(modes).toEqual([0o600, 0o600]);
  });

  test("has room for the longest names", async () => {
    const folder = newFolder();
    const longest = `${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(61)}`;
    await folderStore(folder.path).keepIssued(await ca.issue([longest]));
    expect(await folderStore(folder.path).issued()).toMatchObject([{ names: [longest] }]);
  });

  test("passes over what it cannot use, and says so", async () => {
    const folder = newFolder();
    await Bun.write(folder.file("a.test-0.pem"), "no certificate");
    const { log, lines } = recordingLog();
    const store = new FolderCertificateStore({ folder: folder.path, clock: systemClock, log });
    await store.keepIssued(await ca.issue(["b.test"]));
    expect(await store.issued()).toMatchObject([{ names: ["b.test"] }]);
    expect(lines).toMatchObject([{ level: "warn", fields: { file: folder.file("a.test-0.pem") } }]);
  });
});
