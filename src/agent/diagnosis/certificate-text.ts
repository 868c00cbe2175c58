import type { X509Certificate } from "node:crypto";

/** A certificate is worth a word when it ends within so many days; those of an edge's own authority are renewed long before. */
const SOON_DAYS = 7;
const DAY_MS = 24 * 3600 * 1000;
/** More names than these say no more. */
const MAX_NAMES = 5;

/** What people want to know of a certificate: for whom, by whom, until when. */
export function certificateText(certificate: X509Certificate): string {
  const names = namesOf(certificate);
  const shown = names.length > MAX_NAMES ? [...names.slice(0, MAX_NAMES), `${names.length - MAX_NAMES} more`] : names;
  const until = new Date(certificate.validTo).toISOString().slice(0, 10);
  return `certificate for ${shown.join(", ") || "nobody"}, issued by ${issuerOf(certificate)}, valid until ${until}`;
}

/** Whether it has to be renewed now. */
export function endsSoon(certificate: X509Certificate, now: Date): boolean {
  return new Date(certificate.validTo).getTime() - now.getTime() < SOON_DAYS * DAY_MS;
}

/** What is wrong with its time; undefined when it is valid now. */
export function validityFault(certificate: X509Certificate, now: Date): "expired" | "not yet valid" | undefined {
  if (now.getTime() > new Date(certificate.validTo).getTime()) return "expired";
  return now.getTime() < new Date(certificate.validFrom).getTime() ? "not yet valid" : undefined;
}

function namesOf({ subjectAltName }: X509Certificate): readonly string[] {
  return (subjectAltName ?? "").split(", ").flatMap((entry) => entry.split(/:(.*)/s)[1] ?? []);
}

/** The common name, or whatever stands last. */
function issuerOf({ issuer }: X509Certificate): string {
  const lines = issuer.split("\n").filter((line) => line !== "");
  const name = lines.find((line) => line.startsWith("CN=")) ?? lines.at(-1) ?? "";
  return JSON.stringify(name.replace(/^\w+=/, ""));
}
