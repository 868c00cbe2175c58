/**
 * How one exchange goes through the policy of its endpoint, and through those of the internal endpoints that it is forwarded to:
 * the request from the first to the last, the response back from the last to the first.
 */
import { PublicError } from "../../base/errors.ts";
import { formatInternalUrl, type InternalUrl } from "../../model/internal-url.ts";
import type { HeadEdits } from "../../protocol/http1/head-edits.ts";
import type { RequestHead } from "../../protocol/http1/request-head.ts";
import type { ResponseHead } from "../../protocol/http1/response-head.ts";
import type { PolicyEnd, RequestVerdict, ResponseVerdict } from "../../policy/policy-verdict.ts";
import { PassedRules } from "../../policy/passed-rules.ts";
import type { RequestDraft, RequestFacts } from "../../policy/request-draft.ts";
import { demandBasicAuth } from "../../policy/request-steps.ts";
import type { VisitorPolicy } from "../../policy/visitor-policy.ts";
import type { Endpoint } from "../endpoint.ts";
import type { ExpectedName } from "../returning/expected-names.ts";
import type { ReturningNames } from "../visitor-routes.ts";
import type { GatheredBody } from "./gathered-body.ts";
import type { GzipBody } from "./gzip-body.ts";

/** The internal endpoint of a URL, of that account, if one is online; it gets what is forwarded. */
export type FindInternal = (accountId: string, to: InternalUrl) => Endpoint | undefined;

/**
 * What the driver does next. `wait`: the body has to come first, for an endpoint of this account. `returning`: the agent of this name has to,
 * or the time for it be over.
 */
export type PassageStep =
  | PolicyEnd
  | { readonly type: "send"; readonly endpoint: Endpoint; readonly edits: HeadEdits | undefined }
  | { readonly type: "wait"; readonly limitBytes: number; readonly accountId: string }
  | { readonly type: "returning"; readonly name: ExpectedName };

/** Endpoints that forward to each other in a circle must come to an end. */
export const MAX_FORWARDS = 5;

export class PolicyPassage {
  readonly #request: RequestHead;
  readonly #facts: RequestFacts;
  readonly #findInternal: FindInternal | undefined;
  readonly #policies: VisitorPolicy[] = [];
  readonly #passed = new PassedRules();
  /** The one that was visited, and those that it was forwarded to. */
  readonly #endpoints: [Endpoint, ...Endpoint[]];
  readonly #returning: PassageStart["returning"];
  #resume: ((body: Uint8Array) => RequestVerdict) | undefined;
  #awaited: Forwarding | undefined;
  /** Once it has come; it stays the driver's. */
  #body: GatheredBody | undefined;
  /** As the upstream gets it, should it have to be sent again. */
  sentHead: Uint8Array | undefined;
  /** Once the response's head has told of it. */
  gzip: GzipBody | undefined;

  constructor(request: RequestHead, facts: RequestFacts, { endpoint, findInternal, returning }: PassageStart) {
    this.#request = request;
    this.#facts = facts;
    this.#endpoints = [endpoint];
    this.#findInternal = findInternal;
    this.#returning = returning;
  }

  /** All that the request went through, the one that was visited first. */
  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  /** To be asked once, and behind the policy's word on the connection. */
  begin(policy: VisitorPolicy): PassageStep {
    this.#policies.push(policy);
    return this.#follow(policy.onRequest(this.#request, this.#facts, this.#passed));
  }

  /** The awaited body is whole. To be asked once. */
  bodyCame(body: GatheredBody): PassageStep {
    const resume = this.#resume;
    if (resume === undefined) throw new Error("a body that nobody waited for");
    this.#resume = undefined;
    this.#body = body;
    return this.#follow(resume(body.data));
  }

  /** The wait for a name is over. To be asked once. */
  nameCame(): PassageStep {
    const awaited = this.#awaited;
    if (awaited === undefined) throw new Error("a name that nobody waited for");
    this.#awaited = undefined;
    return this.#forward(awaited);
  }

  /** Of the final response, when no protocol was switched to. */
  onResponse(response: ResponseHead): ResponseVerdict {
    const context = { request: this.#request, visitorIp: this.#facts.visitorIp, passed: this.#passed };
    let verdict: ResponseVerdict = { type: "pass", edits: undefined, compresses: false };
    for (const policy of this.#policies.toReversed()) {
      if (verdict.type !== "pass") break;
      verdict = policy.onResponse(response, context, verdict);
    }
    return verdict;
  }

  /** Whether the rules that have let the request in, and its response out, would do so now. */
  get isStillAdmitted(): boolean {
    return this.#passed.admit(this.#facts.visitorIp);
  }

  onOutcome(status: number, nowMs: number): void {
    for (const policy of this.#policies) policy.onOutcome(status, nowMs);
  }

  #follow(verdict: RequestVerdict): PassageStep {
    switch (verdict.type) {
      case "answer":
      case "refuse":
      case "close":
        return verdict;
      case "pass":
        return { type: "send", endpoint: this.#latest, edits: verdict.edits };
      case "forward":
        return this.#forward(verdict);
      case "body":
        return this.#await(verdict.limitBytes, verdict.resume);
      default:
        return verdict satisfies never;
    }
  }

  get #latest(): Endpoint {
    return this.#endpoints.at(-1) ?? this.#endpoints[0];
  }

  #forward(verdict: Forwarding): PassageStep {
    const { to, draft } = verdict;
    if (this.#endpoints.length > MAX_FORWARDS) return forwardedTooOften(to);
    const endpoint = this.#findInternal?.(this.#latest.facts.accountId, to);
    if (endpoint === undefined) return this.#withoutForward(verdict);
    this.#endpoints.push(endpoint);
    return this.#enter(endpoint, draft);
  }

  /** Who has said what to do instead is not kept waiting. */
  #withoutForward(verdict: Forwarding): PassageStep {
    const { to, mayGoOn, goOn } = verdict;
    if (mayGoOn) return this.#follow(goOn());
    const name = this.#returning?.expectedInternal(this.#latest.facts.accountId, to);
    if (name === undefined) return notOnline(to);
    this.#awaited = verdict;
    return { type: "returning", name };
  }

  /** As a visitor enters, but that the request has been changed on its way. */
  #enter({ facts: { options } }: Endpoint, draft: RequestDraft): PassageStep {
    const { policy, basicAuth } = options;
    const refusal = policy?.onConnect(this.#facts.visitorIp);
    // Internal endpoints of http have no phase in which a connection could be forwarded.
    if (refusal !== undefined && refusal.type !== "forward") return refusal;
    const challenge = basicAuth && demandBasicAuth(basicAuth)(draft);
    if (challenge?.type === "answer") return challenge;
    if (policy === undefined) return { type: "send", endpoint: this.#latest, edits: draft.edits };
    this.#policies.push(policy);
    return this.#follow(policy.onForwarded(draft));
  }

  #await(limitBytes: number, resume: (body: Uint8Array) => RequestVerdict): PassageStep {
    if (this.#body !== undefined) return this.#follow(resume(this.#body.data));
    if (this.#request.framing.type === "none") return this.#follow(resume(new Uint8Array(0)));
    this.#resume = resume;
    return { type: "wait", limitBytes, accountId: this.#latest.facts.accountId };
  }
}

interface PassageStart {
  readonly endpoint: Endpoint;
  readonly findInternal: FindInternal | undefined;
  /** Absent: no name is on its way back. */
  readonly returning?: Pick<ReturningNames, "expectedInternal"> | undefined;
}

type Forwarding = RequestVerdict & { type: "forward" };

export function notOnline(to: InternalUrl): PolicyEnd & { type: "refuse" } {
  return { type: "refuse", error: new PublicError("ERR_GINNEL_FORWARD", {}), unreached: formatInternalUrl(to) };
}

export function forwardedTooOften(to: InternalUrl): PolicyEnd & { type: "refuse" } {
  const error = new PublicError("ERR_GINNEL_FORWARD_LIMIT", { limit: MAX_FORWARDS });
  return { type: "refuse", error, unreached: formatInternalUrl(to) };
}

/** The internal URL that a visitor was not forwarded to; for the log. */
export function unreachedBy(end: PolicyEnd): string | undefined {
  return end.type === "refuse" ? end.unreached : undefined;
}

/** Words of ours for the rules behind the errors; for meters and the access log. */
const RULES: Readonly<Record<string, string>> = {
  ERR_NGROK_3202: "circuit_breaker",
  ERR_NGROK_3204: "verify_webhook",
  ERR_NGROK_3205: "restrict_ips",
  ERR_NGROK_3211: "user_agent_filter",
  ERR_GINNEL_CONNECTION_RATE: "connection_rate",
  ERR_GINNEL_FORWARD: "forward_internal",
  ERR_GINNEL_FORWARD_LIMIT: "forward_internal",
  ERR_GINNEL_RATE_LIMIT: "rate_limit",
};

/** Which rule turned a visitor away; undefined for an answer that its author wanted. */
export function refusingRule(end: PolicyEnd): string | undefined {
  if (end.type === "refuse") return RULES[end.error.code] ?? "policy";
  if (end.type === "close") return "policy";
  return end.refusedBy;
}
