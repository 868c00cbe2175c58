/** Where an endpoint that is kept is reached: the URL of its record, taken apart (reference.md 7.1, 7.12). */
import { UsageError } from "../base/errors.ts";
import { formatHostPort } from "../base/host-port.ts";
import { formatInternalUrl, type InternalUrl, isInternalName, parseInternalUrl } from "./internal-url.ts";
import { parsePublicUrl } from "./public-url.ts";

export type EndpointAddress =
  /** `port`: as it was written, when it is not the usual one; the edge knows whether visitors come there. */
  | {
      readonly kind: "named";
      readonly scheme: "http" | "https" | "tls";
      readonly host: string;
      readonly port?: number;
    }
  | { readonly kind: "tcp"; readonly scheme: "tcp"; readonly host: string; readonly port: number }
  | ({ readonly kind: "internal" } & InternalUrl);

/**
 * Takes a URL as {@link parsePublicUrl} does, but one that names a host.
 * @throws PublicError for a name that cannot be, UsageError for a URL that says less or more
 */
export function parseEndpointAddress(text: string): EndpointAddress {
  const wish = parsePublicUrl(text);
  if (wish.scheme === "tcp") {
    const { host, port } = wish.address ?? { host: "", port: 0 };
    if (host === "") throw new UsageError(`the URL ${JSON.stringify(text)} names no host; write tcp://host:port`);
    return isInternalName(host)
      ? { kind: "internal", scheme: "tcp", host, port }
      : { kind: "tcp", scheme: "tcp", host, port };
  }
  if (wish.host.kind !== "host") throw new UsageError(`the URL ${JSON.stringify(text)} names no host`);
  const { host, port } = wish.host;
  if (!isInternalName(host)) return { ...wish.host, kind: "named", scheme: wish.scheme };
  return { kind: "internal", ...parseInternalUrl(`${wish.scheme}://${host}${port === undefined ? "" : `:${port}`}`) };
}

/** The one spelling of it: without a port that is usual, or that is the edge's to choose. */
export function formatEndpointAddress(address: EndpointAddress): string {
  if (address.kind === "internal") return formatInternalUrl(address);
  return address.kind === "tcp" ? `tcp://${formatHostPort(address)}` : `${address.scheme}://${address.host}`;
}
