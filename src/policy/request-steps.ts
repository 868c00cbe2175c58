/** The steps that a request takes on its way to the upstream, whatever they were asked for with: a flag, a bind or a document. */
import { PublicError } from "../base/errors.ts";
import { redirectAnswer } from "./answers.ts";
import { BASIC_REALM, type BasicAuth } from "./basic-auth.ts";
import { escapedUrl } from "./escaped-url.ts";
import { applyChanges, type HeaderChanges } from "./header-changes.ts";
import { admitsAddress, type CurrentRules } from "./passed-rules.ts";
import { type Pattern, PatternBudgetError } from "./pattern/pattern.ts";
import type { Field, PolicyEnd, StepVerdict } from "./policy-verdict.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { RequestDraft } from "./request-draft.ts";
import type { UserAgentFilter } from "./user-agent-filter.ts";
import { WEBHOOK_BODY_LIMIT_BYTES, type WebhookVerification } from "./webhook/webhook-verification.ts";

/** Never waits: what it needs it gets as arguments, or asks for in its verdict. */
export type RequestStep = (draft: RequestDraft) => StepVerdict;

export function addressRefusal(ip: string): PolicyEnd {
  return { type: "refuse", error: new PublicError("ERR_NGROK_3205", { ip }) };
}

export function restrictAddresses(rules: CurrentRules): RequestStep {
  return ({ facts: { visitorIp }, passed }) => {
    if (!admitsAddress(rules, visitorIp)) return addressRefusal(visitorIp);
    passed.add(rules);
    return undefined;
  };
}

export function filterUserAgents(filter: UserAgentFilter): RequestStep {
  return (draft) =>
    filter.admits(draft.get("user-agent")) ? undefined : refuse(new PublicError("ERR_NGROK_3211", {}));
}

export function demandBasicAuth(auth: BasicAuth, realm: string = BASIC_REALM): RequestStep {
  return (draft) => {
    if (auth.admits(draft.get("authorization"))) return undefined;
    const fields: readonly Field[] = [
      ["WWW-Authenticate", `Basic realm="${realm.replaceAll(/["\\]/g, "\\$&")}"`],
      ["Content-Type", "text/plain; charset=utf-8"],
      ["Cache-Control", "no-store"],
    ];
    const answer = { status: 401, fields, body: Buffer.from("401 Unauthorized\n") };
    return { type: "answer", answer, refusedBy: "basic_auth" };
  };
}

export function verifyWebhooks(verification: WebhookVerification): RequestStep {
  const wanted = verification.refusal;
  const refusal = (): PolicyEnd =>
    wanted === undefined
      ? refuse(new PublicError("ERR_NGROK_3204", {}))
      : { type: "answer", answer: wanted, refusedBy: "verify_webhook" };
  return (draft) => {
    const { facts, head, url } = draft;
    const request = { method: head.method, url, get: (name: string) => draft.get(name) };
    const challenged = verification.unsignedChallenge(request);
    if (challenged !== undefined) return { type: "answer", answer: challenged };
    if (!verification.mayBeSigned(request, facts.date)) return refusal();
    return {
      type: "body",
      limitBytes: WEBHOOK_BODY_LIMIT_BYTES,
      check: (body) => {
        if (!verification.admits({ ...request, body }, facts.date)) return refusal();
        const answer = verification.signedChallenge(body);
        return answer && { type: "answer", answer };
      },
    };
  };
}

/** `kindOf`: requests of one kind are counted together. */
export function limitRate(limit: RateLimit, kindOf: (draft: RequestDraft) => string): RequestStep {
  return (draft) => {
    const waitSeconds = limit.take(kindOf(draft), draft.facts.nowMs);
    if (waitSeconds === undefined) return undefined;
    const error = new PublicError("ERR_GINNEL_RATE_LIMIT", { waitSeconds });
    return { type: "refuse", error, fields: [["Retry-After", String(waitSeconds)]] };
  };
}

export function changeRequestHeaders(changes: HeaderChanges): RequestStep {
  return (draft) => {
    applyChanges(changes, draft);
    return undefined;
  };
}

export interface UrlRule {
  /** Absent: the whole URL. */
  readonly from: Pattern | undefined;
  readonly to: string;
}

/** Answers when the rule leads to another URL; does nothing otherwise, since the visitor would come back for ever. */
export function redirect(rule: UrlRule, status: number, fields: readonly Field[]): RequestStep {
  return ({ url }) =>
    changedUrl(rule, url, (changed) => {
      const location = escapedUrl(changed, "octets");
      if (placeOf(location, url) === url) return undefined;
      return { type: "answer", answer: redirectAnswer(status, location, fields) };
    });
}

/** Behind a redirect of everything, where nothing else answers: the request is what it redirects to. */
export const refuseRedirected: RequestStep = () => refuse(new PublicError("ERR_GINNEL_REDIRECT_LOOP", {}));

/** What is asked for by whoever follows a location from a URL: a relative one counts from there, and a fragment is never sent. */
function placeOf(location: string, from: string): string | undefined {
  const target = URL.parse(location, from);
  if (target === null) return undefined;
  target.hash = "";
  return target.href;
}

export function rewriteUrl(rule: UrlRule): RequestStep {
  return (draft) =>
    changedUrl(rule, draft.url, (url) =>
      draft.setUrl(url) ? undefined : refuse(new PublicError("ERR_GINNEL_POLICY_URL", {})),
    );
}

function changedUrl(rule: UrlRule, url: string, act: (changed: string) => StepVerdict): StepVerdict {
  try {
    const to = escapedUrl(rule.to, "text");
    const changed = rule.from === undefined ? to : rule.from.replaceAll(url, to);
    return changed === url ? undefined : act(changed);
  } catch (error) {
    if (error instanceof PatternBudgetError)
      return refuse(new PublicError("ERR_GINNEL_POLICY_URL", {}, { cause: error }));
    throw error;
  }
}

function refuse(error: PublicError): PolicyEnd {
  return { type: "refuse", error };
}
