/** Flags of the commands that open one endpoint (reference.md 1.2 and 1.3). */
import type { FlagTable } from "../flag-spec.ts";

/** The published reason for every flag that was folded into `--url`. */
const USE_URL = "use --url";
/** The published reason for every flag that a traffic policy replaces. */
const USE_POLICY = "a traffic policy will replace it";

/** On http, tcp and tls. */
export const ENDPOINT_FLAGS = {
  url: { type: "string", value: "URL", help: "public URL to ask for; a random name without it" },
  name: { type: "string", value: "NAME", help: "name of the tunnel (default command_line)" },
  metadata: { type: "string", value: "TEXT", help: "free text kept with the tunnel, at most 4096 bytes" },
  description: { type: "string", value: "TEXT", help: "free text for people, at most 255 bytes" },
  "upstream-proxy-protocol": {
    type: "string",
    value: "VERSION",
    choices: ["1", "2"],
    aliases: ["proxy-proto"],
    help: "tell the upstream who visits with PROXY protocol 1 or 2",
  },
  binding: { type: "list", value: "BINDING", help: "public, or internal for a name in .internal" },
  "pooling-enabled": { type: "boolean", help: "share the URL with other endpoints that do too (default false)" },
  "traffic-policy-file": {
    type: "string",
    value: "PATH",
    aliases: ["policy-file"],
    help: "what happens to visitors, from a file in YAML or JSON",
  },
  "traffic-policy-url": {
    type: "string",
    value: "URL",
    help: "what happens to visitors, from an https URL that is read at the start",
  },
  "cidr-allow": { type: "list", value: "CIDR", help: "only visitors of this network; may be repeated" },
  "cidr-deny": { type: "list", value: "CIDR", help: "no visitors of this network; may be repeated" },
} as const satisfies FlagTable;

/** On http and tls, which visitors reach by name. */
export const NAME_FLAGS = {
  domain: { type: "string", value: "HOST", deprecated: USE_URL, help: "public host name (deprecated: --url)" },
  hostname: { type: "string", value: "HOST", deprecated: USE_URL, help: "older name of --domain (deprecated: --url)" },
  subdomain: {
    type: "string",
    value: "NAME",
    deprecated: USE_URL,
    help: "name below the edge's base domain (deprecated: --url)",
  },
  "upstream-tls-verify": {
    type: "boolean",
    aliases: ["verify-upstream-tls"],
    help: "verify the upstream's certificate (default false)",
  },
  "upstream-tls-verify-cas": {
    type: "string",
    value: "PATH",
    aliases: ["upstream-ca-path"],
    help: "PEM file of the authorities to verify the upstream with",
  },
} as const satisfies FlagTable;

/** On http alone. */
export const HTTP_FLAGS = {
  inspect: { type: "boolean", help: "capture what passes, to look at and replay (default true)" },
  "host-header": {
    type: "string",
    value: "VALUE",
    deprecated: USE_POLICY,
    help: "Host header for the upstream: rewrite, preserve (default) or a value",
  },
  "basic-auth": {
    type: "list",
    value: "USER:PASSWORD",
    deprecated: USE_POLICY,
    help: "credentials that visitors must give, password of 8 characters or more; may be repeated",
  },
  auth: {
    type: "string",
    value: "USER:PASSWORD",
    deprecated: "use --basic-auth",
    help: "older name of --basic-auth, for passwords of any length",
  },
  scheme: {
    type: "list",
    value: "SCHEME",
    choices: ["http", "https"],
    splitsAtCommas: true,
    deprecated: USE_URL,
    help: "http or https (default); may be repeated",
  },
  "bind-tls": {
    type: "string",
    value: "CHOICE",
    choices: ["true", "false", "both"],
    deprecated: USE_URL,
    help: "true: https, false: http, both: one of each (deprecated: --scheme)",
  },
  "mutual-tls-cas": {
    type: "string",
    value: "PATH",
    help: "PEM authorities whose client certificates visitors must show to the edge; https only",
  },
  compression: { type: "boolean", deprecated: USE_POLICY, help: "compress responses for visitors who accept gzip" },
  "circuit-breaker": {
    type: "string",
    value: "RATIO",
    deprecated: USE_POLICY,
    help: "leave the upstream alone for a while at this ratio of 5xx, 0 to 1",
  },
  "request-header-add": {
    type: "list",
    value: "NAME:VALUE",
    deprecated: USE_POLICY,
    help: "header to add to requests; may be repeated",
  },
  "request-header-remove": {
    type: "list",
    value: "NAME",
    deprecated: USE_POLICY,
    help: "header to remove from requests; may be repeated",
  },
  "response-header-add": {
    type: "list",
    value: "NAME:VALUE",
    deprecated: USE_POLICY,
    help: "header to add to responses; may be repeated",
  },
  "response-header-remove": {
    type: "list",
    value: "NAME",
    deprecated: USE_POLICY,
    help: "header to remove from responses; may be repeated",
  },
  oauth: { type: "string", value: "PROVIDER", notYet: true, help: "login with an OAuth provider" },
  "oauth-allow-email": { type: "list", value: "EMAIL", notYet: true, help: "who may enter" },
  "oauth-allow-domain": { type: "list", value: "DOMAIN", notYet: true, help: "whose people may enter" },
  "oauth-scope": { type: "list", value: "SCOPE", notYet: true, help: "what to ask the provider for" },
  "oauth-client-id": { type: "string", value: "ID", notYet: true, help: "own application at the provider" },
  "oauth-client-secret": { type: "string", value: "SECRET", notYet: true, help: "secret of the own application" },
  oidc: { type: "string", value: "URL", notYet: true, help: "login with an OpenID Connect issuer" },
  "oidc-client-id": { type: "string", value: "ID", notYet: true, help: "own application at the issuer" },
  "oidc-client-secret": { type: "string", value: "SECRET", notYet: true, help: "secret of the own application" },
  "oidc-scope": { type: "list", value: "SCOPE", notYet: true, help: "what to ask the issuer for" },
  "verify-webhook": {
    type: "string",
    value: "PROVIDER",
    deprecated: USE_POLICY,
    help: "only webhooks signed by this sender, such as github",
  },
  "verify-webhook-secret": {
    type: "string",
    value: "SECRET",
    deprecated: USE_POLICY,
    help: "what the sender signs with",
  },
  "ua-filter-allow": {
    type: "list",
    value: "REGEX",
    deprecated: USE_POLICY,
    help: "only programs that call themselves so; may be repeated",
  },
  "ua-filter-deny": {
    type: "list",
    value: "REGEX",
    deprecated: USE_POLICY,
    help: "no programs that call themselves so; may be repeated",
  },
  "websocket-tcp-converter": {
    type: "boolean",
    deprecated: USE_POLICY,
    help: "WebSockets from visitors, the bytes of their binary messages to the upstream",
  },
  "upstream-protocol": {
    type: "string",
    value: "PROTOCOL",
    aliases: ["app-protocol"],
    help: "spoken to the upstream: http1 (default) or http2",
  },
} as const satisfies FlagTable;

/** On tls alone. */
export const TLS_FLAGS = {
  crt: { type: "string", value: "PATH", help: "PEM certificate with which the agent ends TLS; needs --key" },
  key: { type: "string", value: "PATH", help: "PEM private key of --crt" },
  "mutual-tls-cas": {
    type: "string",
    value: "PATH",
    aliases: ["client-cas"],
    help: "PEM authorities whose client certificates visitors must show; needs --crt, or --terminate-at edge",
  },
  "terminate-at": {
    type: "string",
    value: "PLACE",
    choices: ["edge", "agent", "upstream"],
    help: "where TLS ends: upstream (default), agent with --crt, or edge",
  },
} as const satisfies FlagTable;

/** On tcp alone. */
export const TCP_FLAGS = {
  "remote-addr": {
    type: "string",
    value: "HOST:PORT",
    deprecated: USE_URL,
    help: "public address to ask for (deprecated: --url)",
  },
} as const satisfies FlagTable;
