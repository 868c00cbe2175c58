import { isIP } from "node:net";
import type * as X509 from "@peculiar/x509";
import { randomHex } from "../base/random.ts";
import type { CertificateMaterial } from "./certificate-material.ts";

const DAY_MS = 24 * 3600 * 1000;
const CA_DAYS = 3652;
/** Browsers refuse more than 398. */
const LEAF_DAYS = 90;
/** Visitors' clocks are not always right. */
const BACKDATE_MS = 3600 * 1000;
const COMMON_NAME_LIMIT = 64;

const KEY_ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING_ALGORITHM = { name: "ECDSA", hash: "SHA-256" } as const;

/** A certificate as PEM text, which its own key has signed. */
export interface CaMaterial {
  readonly certPem: string;
  /** Secret. */
  readonly keyPem: string;
}

/** A new authority for 10 years from `now`; it signs leaves only. P-256. */
export async function createCa(commonName: string, now: Date): Promise<CaMaterial> {
  const x509 = await loadX509();
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerial(),
    name: nameOf(commonName),
    keys,
    signingAlgorithm: SIGNING_ALGORITHM,
    ...validity(now, CA_DAYS),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certPem: pem(certificate.toString("pem")), keyPem: await privateKeyPem(keys.privateKey) };
}

/**
 * A certificate for servers of these names, with a key of its own, valid 90 days from `now`, and never longer than the
 * authority. `names` are DNS names, also with a wildcard as first label, and IP addresses; at least one.
 */
export async function issueLeaf(ca: CaMaterial, names: readonly string[], now: Date): Promise<CertificateMaterial> {
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(ca.certPem);
  const signingKey = await importKey(ca.keyPem);
  const keys = await generateKeys();
  const { notBefore, notAfter } = validity(now, LEAF_DAYS);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: nameOf(names.find((name) => name.length <= COMMON_NAME_LIMIT) ?? "ginnel"),
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: SIGNING_ALGORITHM,
    notBefore,
    notAfter: notAfter < issuer.notAfter ? notAfter : issuer.notAfter,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) === 0 ? "dns" : "ip", value: name }) as const),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certPem: pem(certificate.toString("pem")),
    keyPem: await privateKeyPem(keys.privateKey),
    isSentAlone: true,
    names: [...names],
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
  };
}

/** What {@link createValidationCertificate} answers to (RFC 8737 section 6.1). */
const ACME_IDENTIFIER = "1.3.6.1.5.5.7.1.31";
const OCTET_STRING = 0x04;

/**
 * Signed by itself, for an authority that validates the name by TLS-ALPN-01 (RFC 8737 section 3): `digest` is the SHA-256 of the
 * key authorization. Shown to nobody else.
 */
export async function createValidationCertificate(name: string, digest: Uint8Array, now: Date): Promise<CaMaterial> {
  const x509 = await loadX509();
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerial(),
    name: nameOf(name.slice(0, COMMON_NAME_LIMIT)),
    keys,
    signingAlgorithm: SIGNING_ALGORITHM,
    ...validity(now, 1),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.SubjectAlternativeNameExtension([{ type: "dns", value: name }]),
      new x509.Extension(ACME_IDENTIFIER, true, Uint8Array.of(OCTET_STRING, digest.length, ...digest)),
    ],
  });
  return { certPem: pem(certificate.toString("pem")), keyPem: await privateKeyPem(keys.privateKey) };
}

/** Loaded when the first certificate is made: it is most of the start-up time, and a user with a certificate needs none. */
async function loadX509(): Promise<typeof X509> {
  await import("reflect-metadata"); // must come first, the library throws without it
  return import("@peculiar/x509");
}

function generateKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
}

function importKey(keyPem: string): Promise<CryptoKey> {
  const der = Buffer.from(keyPem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  return crypto.subtle.importKey("pkcs8", der, KEY_ALGORITHM, false, ["sign"]);
}

async function privateKeyPem(key: CryptoKey): Promise<string> {
  const base64 = Buffer.from(await crypto.subtle.exportKey("pkcs8", key)).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${base64.replace(/.{1,64}/g, "$&\n")}-----END PRIVATE KEY-----\n`;
}

/** 128 random bits behind a fixed byte that keeps the number positive and of constant length. */
function randomSerial(): string {
  return `01${randomHex(16)}`;
}

function validity(now: Date, days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(now.getTime() - BACKDATE_MS), notAfter: new Date(now.getTime() + days * DAY_MS) };
}

/** As data, not text: names would need escaping there. */
function nameOf(commonName: string): X509.JsonName {
  return [{ CN: [commonName] }];
}

function pem(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}
