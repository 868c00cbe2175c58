import { createPrivateKey } from "node:crypto";
import type { CertificateMaterial } from "../../pki/certificate-material.ts";
import type { KeyType } from "./certificate-authority.ts";

/** Of a certificate's life. */
const RENEW_AFTER = 2 / 3;

/** When a certificate of an authority is to be replaced. */
export function renewsAt({ notBefore, notAfter }: CertificateMaterial): Date {
  const lifeMs = notAfter.getTime() - notBefore.getTime();
  return new Date(notBefore.getTime() + lifeMs * RENEW_AFTER);
}

/** The kind of its key, so that the next one gets the same. */
export function keyTypeOf({ keyPem }: CertificateMaterial): KeyType {
  return createPrivateKey(keyPem).asymmetricKeyType === "rsa" ? "rsa" : "ecdsa";
}
