/** From which authority an edge has its certificates: what its settings mean alone, and together. */
import { UsageError } from "../base/errors.ts";
import { isWildcardName, parseEndpointName } from "../model/endpoint-name.ts";
import { expected } from "./fields.ts";

export interface AcmeConfig {
  readonly directoryUrl: string;
  /** Mail address. */
  readonly contact: string | undefined;
  readonly externalAccount: { readonly keyId: string; readonly hmacKey: string } | undefined;
  /** Path of a program. */
  readonly dnsHook: string | undefined;
  /** Domains of others, with everything below, for which that program may be called too. Lower case. */
  readonly dnsZones: readonly string[];
  /** Path of a PEM file with whom to trust in place of the usual authorities; for an authority inside a company. */
  readonly rootsFile: string | undefined;
}

/** The values of the settings by their names, `undefined` for those that nobody gave. */
export interface AcmeSettings {
  readonly acme: string | undefined;
  readonly "acme-agree": boolean | undefined;
  readonly "acme-contact": string | undefined;
  readonly "acme-eab-kid": string | undefined;
  readonly "acme-eab-key": string | undefined;
  readonly "acme-dns-hook": string | undefined;
  readonly "acme-dns-zones": readonly string[] | undefined;
  readonly "acme-roots": string | undefined;
}

const DIRECTORIES: Readonly<Record<string, string>> = {
  letsencrypt: "https://acme-v02.api.letsencrypt.org/directory",
  "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
};

/** The URL of an authority's directory; `undefined`: no authority. Throws UsageError. */
export function parseAuthority(text: string): string | undefined {
  if (text === "off" || text === "false") return undefined;
  const url = DIRECTORIES[text] ?? text;
  if (URL.parse(url)?.protocol !== "https:")
    throw expected(`${Object.keys(DIRECTORIES).join(", ")}, the https URL of an ACME directory, or off`, text);
  return url;
}

/** A domain in lower case, which stands for everything below it as well. Throws UsageError or PublicError. */
export function parseZone(text: string): string {
  const domain = parseEndpointName(text);
  if (isWildcardName(domain)) throw expected("a domain such as example.org, without *.", text);
  return domain;
}

/** Throws UsageError. */
export function parseMailAddress(text: string): string {
  if (!/^[^\s@<>,?]+@[^\s@<>,?]+$/.test(text)) throw expected("a mail address such as ops@example.org", text);
  return text;
}

/** Base64url, as authorities hand it out. It is secret, so the UsageError does not repeat it. */
export function parseExternalKey(text: string): string {
  if (!/^[A-Za-z0-9_-]{16,512}=*$/.test(text)) throw new UsageError("the key of an external account is base64url");
  return text.replace(/=+$/, "");
}

/** Throws UsageError when the settings do not fit together. `undefined`: no authority. */
export function acmeConfig(settings: AcmeSettings, canAnswerByPort: boolean): AcmeConfig | undefined {
  const { acme: directoryUrl, "acme-eab-kid": keyId, "acme-eab-key": hmacKey } = settings;
  const dnsHook = settings["acme-dns-hook"];
  if (directoryUrl === undefined) {
    const idle = Object.entries(settings).find(([, value]) => value !== undefined && value !== false)?.[0];
    if (idle !== undefined)
      throw new UsageError(`${idle} means nothing without acme: say which authority, or remove it`);
    return undefined;
  }
  if (settings["acme-agree"] !== true)
    throw new UsageError("acme needs acme-agree: set it to true when you agree to the terms of the authority");
  if ((keyId === undefined) !== (hmacKey === undefined))
    throw new UsageError("acme-eab-kid and acme-eab-key need each other: give both or none");
  if (settings["acme-dns-zones"] !== undefined && dnsHook === undefined)
    throw new UsageError("acme-dns-zones means nothing without acme-dns-hook: say which program, or remove it");
  if (!canAnswerByPort && dnsHook === undefined)
    throw new UsageError("the authority could validate no name: acme needs http or https, or acme-dns-hook");
  return {
    directoryUrl,
    contact: settings["acme-contact"],
    externalAccount: keyId === undefined || hmacKey === undefined ? undefined : { keyId, hmacKey },
    dnsHook,
    dnsZones: settings["acme-dns-zones"] ?? [],
    rootsFile: settings["acme-roots"],
  };
}
