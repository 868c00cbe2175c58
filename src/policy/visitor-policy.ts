/**
 * What may happen to the visitors of one endpoint: who may connect, what becomes of a request on its way to the upstream and of
 * the response on its way back. Made once per endpoint, from a bind's options or from a traffic policy. Knows no socket and no
 * clock; whoever drives a visitor asks it and does what it says.
 */
import { HeadEdits } from "../protocol/http1/head-edits.ts";
import type { RequestHead } from "../protocol/http1/request-head.ts";
import type { ResponseHead } from "../protocol/http1/response-head.ts";
import type { CircuitBreaker } from "./circuit-breaker.ts";
import { compressionChoice, editForCompression } from "./compression.ts";
import { applyChanges, changedFields, type HeaderChanges } from "./header-changes.ts";
import type {
  ConnectStepVerdict,
  ConnectVerdict,
  PolicyAnswer,
  RequestVerdict,
  ResponseVerdict,
  StepVerdict,
} from "./policy-verdict.ts";
import type { TlsTerms } from "./tls-terms.ts";
import { RequestDraft, type RequestFacts } from "./request-draft.ts";
import { admitsAddress, type CurrentRules, PassedRules } from "./passed-rules.ts";
import { addressRefusal, type RequestStep } from "./request-steps.ts";
import { PublicError } from "../base/errors.ts";

/** A connection, on whatever endpoint. Notes the rules that it has `passed`. */
export type ConnectStep = (visitorIp: string, passed: PassedRules) => ConnectStepVerdict;

/** What becomes of a response. In order. */
export type ResponseStep =
  | { readonly type: "headers"; readonly changes: HeaderChanges }
  | { readonly type: "addresses"; readonly rules: CurrentRules }
  | { readonly type: "answer"; readonly answer: PolicyAnswer };

export interface PolicySteps {
  readonly connect: readonly ConnectStep[];
  readonly request: readonly RequestStep[];
  readonly response: readonly ResponseStep[];
  /** Behind all steps of a request, since it is about the upstream. */
  readonly breaker?: CircuitBreaker | undefined;
  readonly compresses?: boolean;
  /** Before everything else, by whoever ends the TLS of visitors. */
  readonly tls?: TlsTerms | undefined;
}

/** What a response answers. */
export interface ResponseContext {
  readonly request: RequestHead;
  readonly visitorIp: string;
  /** Where the rules are noted that let the response through. */
  readonly passed?: PassedRules;
}

const UNCHANGED: Pick<ResponseVerdict & { type: "pass" }, "edits" | "compresses"> = {
  edits: undefined,
  compresses: false,
};

export const NO_STEPS: PolicySteps = { connect: [], request: [], response: [] };

export class VisitorPolicy {
  readonly #steps: PolicySteps;

  constructor(steps: PolicySteps) {
    this.#steps = steps;
  }

  /** Before a byte of a connection, or of a request on it, reaches the agent. Undefined: it may go on. */
  onConnect(visitorIp: string, passed = new PassedRules()): ConnectVerdict {
    return this.#connect(visitorIp, passed, 0);
  }

  /** To be asked behind {@link onConnect}. */
  onRequest(head: RequestHead, facts: RequestFacts, passed?: PassedRules): RequestVerdict {
    return this.onForwarded(new RequestDraft(head, facts, passed));
  }

  /** A request that the policy of another endpoint has sent here, with what became of it there. */
  onForwarded(draft: RequestDraft): RequestVerdict {
    return this.#run(draft, 0);
  }

  /** Not of interim responses, nor of a switch of protocols. `before`: what the policy of an endpoint nearer to the upstream said. */
  onResponse(response: ResponseHead, context: ResponseContext, before = UNCHANGED): ResponseVerdict {
    let { edits } = before;
    for (const step of this.#steps.response) {
      if (step.type === "answer") return step;
      if (step.type === "headers") applyChanges(step.changes, (edits ??= new HeadEdits()));
      else if (!admitsAddress(step.rules, context.visitorIp)) return addressRefusal(context.visitorIp);
      else context.passed?.add(step.rules);
    }
    const mayCompress = this.#steps.compresses === true && !before.compresses;
    const choice = mayCompress ? compressionChoice(context.request, response) : "none";
    if (choice !== "none") editForCompression(choice, response, (edits ??= new HeadEdits()));
    return { type: "pass", edits, compresses: before.compresses || choice === "gzip" };
  }

  /** The upstream answered with this status, or failed to (502). Of requests that were passed to it. */
  onOutcome(status: number, nowMs: number): void {
    this.#steps.breaker?.onOutcome(status >= 500, nowMs);
  }

  #connect(visitorIp: string, passed: PassedRules, first: number): ConnectVerdict {
    const { connect: steps } = this.#steps;
    for (let at = first; at < steps.length; at++) {
      const verdict = steps[at]?.(visitorIp, passed);
      if (verdict?.type === "forward") return { ...verdict, goOn: () => this.#connect(visitorIp, passed, at + 1) };
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  }

  #run(draft: RequestDraft, first: number): RequestVerdict {
    const { request: steps, breaker } = this.#steps;
    for (let at = first; at < steps.length; at++) {
      const verdict = steps[at]?.(draft);
      if (verdict !== undefined) return this.#verdictOf(verdict, draft, at + 1);
    }
    if (breaker?.admits(draft.facts.nowMs) === false) {
      return { type: "refuse", error: new PublicError("ERR_NGROK_3202", {}) };
    }
    return { type: "pass", edits: draft.edits };
  }

  #verdictOf(verdict: Exclude<StepVerdict, undefined>, draft: RequestDraft, next: number): RequestVerdict {
    switch (verdict.type) {
      case "refuse":
      case "close":
        return verdict;
      case "answer":
        return { ...verdict, answer: this.#withResponseHeaders(verdict.answer) };
      case "forward":
        return { ...verdict, draft, goOn: () => this.#run(draft, next) };
      case "body":
        return {
          type: "body",
          limitBytes: verdict.limitBytes,
          resume: (body) => {
            const checked = verdict.check(body);
            return checked === undefined ? this.#run(draft, next) : this.#verdictOf(checked, draft, next);
          },
        };
      default:
        return verdict satisfies never;
    }
  }

  /** Answers of the request's steps go through the steps of a response too (reference.md 9.1). */
  #withResponseHeaders(answer: PolicyAnswer): PolicyAnswer {
    const fields = this.#steps.response.reduce(
      (current, step) => (step.type === "headers" ? changedFields(step.changes, current) : current),
      answer.fields,
    );
    return { ...answer, fields };
  }
}

/** Lists as a step: at the connection. */
export function restrictConnections(rules: CurrentRules): ConnectStep {
  return (visitorIp, passed) => {
    if (!admitsAddress(rules, visitorIp)) return addressRefusal(visitorIp);
    passed.add(rules);
    return undefined;
  };
}
