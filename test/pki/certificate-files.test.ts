import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { UsageError } from "../../src/base/errors.ts";
import { loadCaBundle, loadCertificateFiles } from "../../src/pki/certificate-files.ts";
import { openssl } from "../support/openssl.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

const DAY_MS = 24 * 3600 * 1000;
/** A little later than the certificates, which are made below. */
const NOW = new Date(Date.now() + 60_000);
const folder = new TemporaryFolder();
const run = (...args: string[]): Promise<string> => openssl(args, { cwd: folder.path });
const content = (name: string): string => readFileSync(folder.file(name), "utf8");
const write = (name: string, text: string): void => writeFileSync(folder.file(name), text);

/** A self-signed certificate `NAME.crt` for the key `NAME.key`, which is made first. */
async function selfSigned(name: string, ...algorithm: string[]): Promise<void> {
  await run("genpkey", "-algorithm", ...algorithm, "-out", `${name}.key`);
  const names = "subjectAltName=DNS:A.example,DNS:*.b.example,IP:127.0.0.1,IP:::1";
  await run(
    "req",
    "-x509",
    "-key",
    `${name}.key`,
    "-out",
    `${name}.crt`,
    "-days",
    "10",
    "-subj",
    `/CN=${name}`,
    "-addext",
    names,
  );
}

beforeAll(async () => {
  await Promise.all([
    selfSigned("rsa", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
    selfSigned("ec", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
    selfSigned("ec384", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"),
    selfSigned("ed", "ED25519"),
    selfSigned("ed448", "ED448"),
  ]);
  await run("rsa", "-in", "rsa.key", "-traditional", "-out", "rsa-pkcs1.key");
  await run("ec", "-in", "ec.key", "-out", "ec-sec1.key");
  await run("pkcs8", "-topk8", "-in", "ec.key", "-out", "encrypted.key", "-passout", "pass:secret");
  await run(
    "rsa",
    "-in",
    "rsa.key",
    "-traditional",
    "-aes128",
    "-out",
    "encrypted-pkcs1.key",
    "-passout",
    "pass:secret",
  );
  write("ec-with-parameters.key", `${await run("ecparam", "-name", "prime256v1")}${content("ec-sec1.key")}`);
  await run("req", "-new", "-key", "ec.key", "-subj", "/CN=leaf", "-out", "leaf.csr");
  await run(
    "x509",
    "-req",
    "-in",
    "leaf.csr",
    "-CA",
    "rsa.crt",
    "-CAkey",
    "rsa.key",
    "-CAcreateserial",
    "-days",
    "5",
    "-out",
    "leaf.crt",
  );
  write("chain.crt", `leaf first\r\n${content("leaf.crt")}${content("rsa.crt")}`);
  write("backwards.crt", content("rsa.crt") + content("leaf.crt"));
  write("stray.crt", content("leaf.crt") + content("ed.crt"));
  write("damaged.crt", content("ec.crt").replace(/\n[A-Za-z0-9+/]{20}/, "\nAAAAAAAAAAAAAAAAAAAA"));
  write("damaged.key", content("ec.key").replace(/\n[A-Za-z0-9+/]{20}/, "\nAAAAAAAAAAAAAAAAAAAA"));
  write("second-damaged.crt", content("ec.crt") + content("damaged.crt"));
  write("windows.crt", content("ec.crt").replaceAll("\n", "\r\n"));
  write("both.pem", content("ec.key") + content("ec.crt"));
  write("empty", "");
});
afterAll(() => folder[Symbol.dispose]());

const load = (crt: string, key: string, now = NOW): ReturnType<typeof loadCertificateFiles> =>
  loadCertificateFiles({ certificateFile: folder.file(crt), keyFile: folder.file(key) }, now);

describe("loadCertificateFiles", () => {
  test.each([
    ["RSA, PKCS#8", "rsa.crt", "rsa.key"],
    ["RSA, PKCS#1", "rsa.crt", "rsa-pkcs1.key"],
    ["EC, PKCS#8", "ec.crt", "ec.key"],
    ["EC, SEC1", "ec.crt", "ec-sec1.key"],
    ["EC, SEC1 behind its parameters", "ec.crt", "ec-with-parameters.key"],
    ["P-384", "ec384.crt", "ec384.key"],
    ["Ed25519", "ed.crt", "ed.key"],
    ["CR LF", "windows.crt", "ec.key"],
    ["one file for both", "both.pem", "both.pem"],
  ])("loadCertificateFiles reads %s, ready for a TLS context", async (_, crt, key) => {
    const { material, warnings } = await load(crt, key);
    expect(warnings).toEqual([]);
    expect(material.names).toEqual(["a.example", "*.b.example", "127.0.0.1", "::1"]);
    expect((material.notAfter.getTime() - NOW.getTime()) / DAY_MS).toBeCloseTo(10, 1);
    expect(material.keyPem).toStartWith("-----BEGIN PRIVATE KEY-----\n");
    expect(createSecureContext({ cert: material.certPem, key: material.keyPem })).toBeDefined();
  });

  test("loadCertificateFiles keeps the chain and drops what stands around it", async () => {
    const { material, warnings } = await load("chain.crt", "ec.key");
    expect(material.certPem).toBe(content("leaf.crt") + content("rsa.crt"));
    expect([material.names, warnings]).toEqual([[], []]);
  });

  test("loadCertificateFiles warns of a chain out of order", async () => {
    const { warnings } = await load("stray.crt", "ec.key");
    expect(warnings).toEqual([expect.stringContaining("certificate 2 did not issue certificate 1")]);
  });

  test("loadCertificateFiles warns of a certificate of tomorrow", async () => {
    const { warnings } = await load("ec.crt", "ec.key", new Date(NOW.getTime() - DAY_MS));
    expect(warnings).toEqual([expect.stringContaining("not valid before")]);
  });

  test.each([
    ["a missing certificate", "none.crt", "ec.key", "none.crt", "no such file"],
    ["a missing key", "ec.crt", "none.key", "none.key", "no such file"],
    ["a folder", ".", "ec.key", "", "it is a folder"],
    ["an empty file", "empty", "ec.key", "empty", "holds no certificate"],
    ["an empty key", "ec.crt", "empty", "empty", "holds no key"],
    ["swapped files", "ec.key", "ec.crt", "ec.key", "swapped"],
    ["two certificates", "ec.crt", "ec.crt", "ec.crt", "swapped"],
    ["a damaged certificate", "damaged.crt", "ec.key", "damaged.crt", "certificate 1 in it is damaged"],
    ["a damaged chain", "second-damaged.crt", "ec.key", "second-damaged.crt", "certificate 2 in it is damaged"],
    ["a damaged key", "ec.crt", "damaged.key", "damaged.key", "damaged"],
    ["an encrypted key", "ec.crt", "encrypted.key", "encrypted.key", "openssl pkey -in"],
    ["an encrypted key of old form", "rsa.crt", "encrypted-pkcs1.key", "encrypted-pkcs1.key", "openssl pkey -in"],
    ["a kind of key that TLS libraries lack", "ed448.crt", "ed448.key", "ed448.", "Use RSA, ECDSA or Ed25519"],
    ["the key of another certificate", "ec.crt", "rsa.key", "rsa.key", "does not belong to the certificate"],
    ["a chain with the leaf last", "backwards.crt", "ec.key", "backwards.crt", "number 2 in it. Put it first"],
  ])("loadCertificateFiles refuses %s", async (_, crt, key, file, reason) => {
    const failure: unknown = await load(crt, key).catch((cause: unknown) => cause);
    expect(failure).toBeInstanceOf(UsageError);
    expect(String(failure)).toContain(`The file ${folder.path}/${file}`.replace(/\/$/, ""));
    expect(String(failure)).toContain(reason);
  });

  test("loadCertificateFiles refuses an expired certificate", async () => {
    const failure: unknown = await load("ec.crt", "ec.key", new Date(NOW.getTime() + 11 * DAY_MS)).catch(
      (cause: unknown) => cause,
    );
    expect(failure).toBeInstanceOf(UsageError);
    expect(String(failure)).toContain("expired on");
  });
});

describe("loadCaBundle", () => {
  test("loadCaBundle reads every certificate of a file", async () => {
    expect(await loadCaBundle(folder.file("backwards.crt"))).toEqual([content("rsa.crt"), content("leaf.crt")]);
  });

  test.each([
    ["none.crt", "no such file"],
    ["empty", "holds no certificate"],
    ["ec.key", "swapped"],
    ["second-damaged.crt", "certificate 2"],
  ])("loadCaBundle refuses %s", async (name, reason) => {
    const failure: unknown = await loadCaBundle(folder.file(name)).catch((cause: unknown) => cause);
    expect(failure).toBeInstanceOf(UsageError);
    expect(String(failure)).toContain(reason);
  });
});
