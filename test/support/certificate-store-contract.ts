/** What every store of certificates promises, run against each. */
import { describe, expect, test } from "bun:test";
import { systemClock } from "../../src/base/clock.ts";
import type { CertificateStore } from "../../src/edge/certificates/certificate-store.ts";
import { createLocalCa, LocalCa } from "../../src/pki/local-ca.ts";

const ca = new LocalCa(await createLocalCa("test", systemClock), systemClock);
const DIRECTORY = "https://acme.test/dir";

/** Registers the tests. `newStore` gives an empty store each time; what it needs is released after all tests. */
export function certificateStoreContract(
  name: string,
  newStore: () => CertificateStore | Promise<CertificateStore>,
): void {
  describe(name, () => {
    test("is empty at first", async () => {
      const store = await newStore();
      expect(await store.issued()).toEqual([]);
      await store.forgetIssued(["a.test"]);
    });

    test("keeps the last certificate for the same names", async () => {
      const store = await newStore();
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
      const store = await newStore();
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
      const store = await newStore();
      const failed = store.accountKey(DIRECTORY, () => Promise.reject(new Error("no")));
      expect(await failed.catch((error: unknown) => String(error))).toBe("Error: no");
      expect(await store.accountKey(DIRECTORY, () => Promise.resolve("key"))).toBe("key");
    });
  });
}
