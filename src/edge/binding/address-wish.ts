/** The public address that a bind asks for, read from the several fields in which agents write it (protocol.md section 5). */
import { type HostPort, parseHostPort } from "../../base/host-port.ts";
import { parseEndpointName } from "../../model/endpoint-name.ts";
import { PublicError } from "../../base/errors.ts";
import { type InternalUrl, isInternalName, parseInternalUrl } from "../../model/internal-url.ts";
import type { BindRequest } from "../../protocol/rpc/bind.ts";

/** Fields of `Opts` that name a host, the one that counts first. Agents fill `hostname` from our first reply. */
interface HostFields {
  readonly url: string;
  readonly hostname: string;
  readonly domain: string;
  readonly subdomain: string;
}

/**
 * The host name that is asked for, `undefined` for any. A subdomain stands below the first base domain.
 * @throws PublicError for a name that no endpoint can have.
 */
export function wantedHost(fields: HostFields, baseDomain: string): string | undefined {
  const named = hostOfUrl(fields.url) || fields.hostname || fields.domain;
  const host = named || (fields.subdomain === "" ? "" : `${fields.subdomain}.${baseDomain}`);
  return host === "" ? undefined : parseEndpointName(host);
}

/**
 * The internal address that a bind asks for, by its name or by its binding; `undefined`: it is to be public (reference.md 7.12).
 * @throws PublicError for one that no endpoint can have, or that contradicts the binding
 */
export function wantedInternal({ protocol, options, extra: { bindings } }: BindRequest): InternalUrl | undefined {
  const authority =
    authorityOfUrl(options.url) || ("address" in options ? options.address : options.hostname || options.domain);
  const isInternal = isInternalName(authority.replace(/:\d*$/, "").toLowerCase());
  const url = `${protocol}://${authority}`;
  if (isInternal === bindings.includes("internal") || bindings.length === 0) {
    return isInternal ? parseInternalUrl(url) : undefined;
  }
  const reason = isInternal
    ? "a name below .internal is never public"
    : "the binding internal needs a name below .internal";
  throw new PublicError("ERR_GINNEL_INTERNAL_URL", { url, reason });
}

/**
 * The TCP address that is asked for, `undefined` for any. `ports` says in messages which ones there are.
 * @throws PublicError when it is none.
 */
export function wantedAddress(
  fields: { readonly url: string; readonly address: string },
  ports: string,
): HostPort | undefined {
  const text = authorityOfUrl(fields.url) || fields.address;
  if (text === "") return undefined;
  const address = parseHostPort(text);
  if (address === undefined || address.port === 0) throw new PublicError("ERR_NGROK_307", { address: text, ports });
  return address;
}

/** The port in the URL of a name; `undefined` when it says none. */
export function wantedPort(url: string): number | undefined {
  const [, port] = /:(\d+)$/.exec(authorityOfUrl(url)) ?? [];
  return port === undefined ? undefined : Number(port);
}

function hostOfUrl(url: string): string {
  const authority = authorityOfUrl(url);
  return authority.replace(/:\d*$/, "");
}

/** `https://app.example.com:443/` and `app.example.com` alike; `https://` alone asks for any host. */
function authorityOfUrl(url: string): string {
  return url.replace(/^[a-z]+:\/\//i, "").replace(/\/$/, "");
}
