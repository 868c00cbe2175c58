/** From the fields of a tunnel definition to the tunnel it means. */
import { PublicError, UsageError } from "../base/errors.ts";
import { parseEndpointName } from "../model/endpoint-name.ts";
import { isInternalName, parseInternalName } from "../model/internal-url.ts";
import { parsePublicUrl, parseRemoteAddress, parseSubdomain } from "../model/public-url.ts";
import {
  MAX_BASIC_AUTH_PAIRS,
  type AgentTermination,
  type HostHeaderRule,
  type HostWish,
  type HttpScheme,
  type PemSource,
  type TlsTunnel,
  type TcpTunnel,
  type TunnelDefinition,
  type UpstreamProtocol,
  type UpstreamTlsRule,
} from "../model/tunnel-definition.ts";
import { parseUpstreamAddress, TUNNEL_PROTOS, type TunnelProto } from "../model/upstream-address.ts";
import { readBySchema, type Blame } from "./config-problem.ts";
import { readModules } from "./module-reader.ts";
import { looseTunnelFields, misplacedKeys, strictTunnelFields, type TunnelFields } from "./tunnel-fields.ts";
import { unsupportedSettings } from "./unsupported-settings.ts";

export interface TunnelReading {
  readonly blame: Blame;
  /** Whether unknown keys are refused (all but version 1). */
  readonly isStrict: boolean;
  /** Endpoints of an http tunnel that chooses none (reference.md C-06). */
  readonly defaultSchemes: readonly HttpScheme[];
}

export const MIN_PASSWORD_LENGTH = 8;
export const MAX_PASSWORD_LENGTH = 128;

/**
 * Reads a definition. Throws what `blame` makes of the first fault; the cause is a PublicError where the fault has a published
 * code. Paths are kept as written.
 */
export function readTunnel(name: string, value: unknown, reading: TunnelReading): TunnelDefinition {
  const schema = reading.isStrict ? strictTunnelFields : looseTunnelFields;
  const fields = readBySchema(schema, value, { blame: reading.blame, typeName: "config.Tunnel" });
  return new TunnelReader(name, fields, reading).read();
}

class TunnelReader {
  readonly #name: string;
  readonly #fields: TunnelFields;
  readonly #reading: TunnelReading;

  constructor(name: string, fields: TunnelFields, reading: TunnelReading) {
    this.#name = name;
    this.#fields = fields;
    this.#reading = reading;
  }

  read(): TunnelDefinition {
    const proto = this.#proto();
    const [misplaced] = misplacedKeys(this.#fields, proto, this.#reading.isStrict);
    if (misplaced !== undefined) throw this.#fault(misplaced, `does not apply to ${proto} tunnels`);
    const { addr, metadata = "", description = "", proxy_proto: proxyProtocol } = this.#fields;
    if (addr === undefined) throw this.#reading.blame([], "field addr is missing: where does the tunnel lead?");
    const upstream = this.#attempt("addr", () => parseUpstreamAddress(addr, proto));
    const unsupported = unsupportedSettings(this.#fields);
    const isPooled = this.#fields.pooling_enabled ?? false;
    const modules = readModules(this.#fields, (key, message, cause) => this.#fault(key, message, cause));
    const free = { metadata, description, isPooled, proxyProtocol, unsupported };
    const common = { name: this.#name, upstream, ...free, ...(modules && { modules }) };
    const tunnel = this.#ofProto(proto, common);
    this.#checkBinding(tunnel);
    return tunnel;
  }

  #ofProto(proto: TunnelProto, common: Omit<TcpTunnel, "proto" | "remoteAddress">): TunnelDefinition {
    switch (proto) {
      case "tcp":
        return { ...common, proto, remoteAddress: this.#remoteAddress() };
      case "tls":
        return { ...common, proto, host: this.#hostOf(proto).host, ...this.#tlsPart() };
      case "http":
        return { ...common, proto, ...this.#httpPart() };
      default:
        return proto satisfies never;
    }
  }

  /** Names below `.internal` are internal, and no others (reference.md 7.12). */
  #checkBinding(tunnel: TunnelDefinition): void {
    const [binding, second] = new Set(this.#fields.bindings ?? []);
    if (second !== undefined) throw this.#fault("bindings", "may name one binding only");
    const wish = tunnel.proto === "tcp" ? tunnel.remoteAddress : tunnel.host;
    const isInternal = wish !== undefined && "host" in wish && isInternalName(wish.host);
    if (binding === "internal" && !isInternal)
      throw this.#fault("bindings", "internal needs a url whose name ends in .internal, such as https://api.internal");
    if (binding === "public" && isInternal)
      throw this.#fault("bindings", "a name that ends in .internal is never public");
  }

  #proto(): TunnelProto {
    const { proto, labels } = this.#fields;
    if (proto !== undefined) return proto;
    if (labels !== undefined) throw this.#fault("labels", "labelled tunnels are not yet supported; give a proto");
    throw this.#reading.blame([], `field proto is missing: one of ${TUNNEL_PROTOS.join(", ")}`);
  }

  #httpPart() {
    const { schemes, host } = this.#hostOf("http");
    const [basicAuth, hostHeader, upstreamTls] = [this.#basicAuth(), this.#hostHeader(), this.#upstreamTls()];
    const { inspect = true } = this.#fields;
    const upstreamProtocol = this.#upstreamProtocol();
    const clientCas = this.#clientCas();
    if (clientCas.length > 0 && schemes.includes("http")) {
      const key = this.#fields.mutual_tls_cas === undefined ? "client_cas" : "mutual_tls_cas";
      throw this.#fault(key, "needs https alone: visitors of http show no certificate");
    }
    const common = { schemes, host, basicAuth, hostHeader, upstreamTls, upstreamProtocol, inspect };
    return { ...common, ...(clientCas.length > 0 && { clientCas }) };
  }

  #hostOf(proto: "http" | "tls"): { readonly host: HostWish; readonly schemes: readonly HttpScheme[] } {
    const { url, hostname, domain, subdomain } = this.#fields;
    const schemes = this.#schemes();
    this.#refuseSecondOf("url", "hostname", "domain", "subdomain");
    if (url !== undefined) {
      const wish = this.#attempt("url", () => parsePublicUrl(url, proto));
      if (wish.scheme === "tcp") throw this.#fault("url", `a ${proto} tunnel has no tcp address`);
      const chosen = url.includes("://") && wish.scheme !== "tls" ? [wish.scheme] : undefined;
      if (chosen !== undefined && schemes !== undefined && String(chosen) !== String(schemes))
        throw this.#fault("url", `its scheme contradicts the choice of ${schemes.join(", ")}`);
      return { host: wish.host, schemes: chosen ?? schemes ?? ["https"] };
    }
    const usual = schemes ?? this.#reading.defaultSchemes;
    const [key, name] = hostname === undefined ? (["domain", domain] as const) : (["hostname", hostname] as const);
    if (name !== undefined) {
      return { host: { kind: "host", host: this.#attempt(key, () => parseHostName(name)) }, schemes: usual };
    }
    if (subdomain === undefined) return { host: { kind: "random" }, schemes: usual };
    return { host: this.#attempt("subdomain", () => parseSubdomain(subdomain)), schemes: usual };
  }

  #schemes(): readonly HttpScheme[] | undefined {
    const { schemes, bind_tls: bindTls } = this.#fields;
    if (schemes !== undefined && schemes.length > 0) return [...new Set(schemes)].sort();
    if (bindTls === undefined) return undefined;
    return { true: ["https"] as const, false: ["http"] as const, both: ["http", "https"] as const }[bindTls];
  }

  #remoteAddress() {
    const { url, remote_addr: remote } = this.#fields;
    this.#refuseSecondOf("url", "remote_addr");
    if (remote !== undefined) return this.#attempt("remote_addr", () => parseRemoteAddress(remote));
    const wish = url === undefined ? undefined : this.#attempt("url", () => parsePublicUrl(url, "tcp"));
    return wish?.scheme === "tcp" ? wish.address : undefined;
  }

  #basicAuth(): readonly string[] {
    const { auth, basic_auth: pairs = [] } = this.#fields;
    if (auth !== undefined) this.#attempt("auth", () => checkPair(auth));
    for (const pair of pairs)
      this.#attempt("basic_auth", () => checkPair(pair, { least: MIN_PASSWORD_LENGTH, most: MAX_PASSWORD_LENGTH }));
    const all = auth === undefined ? pairs : [auth, ...pairs];
    if (all.length > MAX_BASIC_AUTH_PAIRS)
      throw this.#fault("basic_auth", `may hold at most ${MAX_BASIC_AUTH_PAIRS} pairs`);
    return all;
  }

  #hostHeader(): HostHeaderRule {
    const { host_header: value = "preserve" } = this.#fields;
    if (value === "preserve" || value === "rewrite") return { kind: value };
    if (!/^[!-~]+$/.test(value)) throw this.#fault("host_header", "may only hold printable ASCII without spaces");
    return { kind: "value", value };
  }

  #tlsPart(): Pick<TlsTunnel, "termination" | "edgeTermination" | "upstreamTls"> {
    const { terminate_at: where } = this.#fields;
    const [pair, clientCas, upstreamTls] = [this.#pair(), this.#clientCas(), this.#upstreamTls()];
    if (where === "edge") return { termination: undefined, edgeTermination: { pair, clientCas }, upstreamTls };
    if (pair !== undefined) {
      if (where === "upstream") throw this.#fault("terminate_at", "upstream contradicts crt and key; remove one");
      return { termination: { ...pair, clientCas }, upstreamTls };
    }
    if (where === "agent") throw this.#fault("terminate_at", "agent needs crt and key");
    if (clientCas.length > 0) {
      const key = this.#fields.mutual_tls_cas === undefined ? "client_cas" : "mutual_tls_cas";
      throw this.#fault(
        key,
        "needs crt and key beside it, or edge as terminate_at: TLS has to end before the upstream",
      );
    }
    return { termination: undefined, upstreamTls };
  }

  #pair(): Pick<AgentTermination, "certificate" | "key"> | undefined {
    const { crt, key } = this.#fields;
    if (crt === undefined && key === undefined) return undefined;
    if (crt === undefined) throw this.#fault("key", "needs crt beside it");
    if (key === undefined) throw this.#fault("crt", "needs key beside it");
    return { certificate: pemSource(crt), key: pemSource(key) };
  }

  #clientCas(): readonly PemSource[] {
    return (this.#fields.mutual_tls_cas ?? this.#fields.client_cas ?? []).map(pemSource);
  }

  #upstreamProtocol(): UpstreamProtocol {
    const { app_protocol: protocol = "http1" } = this.#fields;
    if (protocol === "http1" || protocol === "http2") return protocol;
    throw this.#fault("app_protocol", `is http1 or http2, not ${JSON.stringify(protocol)}`);
  }

  #upstreamTls(): UpstreamTlsRule {
    const cas = this.#fields.upstream_tls_verify_cas ?? this.#fields.upstream_ca_path;
    const verify = this.#fields.upstream_tls_verify ?? this.#fields.verify_upstream_tls ?? cas !== undefined;
    return { verify, cas: cas === undefined ? undefined : pemSource(cas) };
  }

  #refuseSecondOf(...keys: readonly (keyof TunnelFields)[]): void {
    const [first, second] = keys.filter((key) => this.#fields[key] !== undefined);
    if (first !== undefined && second !== undefined) throw this.#fault(second, `contradicts ${first}; remove one`);
  }

  #attempt<T>(key: string, parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      if (error instanceof UsageError || error instanceof PublicError) throw this.#fault(key, error.message, error);
      throw error;
    }
  }

  #fault(key: string, message: string, cause?: Error): UsageError {
    return this.#reading.blame([key], `field ${key}: ${message}`, cause);
  }
}

function parseHostName(text: string): string {
  const name = parseEndpointName(text);
  return isInternalName(name) ? parseInternalName(name) : name;
}

/** Passwords of version 1 have any length; they were never limited. */
function checkPair(pair: string, length?: { readonly least: number; readonly most: number }): void {
  const colon = pair.indexOf(":");
  if (colon < 0) throw new UsageError("a credential is written user:password");
  if (colon === 0) throw new PublicError("ERR_NGROK_359", {});
  const got = pair.length - colon - 1;
  if (length !== undefined && (got < length.least || got > length.most))
    throw new PublicError("ERR_NGROK_360", { ...length, got });
}

function pemSource(text: string): PemSource {
  return text.includes("-----BEGIN ") ? { kind: "text", text } : { kind: "file", path: text };
}
