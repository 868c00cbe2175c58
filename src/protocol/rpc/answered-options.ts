import type { BindProtocol } from "./bind-options.ts";
import type { JsonObject } from "./wire-value.ts";

/** The fields that a Rust agent needs in the reply, with what stands for "not set" (protocol.md section 5, marked †). */
const NEEDED_FIELDS: Readonly<Record<BindProtocol, JsonObject>> = {
  http: { Hostname: "", Auth: "", Subdomain: "", HostHeaderRewrite: false, ProxyProto: 0 },
  https: { Hostname: "", Auth: "", Subdomain: "", HostHeaderRewrite: false, ProxyProto: 0 },
  tcp: { Addr: "", ProxyProto: 0 },
  tls: { Hostname: "", Subdomain: "", ProxyProto: 0, MutualTLSAtAgent: false },
};

/**
 * The `Opts` of a Bind reply: those of the request untouched, with the given address filled in and the fields added that the
 * agent needs. `url` is the endpoint's, for example `tcp://edge.example:20001`. Fields keep the spelling that the agent used.
 */
export function answerOptions(protocol: BindProtocol, requested: JsonObject, url: string): JsonObject {
  const answered = new Map(Object.entries(requested));
  const spelling = new Map(Object.keys(requested).map((name) => [name.toLowerCase(), name]));
  const set = (name: string, value: unknown): unknown => answered.set(spelling.get(name.toLowerCase()) ?? name, value);

  for (const [name, value] of Object.entries(NEEDED_FIELDS[protocol])) {
    set(name, answered.get(spelling.get(name.toLowerCase()) ?? name) ?? value);
  }
  if (protocol === "tcp") set("Addr", new URL(url).host);
  else set("Hostname", new URL(url).hostname);
  // Only agents that wrote the field know it.
  if (spelling.has("url")) set("URL", url);
  return Object.fromEntries(answered);
}
