/**
 * The keys of a tunnel definition (reference.md 1.3 and 2.4), those of version 1 and version 2 alike. Files, flags and the agent's
 * API share this one list: a key is the flag's name with underscores.
 */
import { z } from "zod";
import { MAX_DESCRIPTION_BYTES, MAX_METADATA_BYTES } from "../model/tunnel-definition.ts";
import { TUNNEL_PROTOS, type TunnelProto } from "../model/upstream-address.ts";
import {
  booleanField,
  expected,
  limitedTextField,
  listField,
  parsedField,
  ratioField,
  rawField,
  settingsField,
  textField,
  wordField,
} from "./fields.ts";

const COMMON = {
  proto: wordField(TUNNEL_PROTOS),
  addr: textField(),
  url: textField(),
  inspect: booleanField(),
  metadata: limitedTextField(MAX_METADATA_BYTES),
  description: limitedTextField(MAX_DESCRIPTION_BYTES),
  proxy_proto: parsedField(parseProxyProtocol),
  bindings: listField(parseBinding),
  pooling_enabled: booleanField(),
  ip_restriction: settingsField({ allow_cidrs: listField((text) => text), deny_cidrs: listField((text) => text) }),
  labels: rawField(),
  policy: rawField(),
  traffic_policy: rawField(),
  traffic_policy_file: textField(),
  traffic_policy_url: textField(),
};

const HOST = { subdomain: textField(), hostname: textField(), domain: textField() };

const UPSTREAM_TLS = {
  upstream_tls_verify: booleanField(),
  upstream_tls_verify_cas: textField(),
  verify_upstream_tls: booleanField(),
  upstream_ca_path: textField(),
};

const CLIENT_CERTIFICATES = { mutual_tls_cas: listField((text) => text), client_cas: listField((text) => text) };

const HTTP = {
  auth: textField(),
  basic_auth: listField((text) => text),
  bind_tls: wordField(["true", "false", "both"]),
  schemes: listField(parseHttpScheme),
  host_header: textField(),
  app_protocol: textField(),
  circuit_breaker: ratioField(),
  compression: booleanField(),
  oauth: rawField(),
  oidc: rawField(),
  request_header: headerLists(),
  response_header: headerLists(),
  user_agent_filter: settingsField({ allow: listField((text) => text), deny: listField((text) => text) }),
  verify_webhook: settingsField({ provider: textField(), secret: textField() }),
  websocket_tcp_converter: booleanField(),
};

const TLS = { crt: textField(), key: textField(), terminate_at: wordField(["edge", "agent", "upstream"]) };

const TCP = { remote_addr: textField() };

/** Refuses unknown keys (versions 2 and 3, flags). */
export const strictTunnelFields = z.strictObject(
  { ...COMMON, ...HOST, ...UPSTREAM_TLS, ...CLIENT_CERTIFICATES, ...HTTP, ...TLS, ...TCP },
  { error: "expected a map of settings such as proto and addr" },
);

/** Ignores unknown keys (version 1). */
export const looseTunnelFields = z.object(strictTunnelFields.shape, {
  error: "expected a map of settings such as proto and addr",
});

export type TunnelFields = z.output<typeof strictTunnelFields>;

const KEYS_OF: Readonly<Record<TunnelProto, ReadonlySet<string>>> = {
  http: keysOf(COMMON, HOST, UPSTREAM_TLS, CLIENT_CERTIFICATES, HTTP),
  tls: keysOf(COMMON, HOST, UPSTREAM_TLS, CLIENT_CERTIFICATES, TLS),
  tcp: keysOf(COMMON, TCP),
};

/** These restrict who may come in. On a tunnel that has no use for them they are refused in every version. */
const PROTECTIVE: ReadonlySet<string> = new Set([
  "auth",
  "basic_auth",
  "mutual_tls_cas",
  "client_cas",
  "oauth",
  "oidc",
  "user_agent_filter",
  "verify_webhook",
]);

/** Keys that are set but mean nothing for this protocol, and may not be passed over. */
export function misplacedKeys(fields: TunnelFields, proto: TunnelProto, isStrict: boolean): readonly string[] {
  return Object.entries(fields)
    .filter(([key, value]) => value !== undefined && !KEYS_OF[proto].has(key))
    .map(([key]) => key)
    .filter((key) => isStrict || PROTECTIVE.has(key));
}

function keysOf(...shapes: readonly object[]): ReadonlySet<string> {
  return new Set(shapes.flatMap((shape) => Object.keys(shape)));
}

function headerLists() {
  return settingsField({ add: listField((text) => text), remove: listField((text) => text) });
}

/** What is not built yet is let through, to be refused by its name. */
function parseBinding(text: string): string {
  if (!["public", "internal", "kubernetes"].includes(text)) throw expected("public or internal", text);
  return text;
}

function parseProxyProtocol(text: string): 1 | 2 | undefined {
  if (text === "1") return 1;
  if (text === "2") return 2;
  if (text === "0") return undefined;
  throw expected("1 or 2", text);
}

function parseHttpScheme(text: string): "http" | "https" {
  if (text === "http" || text === "https") return text;
  throw expected("http or https", text);
}
