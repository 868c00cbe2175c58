/** An endpoint of version 3 (reference.md 2.5): other words for what a tunnel definition says, so it is read as one. */
import { z } from "zod";
import type { TunnelDefinition } from "../model/tunnel-definition.ts";
import { parsePublicUrl } from "../model/public-url.ts";
import { PublicError, UsageError } from "../base/errors.ts";
import { readBySchema, type Blame } from "./config-problem.ts";
import { booleanField, listField, rawField, textField } from "./fields.ts";
import { readTunnel } from "./tunnel-reader.ts";

/** The keys of an endpoint; unknown ones are refused. */
export const endpointFields = z.strictObject(
  {
    name: textField(),
    url: textField(),
    bindings: listField((text) => text),
    description: textField(),
    metadata: textField(),
    inspect: booleanField(),
    pooling_enabled: booleanField(),
    traffic_policy: rawField(),
    traffic_policy_file: textField(),
    traffic_policy_url: textField(),
    agent_tls_termination: z
      .strictObject(
        {
          server_certificate: textField(),
          server_private_key: textField(),
          mutual_tls_certificate_authorities: listField((text) => text),
        },
        { error: "expected a map of settings such as server_certificate and server_private_key" },
      )
      .nullish(),
    upstream: z
      .strictObject(
        { url: textField(), protocol: textField(), proxy_protocol: textField() },
        { error: "expected a map of settings such as url" },
      )
      .nullish(),
  },
  { error: "expected a map of settings such as name and upstream" },
);

/** Where a key of the tunnel definition stands in an endpoint, and what messages call it there. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  addr: ["upstream", "url"],
  app_protocol: ["upstream", "protocol"],
  proxy_proto: ["upstream", "proxy_protocol"],
  crt: ["agent_tls_termination", "server_certificate"],
  key: ["agent_tls_termination", "server_private_key"],
  mutual_tls_cas: ["agent_tls_termination", "mutual_tls_certificate_authorities"],
};

/** Every key of an endpoint, with a dot where one stands below another. */
export function endpointKeys(): readonly string[] {
  return Object.entries(endpointFields.shape).flatMap(([key, field]) => {
    const inner = field instanceof z.ZodOptional ? field.unwrap() : field;
    const map = inner instanceof z.ZodNullable ? inner.unwrap() : inner;
    return map instanceof z.ZodObject ? Object.keys(map.shape).map((below) => `${key}.${below}`) : [key];
  });
}

/** The name under which an endpoint is started; the only part of it that must be right before it starts. */
export function endpointName(value: unknown, blame: Blame): string {
  const name = z.looseObject({ name: z.string().min(1) }).safeParse(value).data?.name;
  if (name === undefined) throw blame([], "field name is missing: every endpoint needs one");
  return name;
}

/** Reads an endpoint as the tunnel that it means. Throws like {@link readTunnel}. */
export function readEndpoint(name: string, value: unknown, blame: Blame): TunnelDefinition {
  const endpoint = readBySchema(endpointFields, value, { blame, typeName: "config.Endpoint" });
  const { name: _name, upstream, agent_tls_termination: termination, url, ...same } = endpoint;
  const wish = {
    ...same,
    url: url ?? "https://",
    proto: protoOf(url ?? "", blame),
    addr: upstream?.url,
    app_protocol: upstream?.protocol,
    proxy_proto: upstream?.proxy_protocol,
    crt: termination?.server_certificate,
    key: termination?.server_private_key,
    mutual_tls_cas: termination?.mutual_tls_certificate_authorities,
  };
  const set = Object.fromEntries(Object.entries(wish).filter(([, member]) => member !== undefined));
  const translated: Blame = (path, message, cause) => blame(placeOf(path), inEndpointWords(message), cause);
  const tunnel = readTunnel(name, set, { blame: translated, isStrict: true, defaultSchemes: ["https"] });
  return { ...tunnel, unsupported: tunnel.unsupported.map(inEndpointWords) };
}

function protoOf(url: string, blame: Blame): "http" | "tcp" | "tls" {
  try {
    const { scheme } = parsePublicUrl(url);
    return scheme === "tcp" || scheme === "tls" ? scheme : "http";
  } catch (error) {
    if (error instanceof UsageError || error instanceof PublicError)
      throw blame(["url"], `field url: ${error.message}`, error);
    throw error;
  }
}

function placeOf(path: readonly PropertyKey[]): readonly PropertyKey[] {
  const [key, ...rest] = path;
  return key === undefined ? path : [...(PLACES[String(key)] ?? [key]), ...rest];
}

/** Messages begin with the key that they are about, or with `field` and the key. */
function inEndpointWords(message: string): string {
  return message.replace(/^(field |)(\w+)/, (whole, field: string, key: string) => {
    const place = PLACES[key];
    return place === undefined ? whole : field + place.join(".");
  });
}
