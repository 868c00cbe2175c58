/**
 * A URL with everything encoded that may not stand in one as it is. `%` stays, since what is encoded already would be encoded
 * twice. `octets`: what came in a head, with one octet per character; `text`: what somebody wrote.
 */
export function escapedUrl(url: string, kind: "octets" | "text"): string {
  const encoding = kind === "octets" ? "latin1" : "utf8";
  return url.replaceAll(/[^!-~]+/g, (part) => [...Buffer.from(part, encoding)].map(percentEncoded).join(""));
}

function percentEncoded(octet: number): string {
  return `%${octet.toString(16).toUpperCase().padStart(2, "0")}`;
}
