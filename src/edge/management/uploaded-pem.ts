/** Certificates and keys that callers bring, as PEM. Each fault has its published code. */
import { Buffer } from "node:buffer";
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { PublicError } from "../../base/errors.ts";
import { type PemBlock, pemBlocks } from "../../pki/pem.ts";

/** A chain of a few certificates with large keys. */
export const MAX_PEM_BYTES = 65_536;

const KEY_TYPES = new Set(["rsa", "ec", "ed25519"]);

export interface UploadedPair {
  /** The chain alone, leaf first. */
  readonly certificatePem: string;
  /** PKCS#8. Secret. */
  readonly keyPem: string;
}

/** @throws PublicError */
export function uploadedPair(certificateText: string, keyText: string): UploadedPair {
  const chain = uploadedCertificates(certificateText);
  const key = uploadedKey(keyText);
  if (chain[0]?.checkPrivateKey(key) !== true) throw new PublicError("ERR_NGROK_1923", {});
  const isInOrder = chain.every((link, index) => {
    const issuer = chain[index + 1];
    return issuer === undefined || link.checkIssued(issuer);
  });
  if (!isInOrder) throw new PublicError("ERR_NGROK_1926", {});
  const keyPem = key.export({ type: "pkcs8", format: "pem" });
  return { certificatePem: chain.map((link) => link.toString()).join(""), keyPem: keyPem };
}

/** The one certificate of an authority. @throws PublicError */
export function uploadedAuthority(text: string): string {
  const [authority, ...more] = uploadedCertificates(text);
  if (more.length > 0) throw new PublicError("ERR_NGROK_1912", { count: more.length + 1 });
  if (authority?.ca !== true) throw new PublicError("ERR_NGROK_1913", {});
  return authority.toString();
}

function uploadedCertificates(text: string): readonly X509Certificate[] {
  const blocks = blocksOf(text).filter(({ label }) => label === "CERTIFICATE");
  if (blocks.length === 0) throw new PublicError("ERR_NGROK_1922", {});
  try {
    return blocks.map((block) => new X509Certificate(block.text));
  } catch (cause) {
    throw new PublicError("ERR_NGROK_1900", {}, { cause });
  }
}

function uploadedKey(text: string): KeyObject {
  const block = blocksOf(text).find(({ label }) => label.endsWith("PRIVATE KEY"));
  if (block === undefined) throw new PublicError("ERR_NGROK_1903", {});
  if (block.label === "ENCRYPTED PRIVATE KEY" || /^Proc-Type: *4,ENCRYPTED/m.test(block.text)) {
    throw new PublicError("ERR_NGROK_1902", {});
  }
  const key = readKey(block);
  if (!KEY_TYPES.has(key.asymmetricKeyType ?? "")) throw new PublicError("ERR_NGROK_1903", {});
  return key;
}

function readKey(block: PemBlock): KeyObject {
  try {
    return createPrivateKey(block.text);
  } catch (cause) {
    throw new PublicError("ERR_NGROK_1903", {}, { cause });
  }
}

function blocksOf(text: string): readonly PemBlock[] {
  if (Buffer.byteLength(text) > MAX_PEM_BYTES) throw new PublicError("ERR_NGROK_1921", { limitBytes: MAX_PEM_BYTES });
  return pemBlocks(text);
}
