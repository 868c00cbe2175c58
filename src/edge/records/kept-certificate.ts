import { createPrivateKey, X509Certificate } from "node:crypto";
import type { CertificateMaterial } from "../../pki/certificate-material.ts";
import { certificateNames } from "../../pki/certificate-names.ts";
import type { SecretBox } from "../../store/secret-box.ts";

/** A record that keeps a certificate with its key. */
export interface CertificateRecord {
  readonly id: string;
  readonly certificatePem: string;
  readonly sealedKey: Uint8Array;
}

/** The certificate of a record with its key open; otherwise, for the log, why it is of no use. */
export function openCertificate(
  { id, certificatePem, sealedKey }: CertificateRecord,
  secrets: SecretBox,
): CertificateMaterial | string {
  const keyPem = secrets.open(sealedKey, id);
  if (keyPem === undefined) return "its key was sealed with another key, or changed since";
  try {
    const leaf = new X509Certificate(certificatePem);
    if (!leaf.checkPrivateKey(createPrivateKey(keyPem))) return "its key does not belong to it";
    const { validFromDate: notBefore, validToDate: notAfter } = leaf;
    return { certPem: certificatePem, keyPem, names: certificateNames(leaf), notBefore, notAfter };
  } catch {
    return "certificate or key cannot be read";
  }
}
