/** What an operator should know of a certificate that can be used. */
import type { EdgeConfig } from "../../../config/edge-config.ts";
import type { LoadedCertificate } from "../../../pki/certificate-files.ts";

const SOON_MS = 14 * 24 * 60 * 60 * 1_000;

/** Names that it leaves to others, the last of whom is the edge's own authority, which nobody trusts by himself; and an end that is near. */
export function certificateWarnings(
  { material, warnings }: LoadedCertificate,
  { domains, acme, usesLocalCa }: Pick<EdgeConfig, "domains" | "acme" | "usesLocalCa">,
  now: Date,
): readonly string[] {
  const wanted = domains.flatMap((domain) => [domain, `*.${domain}`]);
  const missing = wanted.filter((name) => !material.names.includes(name));
  const { notAfter } = material;
  return [
    ...warnings,
    ...(missing.length === 0
      ? []
      : [`the certificate does not cover ${missing.join(", ")}; ${othersText(acme !== undefined, usesLocalCa)}`]),
    ...(notAfter.getTime() - now.getTime() < SOON_MS
      ? [`the certificate ends on ${notAfter.toISOString().slice(0, 10)}; renew it`]
      : []),
  ];
}

/** Who has a certificate for what it leaves out. */
function othersText(hasAcme: boolean, usesLocalCa: boolean): string {
  const signs = "signs for what it leaves out";
  if (hasAcme) return `the ACME authority ${signs}`;
  return usesLocalCa ? `the edge's own authority ${signs}` : "what it leaves out is refused, because local-ca is false";
}
