/** From the fields of a tunnel definition to the modules that the edge shall run for it (reference.md 1.3, 7.10, 7.11). */
import { PublicError, type UsageError } from "../base/errors.ts";
import { parseCidr } from "../model/cidr.ts";
import type { HeaderLists, NameLists, TrafficPolicySource, TunnelModules } from "../model/tunnel-modules.ts";
import { policyUrlFault } from "./policy-url.ts";
import type { TunnelFields } from "./tunnel-fields.ts";

/** Makes the error of a field. */
export type FieldFault = (key: string, message: string, cause?: Error) => UsageError;

/** Undefined when nothing is asked for. Throws what `fault` makes of the first fault. */
export function readModules(fields: TunnelFields, fault: FieldFault): TunnelModules | undefined {
  const { verify_webhook: webhook, circuit_breaker: threshold } = fields;
  const addresses = addressesOf(fields, fault);
  const requestHeaders = headersOf(fields.request_header);
  const responseHeaders = headersOf(fields.response_header);
  const userAgents = listsOf(fields.user_agent_filter?.allow, fields.user_agent_filter?.deny);
  const trafficPolicy = trafficPolicyOf(fields, fault);
  const convertsWebSockets = fields.websocket_tcp_converter === true;
  if (convertsWebSockets) refuseHttpUpstream(fields, fault);
  const modules: TunnelModules = {
    ...(addresses && { addresses }),
    ...(fields.compression === true && { compresses: true }),
    ...(convertsWebSockets && { convertsWebSockets }),
    ...(threshold !== undefined && threshold > 0 && { breakerThreshold: threshold }),
    ...(requestHeaders && { requestHeaders }),
    ...(responseHeaders && { responseHeaders }),
    ...(userAgents && { userAgents }),
    ...(webhook && webhookOf(webhook, fault)),
    ...(trafficPolicy && { trafficPolicy }),
  };
  return Object.keys(modules).length === 0 ? undefined : modules;
}

/** Behind the converter nobody speaks HTTP to the upstream. */
function refuseHttpUpstream(
  { app_protocol: protocol, host_header: hostHeader }: TunnelFields,
  fault: FieldFault,
): void {
  if (protocol === "http2") throw fault("app_protocol", "contradicts websocket_tcp_converter; remove one");
  if (hostHeader !== undefined && hostHeader !== "" && hostHeader !== "preserve")
    throw fault("host_header", "contradicts websocket_tcp_converter; remove one");
}

function addressesOf({ ip_restriction: restriction }: TunnelFields, fault: FieldFault): NameLists | undefined {
  const lists = listsOf(restriction?.allow_cidrs, restriction?.deny_cidrs);
  for (const text of [...(lists?.allow ?? []), ...(lists?.deny ?? [])]) {
    try {
      parseCidr(text);
    } catch (cause) {
      if (!(cause instanceof PublicError)) throw cause;
      throw fault("ip_restriction", cause.message, cause);
    }
  }
  return lists;
}

function listsOf(allow: readonly string[] = [], deny: readonly string[] = []): NameLists | undefined {
  return allow.length + deny.length === 0 ? undefined : { allow, deny };
}

function headersOf(header: TunnelFields["request_header"]): HeaderLists | undefined {
  const { add = [], remove = [] } = header ?? {};
  return add.length + remove.length === 0 ? undefined : { add, remove };
}

function webhookOf(
  { provider, secret }: { readonly provider?: string | undefined; readonly secret?: string | undefined },
  fault: FieldFault,
): Pick<TunnelModules, "webhook"> {
  if (provider === undefined && secret === undefined) return {};
  if (provider === undefined) throw fault("verify_webhook", "needs a provider beside its secret");
  if (secret === undefined) throw fault("verify_webhook", "needs the secret that the provider signs with");
  return { webhook: { provider, secret } };
}

function trafficPolicyOf(fields: TunnelFields, fault: FieldFault): TrafficPolicySource | undefined {
  const keys = (["policy", "traffic_policy", "traffic_policy_file", "traffic_policy_url"] as const).filter((key) =>
    asksForSomething(fields[key]),
  );
  const [key, second] = keys;
  if (key === undefined) return undefined;
  if (second !== undefined) throw fault(second, `contradicts ${key}; remove one`);
  if (key === "traffic_policy_file") return { kind: "file", path: fields.traffic_policy_file ?? "" };
  if (key === "traffic_policy_url") return { kind: "url", url: policyUrl(fields.traffic_policy_url ?? "", fault) };
  const document = fields[key];
  return { kind: "text", text: typeof document === "string" ? document : JSON.stringify(document) };
}

function policyUrl(text: string, fault: FieldFault): string {
  const reason = policyUrlFault(text);
  if (reason !== undefined) throw fault("traffic_policy_url", reason);
  return text;
}

/** A document without any rule is as none. */
function asksForSomething(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).some(asksForSomething);
  return value !== undefined && value !== null && value !== "";
}
