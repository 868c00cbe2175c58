import { afterAll, describe, expect, test } from "bun:test";
import { once } from "node:events";
import { chownSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { createServer } from "node:https";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { UsageError } from "../../src/base/errors.ts";
import { issueLeaf } from "../../src/pki/issued-certificate.ts";
import { createLocalCa, LocalCa } from "../../src/pki/local-ca.ts";
import { loadLocalCa, localCaCertificateFile, openLocalCa } from "../../src/pki/local-ca-folder.ts";
import { openssl } from "../support/openssl.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

const DAY_MS = 24 * 3600 * 1000;
const NAMES = ["app.example.com", "*.apps.example.com", "127.0.0.1", "::1"];
const folder = new TemporaryFolder();
afterAll(() => folder[Symbol.dispose]());

let folders = 0;
/** A data folder that no other test uses and that does not exist yet. */
function freshDataFolder(): string {
  folders += 1;
  return folder.file(`data-${folders}`);
}

async function verified(caPem: string, leafPem: string): Promise<string> {
  const at = freshDataFolder();
  mkdirSync(at);
  writeFileSync(join(at, "ca.crt"), caPem);
  return openssl(["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "ca.crt"], { cwd: at, input: leafPem });
}

describe("LocalCa", () => {
  test("LocalCa issues certificates that openssl verifies strictly", async () => {
    const ca = new LocalCa(await createLocalCa("box", systemClock), systemClock);
    const { certPem } = await ca.issue(NAMES);
    expect(await verified(ca.certPem, certPem)).toContain(": OK");
  });

  test("LocalCa puts into a certificate what browsers ask for", async () => {
    const ca = new LocalCa(await createLocalCa("box", systemClock), systemClock);
    const { certPem, names, notBefore, notAfter } = await ca.issue(NAMES);
    const text = await openssl(["x509", "-noout", "-text"], { input: certPem });
    expect(text).toContain(
      "DNS:app.example.com, DNS:*.apps.example.com, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
    );
    expect(text).toMatch(/Extended Key Usage: *\n +TLS Web Server Authentication\n/);
    expect(text).toMatch(/Basic Constraints: critical\n +CA:FALSE/);
    expect(text).toContain("Subject Key Identifier");
    expect(text).toContain("Authority Key Identifier");
    expect(text).toContain("Issuer: CN = ginnel local CA box");
    expect(text).toContain("prime256v1");
    expect(names).toEqual(NAMES);
    const now = Date.now();
    expect(notBefore.getTime()).toBeLessThan(now);
    expect((notAfter.getTime() - now) / DAY_MS).toBeCloseTo(90, 1);
  });

  test("LocalCa is an authority for leaves only, for ten years", async () => {
    const { certPem } = await createLocalCa("b".repeat(100), systemClock);
    const text = await openssl(["x509", "-noout", "-text"], { input: certPem });
    expect(text).toMatch(/Basic Constraints: critical\n +CA:TRUE, pathlen:0/);
    expect(text).toMatch(/Key Usage: critical\n +Certificate Sign, CRL Sign/);
    const [, year] = /Not After : .* (\d{4}) GMT/.exec(text) ?? [];
    expect(Number(year) - new Date().getFullYear()).toBeWithin(9, 11);
  });

  test("LocalCa never uses a serial number or a key twice", async () => {
    const ca = new LocalCa(await createLocalCa("box", systemClock), systemClock);
    const [one, other] = await Promise.all([ca.issue(["a.example"]), ca.issue(["a.example"])]);
    const serials = await Promise.all(
      [one, other].map(({ certPem }) => openssl(["x509", "-noout", "-serial"], { input: certPem })),
    );
    expect(serials[0]).toMatch(/^serial=01[0-9A-F]{32}\n$/);
    expect(serials[0]).not.toBe(serials[1]);
    expect(one.keyPem).not.toBe(other.keyPem);
  });

  test("LocalCa issues for a name that is too long for a common name", async () => {
    const ca = new LocalCa(await createLocalCa("box", systemClock), systemClock);
    const name = `${"a".repeat(60)}.${"b".repeat(60)}.example`;
    const { certPem } = await ca.issue([name]);
    expect(await verified(ca.certPem, certPem)).toContain(": OK");
    expect(await openssl(["x509", "-noout", "-ext", "subjectAltName"], { input: certPem })).toContain(name);
  });

  test("issueLeaf never outlives its authority", async () => {
    const ca = await createLocalCa("box", systemClock);
    const nearEnd = new Date(Date.now() + 3640 * DAY_MS);
    const { notAfter } = await issueLeaf(ca, ["a.example"], nearEnd);
    expect((notAfter.getTime() - nearEnd.getTime()) / DAY_MS).toBeCloseTo(12, 1);
  });

  test("LocalCa makes curl trust a server of its names", async () => {
    const data = freshDataFolder();
    const { ca } = await openLocalCa(data, "box", systemClock);
    const { certPem, keyPem } = await ca.issue(NAMES);
    const server = createServer({ cert: certPem, key: keyPem }, (_, answer) => answer.end("hello"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    try {
      const curl = async (host: string): Promise<{ readonly code: number; readonly body: string }> => {
        const trust = ["--cacert", localCaCertificateFile(data), "--resolve", `${host}:${port}:127.0.0.1`];
        const child = Bun.spawn([
          "curl",
          "-q",
          "-s",
          "--noproxy",
          "*",
          "-m",
          "10",
          ...trust,
          `https://${host}:${port}/`,
        ]);
        const [body, code] = await Promise.all([new Response(child.stdout).text(), child.exited]);
        return { code, body };
      };
      expect(await curl("app.example.com")).toEqual({ code: 0, body: "hello" });
      expect(await curl("any.apps.example.com")).toEqual({ code: 0, body: "hello" });
      expect(await curl("127.0.0.1")).toEqual({ code: 0, body: "hello" });
      expect(await curl("other.example.com")).toMatchObject({ code: 60 });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe("openLocalCa", () => {
  test("openLocalCa keeps the authority, its key for its owner only, and nothing else", async () => {
    const data = freshDataFolder();
    const first = await openLocalCa(data, "box", systemClock);
    const again = await openLocalCa(data, "other", systemClock);
    expect(again.ca.certPem).toBe(first.ca.certPem);
    expect([first.warning, again.warning]).toEqual([undefined, undefined]);
    expect(readdirSync(data)).toEqual(["local-ca"]);
    expect(readdirSync(join(data, "local-ca")).toSorted()).toEqual(["ca.crt", "ca.key"]);
    expect(statSync(join(data, "local-ca/ca.key")).mode & 0o777).toBe(0o600);
    const { certPem } = await again.ca.issue(["a.example"]);
    expect(await verified(first.ca.certPem, certPem)).toContain(": OK");
  });

  test("openLocalCa gives what it makes to whom the data folder belongs", async () => {
    const data = freshDataFolder();
    mkdirSync(data);
    if (process.geteuid?.() === 0) chownSync(data, 65_534, 65_534);
    await openLocalCa(data, "box", systemClock);
    const made = ["local-ca", "local-ca/ca.crt", "local-ca/ca.key"].map((name) => statSync(join(data, name)));
    const { uid, gid } = statSync(data);
    expect(made.map((file) => [file.uid, file.gid])).toEqual(made.map(() => [uid, gid]));
  });

  test("openLocalCa gives everybody the same authority when many start at once", async () => {
    const data = freshDataFolder();
    const opened = await Promise.all(Array.from({ length: 8 }, () => openLocalCa(data, "box", systemClock)));
    expect(new Set(opened.map(({ ca }) => ca.certPem)).size).toBe(1);
    expect(opened.map(({ warning }) => warning)).toEqual(Array(8).fill(undefined));
    expect(readdirSync(data)).toEqual(["local-ca"]);
  });

  test("openLocalCa goes on in memory, with a warning, where nothing can be written", async () => {
    const file = freshDataFolder();
    writeFileSync(file, "");
    const { ca, warning } = await openLocalCa(join(file, "below"), "box", systemClock);
    expect(warning).toContain("in memory only");
    expect(warning).toContain(file);
    const { certPem } = await ca.issue(["a.example"]);
    expect(await verified(ca.certPem, certPem)).toContain(": OK");
  });

  test("openLocalCa warns when others can read the key", async () => {
    const data = freshDataFolder();
    await openLocalCa(data, "box", systemClock);
    await chmod(join(data, "local-ca/ca.key"), 0o644);
    expect((await openLocalCa(data, "box", systemClock)).warning).toContain("chmod 600");
  });

  test("loadLocalCa makes nothing", async () => {
    expect(await loadLocalCa(freshDataFolder(), systemClock)).toBeUndefined();
  });

  test.each(["ca.crt", "ca.key"])(
    "openLocalCa refuses a folder whose %s is missing, and leaves the rest",
    async (name) => {
      const data = freshDataFolder();
      await openLocalCa(data, "box", systemClock);
      rmSync(join(data, "local-ca", name));
      const failure: unknown = await openLocalCa(data, "box", systemClock).catch((cause: unknown) => cause);
      expect(failure).toBeInstanceOf(UsageError);
      expect(String(failure)).toContain(`${name} cannot be used: it is missing. Restore it`);
      expect(readdirSync(join(data, "local-ca"))).toHaveLength(1);
    },
  );

  const later = { ...systemClock, date: () => new Date(Date.now() + 4000 * DAY_MS) };
  test.each([
    ["a damaged certificate", { "ca.crt": "nothing" }, systemClock, "damaged"],
    ["a damaged key", { "ca.key": "nothing" }, systemClock, "damaged"],
    ["a key of another authority", { "ca.key": "other" }, systemClock, "another certificate"],
    ["a certificate that expired", {}, later, "expired"],
  ])("openLocalCa refuses %s and says what to do", async (_, files, clock, reason) => {
    const data = freshDataFolder();
    await openLocalCa(data, "box", systemClock);
    for (const [name, content] of Object.entries(files)) {
      const text = content === "other" ? (await createLocalCa("x", systemClock)).keyPem : content;
      writeFileSync(join(data, "local-ca", name), text);
    }
    const failure: unknown = await openLocalCa(data, "box", clock).catch((cause: unknown) => cause);
    expect(failure).toBeInstanceOf(UsageError);
    expect(String(failure)).toContain(reason);
    expect(String(failure)).toContain(localCaCertificateFile(data));
    expect(String(failure)).toContain("remove its folder");
  });
});
