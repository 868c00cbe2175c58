import { X509Certificate } from "node:crypto";
import type * as X509 from "@peculiar/x509";
import { certificateNames } from "./certificate-names.ts";

/** What a certificate says of itself, for people to read. Texts that it does not have are empty. */
export interface CertificateFacts {
  readonly subject: Readonly<Record<"CN" | "O" | "OU" | "L" | "ST" | "C", string>>;
  readonly issuerCommonName: string;
  /** Lower-case hexadecimal digits. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** DNS names and IP addresses it is valid for. */
  readonly names: readonly string[];
  /** In the words of RFC 5280 section 4.2.1.3, such as `digitalSignature`. */
  readonly keyUsages: readonly string[];
  /** In the words of RFC 5280 section 4.2.1.12, such as `serverAuth`; others as object identifiers. */
  readonly extendedKeyUsages: readonly string[];
  /** `ecdsa`, `rsa`, `ed25519`, … */
  readonly keyType: string;
}

const EXTENDED_USAGES: Readonly<Record<string, string>> = {
  "1.3.6.1.5.5.7.3.1": "serverAuth",
  "1.3.6.1.5.5.7.3.2": "clientAuth",
  "1.3.6.1.5.5.7.3.3": "codeSigning",
  "1.3.6.1.5.5.7.3.4": "emailProtection",
  "1.3.6.1.5.5.7.3.8": "timeStamping",
  "1.3.6.1.5.5.7.3.9": "OCSPSigning",
};

/** Of the first certificate in a PEM text that holds one. */
export async function certificateFacts(pem: string): Promise<CertificateFacts> {
  const certificate = new X509Certificate(pem);
  await import("reflect-metadata"); // must come first, the library throws without it
  const x509: typeof X509 = await import("@peculiar/x509");
  const parsed = new x509.X509Certificate(certificate.raw);
  const subject = (name: string): string => parsed.subjectName.getField(name)[0] ?? "";
  const flags = parsed.getExtension(x509.KeyUsagesExtension)?.usages ?? 0;
  const usages = parsed.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? [];
  const keyType = certificate.publicKey.asymmetricKeyType ?? "";
  return {
    subject: {
      CN: subject("CN"),
      O: subject("O"),
      OU: subject("OU"),
      L: subject("L"),
      ST: subject("ST"),
      C: subject("C"),
    },
    issuerCommonName: parsed.issuerName.getField("CN")[0] ?? "",
    serialNumber: parsed.serialNumber,
    notBefore: parsed.notBefore,
    notAfter: parsed.notAfter,
    names: certificateNames(certificate),
    keyUsages: Object.entries(x509.KeyUsageFlags).flatMap(([name, flag]) =>
      typeof flag === "number" && (flags & flag) !== 0 ? [name] : [],
    ),
    extendedKeyUsages: usages.map((usage) => EXTENDED_USAGES[String(usage)] ?? String(usage)),
    keyType: keyType === "ec" ? "ecdsa" : keyType,
  };
}
