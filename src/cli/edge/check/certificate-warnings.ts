/** What an operator should know of a certificate that can be used. */
import type { LoadedCertificate } from "../../../pki/certificate-files.ts";

const SOON_MS = 14 * 24 * 60 * 60 * 1_000;

/** Names that it leaves to the edge's own authority, which nobody trusts by himself, and an end that is near. */
export function certificateWarnings(
  { material, warnings }: LoadedCertificate,
  domains: readonly string[],
  now: Date,
): readonly string[] {
  const wanted = domains.flatMap((domain) => [domain, `*.${domain}`]);
  const missing = wanted.filter((name) => !material.names.includes(name));
  const { notAfter } = material;
  return [
    ...warnings,
    ...(missing.length === 0
      ? []
      : [
          `the certificate does not cover ${missing.join(", ")}; the edge's own authority signs for what it leaves out`,
        ]),
    ...(notAfter.getTime() - now.getTime() < SOON_MS
      ? [`the certificate ends on ${notAfter.toISOString().slice(0, 10)}; renew it`]
      : []),
  ];
}
