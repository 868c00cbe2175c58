import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/**
 * The DNS names and IP addresses of a certificate's subject alternative name, in the form of
 * {@link CertificateMaterial.names}. The common name is not looked at (RFC 9525 section 2).
 */
export function certificateNames(certificate: X509Certificate): string[] {
  const text = certificate.subjectAltName ?? "";
  // node quotes an entry that holds a comma or worse; no host has such a name, so it matches nothing here
  return text.split(", ").flatMap((entry) => {
    const [, kind, value = ""] = /^(DNS|IP Address):([^"]+)$/.exec(entry) ?? [];
    if (kind === undefined) return [];
    return kind === "DNS" ? [value.toLowerCase()] : addressNames(value);
  });
}

function addressNames(value: string): string[] {
  return ipaddr.isValid(value) ? [ipaddr.parse(value).toString()] : [];
}

/** How well a certificate with these names fits a host: by its own name, by a wildcard, or not at all. */
export type NameFit = "exact" | "wildcard" | "none";

/**
 * RFC 9525 section 6.3: letters without case, a wildcard only as the whole left-most label, standing for exactly one
 * label. An IP address fits only itself.
 */
export function nameFit(names: readonly string[], host: string): NameFit {
  if (isIP(host) !== 0) return names.includes(ipaddr.parse(host).toString()) ? "exact" : "none";
  const name = host.toLowerCase().replace(/\.$/, "");
  if (names.includes(name)) return "exact";
  const dot = name.indexOf(".");
  return dot > 0 && names.includes(`*${name.slice(dot)}`) ? "wildcard" : "none";
}
