import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { UsageError } from "../base/errors.ts";
import { readFailure } from "../base/read-failure.ts";
import type { CertificateMaterial } from "./certificate-material.ts";
import { certificateNames } from "./certificate-names.ts";
import { type PemBlock, pemBlocks } from "./pem.ts";

export interface CertificateFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface LoadedCertificate {
  readonly material: CertificateMaterial;
  /** For people: not yet valid, chain out of order. */
  readonly warnings: readonly string[];
}

/** Kinds of keys, as node names them. */
const KEY_TYPES = new Set(["rsa", "ec", "ed25519"]);

/** PEM, in a file or, for a configuration that holds it itself, as text. */
export type PemSource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "text"; readonly text: string };

/**
 * A certificate chain, leaf first, and the key of the leaf: RSA (PKCS#1, PKCS#8), elliptic curves (SEC1, PKCS#8) or
 * Ed25519 (PKCS#8), PEM, not encrypted.
 * @throws UsageError that names the file, what is wrong with it, and what to do.
 */
export function loadCertificateFiles(files: CertificateFiles, now: Date): Promise<LoadedCertificate> {
  const { certificateFile, keyFile } = files;
  return loadCertificate({ kind: "file", path: certificateFile }, { kind: "file", path: keyFile }, now);
}

/** As {@link loadCertificateFiles}, from wherever the PEM is. */
export async function loadCertificate(certificate: PemSource, key: PemSource, now: Date): Promise<LoadedCertificate> {
  const certificateText = await readText(certificate, "certificate");
  const keyText = await readText(key, "key");
  const [certificateFile, keyFile] = [nameOf(certificate), nameOf(key)];
  const chain = parseCertificates(certificateText, certificateFile);
  const privateKey = parseKey(keyText, keyFile);
  const [leaf] = chain;
  checkKey(chain, privateKey, { certificateFile, keyFile });
  checkNotExpired(leaf, certificateFile, now);
  return {
    material: {
      certPem: chain.map((link) => link.toString()).join(""),
      keyPem: privateKey.export({ type: "pkcs8", format: "pem" }),
      names: certificateNames(leaf),
      notBefore: leaf.validFromDate,
      notAfter: leaf.validToDate,
    },
    warnings: [...notYetValid(leaf, certificateFile, now), ...outOfOrder(chain, certificateFile)],
  };
}

/**
 * Certificates of authorities, one or many in a PEM file; one PEM text each, without what stood around them.
 * @throws UsageError as {@link loadCertificateFiles} does.
 */
export function loadCaBundle(file: string): Promise<readonly string[]> {
  return loadCaCertificates({ kind: "file", path: file });
}

/** As {@link loadCaBundle}, from wherever the PEM is. */
export async function loadCaCertificates(source: PemSource): Promise<readonly string[]> {
  const text = await readText(source, "bundle of CA certificates");
  return parseCertificates(text, nameOf(source)).map((certificate) => certificate.toString());
}

async function readText(source: PemSource, what: string): Promise<string> {
  if (source.kind === "text") return source.text;
  try {
    return await readFile(source.path, "utf8");
  } catch (cause) {
    throw unusable(source.path, `${readFailure(cause)}. Give the path of the ${what} in PEM form`, cause);
  }
}

/** Stands in messages where the path of a file would. */
const IN_CONFIGURATION = "<text in the configuration>";

function nameOf(source: PemSource): string {
  return source.kind === "file" ? source.path : IN_CONFIGURATION;
}

function parseCertificates(text: string, file: string): [X509Certificate, ...X509Certificate[]] {
  const blocks = pemBlocks(text);
  const [first, ...more] = blocks
    .filter(({ label }) => label === "CERTIFICATE")
    .map((block, index) => parseCertificate(block, `certificate ${index + 1}`, file));
  if (first !== undefined) return [first, ...more];
  const reason = blocks.some(isKey)
    ? "it holds a key and no certificate. Are certificate and key swapped?"
    : 'it holds no certificate. Give a PEM file with "BEGIN CERTIFICATE"';
  throw unusable(file, reason);
}

function parseCertificate(block: PemBlock, which: string, file: string): X509Certificate {
  try {
    return new X509Certificate(block.text);
  } catch (cause) {
    throw unusable(file, `${which} in it is damaged. Copy the file again`, cause);
  }
}

function parseKey(text: string, file: string): KeyObject {
  const blocks = pemBlocks(text);
  const block = blocks.find(isKey);
  if (block === undefined) {
    const reason = blocks.some(({ label }) => label === "CERTIFICATE")
      ? "it holds a certificate and no key. Are certificate and key swapped?"
      : 'it holds no key. Give a PEM file with "BEGIN PRIVATE KEY"';
    throw unusable(file, reason);
  }
  if (block.label === "ENCRYPTED PRIVATE KEY" || /^Proc-Type: *4,ENCRYPTED/m.test(block.text)) {
    throw unusable(file, `the key is encrypted. Decrypt it: openssl pkey -in ${file} -out FILE`);
  }
  const key = readKey(block, file);
  if (!KEY_TYPES.has(key.asymmetricKeyType ?? "")) {
    throw unusable(file, `keys of type ${key.asymmetricKeyType} are not supported. Use RSA, ECDSA or Ed25519`);
  }
  return key;
}

function readKey(block: PemBlock, file: string): KeyObject {
  try {
    return createPrivateKey(block.text);
  } catch (cause) {
    throw unusable(
      file,
      "the key in it is damaged, or of a kind that is not supported. Use RSA, ECDSA or Ed25519",
      cause,
    );
  }
}

function isKey({ label }: PemBlock): boolean {
  return label.endsWith("PRIVATE KEY");
}

function checkKey(
  chain: readonly X509Certificate[],
  key: KeyObject,
  { certificateFile, keyFile }: CertificateFiles,
): void {
  const place = chain.findIndex((certificate) => certificate.checkPrivateKey(key));
  if (place === 0) return;
  if (place > 0) {
    throw unusable(certificateFile, `the certificate of the key ${keyFile} is number ${place + 1} in it. Put it first`);
  }
  throw unusable(
    keyFile,
    `the key does not belong to the certificate ${certificateFile}. Give the key it was made with`,
  );
}

function checkNotExpired(leaf: X509Certificate, file: string, now: Date): void {
  if (leaf.validToDate < now) throw unusable(file, `the certificate expired on ${leaf.validTo}. Renew it`);
}

function notYetValid(leaf: X509Certificate, file: string, now: Date): string[] {
  if (leaf.validFromDate <= now) return [];
  return [`The certificate ${file} is not valid before ${leaf.validFrom}. Is the clock of this machine right?`];
}

function outOfOrder(chain: readonly X509Certificate[], file: string): string[] {
  const place = chain.findIndex((certificate, index) => {
    const issuer = chain[index + 1];
    return issuer !== undefined && !certificate.checkIssued(issuer);
  });
  if (place === -1) return [];
  return [
    `In ${file} certificate ${place + 2} did not issue certificate ${place + 1}. Put each issuer behind what it issued.`,
  ];
}

function unusable(file: string, reasonAndRemedy: string, cause?: unknown): UsageError {
  const dot = /[.?]$/.test(reasonAndRemedy) ? "" : ".";
  return new UsageError(`The file ${file} cannot be used: ${reasonAndRemedy}${dot}`, { cause });
}
