/**
 * From a traffic policy document to the steps that visitors go through. Actions stand in one table; what is missing there, and
 * every expression, is refused by name: passing over it could open what its author meant to close.
 */
import { PublicError } from "../../base/errors.ts";
import { type AddressRule, AddressRules } from "../../model/address-rules.ts";
import { parseCidr } from "../../model/cidr.ts";
import { type InternalScheme, parseForwardTarget } from "../../model/internal-url.ts";
import { customAnswer, deniedAnswer } from "../answers.ts";
import { BasicAuth } from "../basic-auth.ts";
import { headerChanges, type HeaderChanges } from "../header-changes.ts";
import { compiledPattern } from "../pattern/compiled-pattern.ts";
import type { CurrentRules } from "../passed-rules.ts";
import type { Field, PolicyAnswer, PolicyForward } from "../policy-verdict.ts";
import { RateLimit } from "../rate-limit.ts";
import * as steps from "../request-steps.ts";
import type { FindAuthority, TlsTerms } from "../tls-terms.ts";
import { type ConnectStep, type PolicySteps, type ResponseStep, restrictConnections } from "../visitor-policy.ts";
import * as configs from "./action-config.ts";
import { bucketKey } from "./bucket-key.ts";
import { terminateTls } from "./terminate-tls.ts";
import { type Phase, PHASES, type PolicyProtocol, readDocument } from "./policy-document.ts";

export interface PolicyContext {
  readonly protocol: PolicyProtocol;
  /** A cloud endpoint has no upstream: its policy must end in an answer, a redirect of everything or a forward. */
  readonly mustEnd?: boolean;
  /** Nobody connects to it: requests and connections of other endpoints are forwarded to it. */
  readonly isInternal?: boolean;
  /** The edge ends the TLS of a tls endpoint, so that what is forwarded is plain. */
  readonly endsTls?: boolean;
  /** Rules of an account's IP policy as they are at any time; undefined when there is no such policy. */
  readonly ipPolicy?: (id: string) => (() => AddressRules) | undefined;
  readonly certificateAuthority?: FindAuthority;
}

/** Steps of one action in the phases that it may stand in. Each is given the configuration as written. */
interface ActionKind {
  /** Nothing of the phase comes behind it. */
  readonly ends?: (config: unknown) => boolean;
  /** It answers every request but the one that it leads to. */
  readonly redirectsAll?: (config: unknown) => boolean;
  readonly on_tcp_connect?: (config: unknown, context: PolicyContext) => ConnectStep;
  /** It is no step, but what the connection is made of. In the phase on_tcp_connect. */
  readonly tls?: (config: unknown, context: PolicyContext) => TlsTerms;
  readonly on_http_request?: (config: unknown, context: PolicyContext) => steps.RequestStep;
  readonly on_http_response?: (config: unknown, context: PolicyContext) => ResponseStep;
}

const TERMINATE_TLS = "terminate-tls";

const goOn = (): undefined => undefined;
const always = (): boolean => true;

const ACTIONS: Readonly<Record<string, ActionKind>> = {
  "add-headers": {
    on_http_request: (config) => steps.changeRequestHeaders(addedHeaders(config)),
    on_http_response: (config) => ({ type: "headers", changes: addedHeaders(config) }),
  },
  "remove-headers": {
    on_http_request: (config) => steps.changeRequestHeaders(removedHeaders(config)),
    on_http_response: (config) => ({ type: "headers", changes: removedHeaders(config) }),
  },
  "basic-auth": { on_http_request: basicAuthStep },
  "close-connection": { ends: always, on_tcp_connect: closeStep, on_http_request: closeStep },
  "custom-response": {
    ends: always,
    on_http_request: (config) => {
      const answer = customResponse(config);
      return () => ({ type: "answer", answer });
    },
    on_http_response: (config) => ({ type: "answer", answer: customResponse(config) }),
  },
  deny: {
    ends: always,
    on_tcp_connect: (config) => denyStep(config),
    on_http_request: (config) => denyStep(config),
  },
  "forward-internal": {
    ends: (config) => !forwardWish(config).mayGoOn,
    on_tcp_connect: forwardStep,
    on_http_request: forwardStep,
  },
  "rate-limit": { on_http_request: rateLimitStep },
  redirect: { redirectsAll: (config) => redirectWish(config).from === undefined, on_http_request: redirectStep },
  "restrict-ips": {
    on_tcp_connect: (config, context) => restrictConnections(addressLists(config, context)),
    on_http_request: (config, context) => steps.restrictAddresses(addressLists(config, context)),
    on_http_response: (config, context) => ({ type: "addresses", rules: addressLists(config, context) }),
  },
  [TERMINATE_TLS]: { tls: terminateTls },
  "url-rewrite": {
    on_http_request: (config) => {
      const { from, to } = configs.readConfig("url-rewrite", configs.urlRewriteConfig, config);
      return steps.rewriteUrl({ from: compiledPattern(from), to });
    },
  },
};

/** @throws PublicError with the published code of the first fault */
export function trafficPolicySteps(text: string, given: PolicyContext): PolicySteps {
  const document = readDocument(text, given.protocol);
  const endsTls = given.endsTls === true || document.on_tcp_connect.some(({ type }) => type === TERMINATE_TLS);
  const context = { ...given, endsTls };
  if (context.isInternal === true && isHttp(context) && document.on_tcp_connect.length > 0) {
    throw new PublicError("ERR_NGROK_2262", {});
  }
  const made = { connect: [] as ConnectStep[], request: [] as steps.RequestStep[], response: [] as ResponseStep[] };
  let tls: TlsTerms | undefined;
  const ended = new Set<Phase>();
  for (const phase of PHASES) {
    for (const { type, config } of document[phase]) {
      const kind = kindOf(type);
      if (ended.has(phase)) throw new PublicError("ERR_NGROK_2207", { phase });
      if (phase === "on_tcp_connect" && kind.tls !== undefined) {
        if (tls !== undefined)
          throw new PublicError("ERR_NGROK_2203", { action: type, reason: "it stands here twice" });
        tls = kind.tls(config, context);
        continue;
      }
      if (kind[phase] === undefined || isMisplaced(type, phase, context)) {
        throw new PublicError("ERR_NGROK_2202", { action: type, phase });
      }
      if (phase === "on_tcp_connect" && kind[phase]) made.connect.push(kind[phase](config, context));
      if (phase === "on_http_request" && kind[phase]) made.request.push(kind[phase](config, context));
      if (phase === "on_http_response" && kind[phase]) made.response.push(kind[phase](config, context));
      if (kind.ends?.(config) === true) ended.add(phase);
    }
  }
  if (context.mustEnd === true && !ended.has("on_http_request") && !ended.has("on_tcp_connect")) {
    const redirectsAll = document.on_http_request.some(({ type, config }) => kindOf(type).redirectsAll?.(config));
    if (!redirectsAll) throw new PublicError("ERR_NGROK_2235", {});
    made.request.push(steps.refuseRedirected);
  }
  return { ...made, tls };
}

function kindOf(type: string): ActionKind {
  const kind = Object.hasOwn(ACTIONS, type) ? ACTIONS[type] : undefined;
  if (kind !== undefined) return kind;
  throw new PublicError("ERR_NGROK_2201", { action: type, known: Object.keys(ACTIONS).join(", ") });
}

/** A connection of http cannot go to an endpoint of another protocol before it has said a word. */
function isMisplaced(type: string, phase: Phase, context: PolicyContext): boolean {
  return type === "forward-internal" && phase === "on_tcp_connect" && isHttp(context);
}

function isHttp({ protocol }: PolicyContext): boolean {
  return protocol === "http" || protocol === "https";
}

function addedHeaders(config: unknown): HeaderChanges {
  const { headers } = configs.readConfig("add-headers", configs.addHeadersConfig, config);
  return headerChanges([], Object.entries(headers));
}

function removedHeaders(config: unknown): HeaderChanges {
  const { headers } = configs.readConfig("remove-headers", configs.removeHeadersConfig, config);
  return headerChanges(headers, []);
}

function basicAuthStep(config: unknown): steps.RequestStep {
  const { credentials, realm, enforce } = configs.readConfig("basic-auth", configs.basicAuthConfig, config);
  for (const pair of credentials) {
    const colon = pair.indexOf(":");
    const length = pair.length - colon - 1;
    if (colon < 1) throw new PublicError("ERR_NGROK_2257", {});
    if (length < 8 || length > 128) throw new PublicError("ERR_NGROK_2258", { got: length });
  }
  return enforce ? steps.demandBasicAuth(new BasicAuth(credentials), realm) : goOn;
}

function customResponse(config: unknown): PolicyAnswer {
  const read = configs.readConfig("custom-response", configs.customResponseConfig, config);
  return customAnswer(read.status_code, answerFields(read.headers), read.content ?? read.body);
}

function denyStep(config: unknown): () => { readonly type: "answer"; readonly answer: PolicyAnswer } {
  const { status_code: status } = configs.readConfig("deny", configs.denyConfig, config);
  return () => ({ type: "answer", answer: deniedAnswer(status) });
}

function closeStep(config: unknown): () => { readonly type: "close" } {
  configs.readConfig("close-connection", configs.closeConnectionConfig, config);
  return () => ({ type: "close" });
}

function forwardStep(config: unknown, context: PolicyContext): () => PolicyForward {
  const wish = forwardWish(config);
  const schemes = forwardSchemes(context);
  if (!schemes.includes(wish.to.scheme)) {
    throw unusableForward(`its url has to begin with ${schemes.map((scheme) => `${scheme}://`).join(" or ")} here`);
  }
  return () => wish;
}

function forwardWish(config: unknown): PolicyForward {
  const { url, on_error: onError } = configs.readConfig("forward-internal", configs.forwardInternalConfig, config);
  try {
    return { type: "forward", to: parseForwardTarget(url), mayGoOn: onError === "continue" };
  } catch (cause) {
    throw cause instanceof PublicError ? unusableForward(cause.message, cause) : cause;
  }
}

/** What the target has to understand as it comes (reference.md 9.2: the same protocol). */
function forwardSchemes({ protocol, endsTls }: PolicyContext): readonly InternalScheme[] {
  if (protocol === "http" || protocol === "https") return ["http", "https"];
  return protocol === "tls" && endsTls !== true ? ["tls"] : ["tcp"];
}

function unusableForward(reason: string, cause?: PublicError): PublicError {
  return new PublicError("ERR_NGROK_2203", { action: "forward-internal", reason }, { cause });
}

function rateLimitStep(config: unknown): steps.RequestStep {
  const read = configs.readConfig("rate-limit", configs.rateLimitConfig, config);
  const kindOfRequest = bucketKey(read.bucket_key);
  const limit = new RateLimit({ capacity: read.capacity, windowMs: read.rate });
  return read.enforce ? steps.limitRate(limit, kindOfRequest) : goOn;
}

function redirectStep(config: unknown): steps.RequestStep {
  const read = redirectWish(config);
  const from = read.from === undefined ? undefined : compiledPattern(read.from);
  return steps.redirect({ from, to: read.to }, read.status_code, answerFields(read.headers));
}

function redirectWish(config: unknown) {
  return configs.readConfig("redirect", configs.redirectConfig, config);
}

function addressLists(config: unknown, { ipPolicy }: PolicyContext): CurrentRules {
  const {
    allow,
    deny,
    ip_policies: ids,
    enforce,
  } = configs.readConfig("restrict-ips", configs.restrictIpsConfig, config);
  const rules = [...allow.map((cidr) => rule(cidr, "allow")), ...deny.map((cidr) => rule(cidr, "deny"))];
  const own = new AddressRules(rules, "nobody");
  const policies = ids.map((reference) => {
    const current = ipPolicy?.(reference);
    if (current === undefined) throw new PublicError("ERR_NGROK_2216", { reference });
    return current;
  });
  if (!enforce) return () => [];
  return () => [own, ...policies.map((current) => current())];
}

function rule(text: string, action: AddressRule["action"]): AddressRule {
  try {
    return { cidr: parseCidr(text), action };
  } catch (cause) {
    if (!(cause instanceof PublicError)) throw cause;
    throw new PublicError("ERR_NGROK_2217", { cidr: text, reason: cause.message }, { cause });
  }
}

/** Fields of an answer of the edge's own; the same names are off limits as in messages that pass. */
function answerFields(headers: Readonly<Record<string, string>>): readonly Field[] {
  return headerChanges([], Object.entries(headers)).added;
}
