import { PublicError } from "../../base/errors.ts";
import { type EndpointAddress, formatEndpointAddress } from "../../model/endpoint-address.ts";

/** Ports that visitors use, undefined where none come; a URL shows one that is not its scheme's own. */
export interface PublicPorts {
  readonly http: number | undefined;
  readonly https: number | undefined;
}

/** The URL of a name, as visitors have to write it. @throws PublicError where no visitors of the scheme come */
export function publicUrlOf(place: "http" | "https" | "tls", host: string, { http, https }: PublicPorts): string {
  const [port, usual] = place === "http" ? [http, 80] : [https, 443];
  if (port === undefined) throw new PublicError("ERR_GINNEL_SCHEME_OFF", { scheme: place });
  return `${place}://${host}${port === usual ? "" : `:${port}`}`;
}

/**
 * What a URL of a public name says of its port: that of visitors, the usual one of the scheme, or nothing.
 * @throws PublicError for any other
 */
export function checkPublicPort(
  place: "http" | "https" | "tls",
  { host, port }: { readonly host: string; readonly port?: number | undefined },
  ports: PublicPorts,
): void {
  const [served, usual] = place === "http" ? [ports.http, 80] : [ports.https, 443];
  if (port === undefined || port === usual || port === served) return;
  if (served === undefined) throw new PublicError("ERR_GINNEL_SCHEME_OFF", { scheme: place });
  throw new PublicError("ERR_GINNEL_PUBLIC_PORT", { url: `${place}://${host}:${port}`, scheme: place, served });
}

/** The URL of an address, as those who may reach it have to write it. @throws as {@link publicUrlOf} */
export function shownUrl(address: EndpointAddress, ports: PublicPorts): string {
  return address.kind === "named" ? publicUrlOf(address.scheme, address.host, ports) : formatEndpointAddress(address);
}
