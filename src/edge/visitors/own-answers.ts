/** Answers the exchanges of one visitor connection in the endpoint's place, whatever the reason. */
import { STATUS_CODES } from "node:http";
import { PublicError } from "../../base/errors.ts";
import type { PolicyEnd } from "../../policy/policy-verdict.ts";
import type { BadRequest } from "../../protocol/http1/faults.ts";
import { errorAnswer } from "./error-page.ts";
import type { Exchange, OwnOutcome } from "./exchange.ts";
import type { ExchangeDriver } from "./exchange-driver.ts";
import type { OwnAnswer } from "./own-answer.ts";
import { refusingRule, unreachedBy } from "./policy-passage.ts";
import type { VisitorLine } from "./visitor-line.ts";

export class OwnAnswers {
  readonly #line: VisitorLine;
  readonly #driver: Pick<ExchangeDriver, "isDraining" | "advance" | "finish">;

  constructor(line: VisitorLine, driver: Pick<ExchangeDriver, "isDraining" | "advance" | "finish">) {
    this.#line = line;
    this.#driver = driver;
  }

  /**
   * With the body of the request still to come the connection cannot be used again, nor after CONNECT, behind which a visitor may
   * have sent what is not HTTP.
   */
  give(answer: OwnAnswer, exchange: Exchange, outcome: OwnOutcome | "answered"): void {
    const { request } = exchange;
    const isWhole = (request.framing.type === "none" || exchange.requestDone) && request.method !== "CONNECT";
    exchange.endpoint = undefined;
    exchange.status = answer.status;
    exchange.outcome = outcome;
    exchange.keepsAlive &&= isWhole && !this.#driver.isDraining;
    const { keepsAlive } = exchange;
    this.#line.addOwn(answer, { toHead: request.method === "HEAD", keepsAlive, version: request.version });
    exchange.responseDone = true;
    if (exchange.keepsAlive) this.#driver.advance();
    else this.#driver.finish();
  }

  giveError(error: PublicError, exchange: Exchange): void {
    this.give(errorAnswer(error, exchange.request.get("accept")), exchange, error.code);
  }

  /** To what is no request, or goes on as none: nothing more is read. Before an answer has begun. */
  refuse({ reason, status }: BadRequest): void {
    const { exchange } = this.#line;
    const error = new PublicError("ERR_GINNEL_BAD_REQUEST", { reason });
    const answer = errorAnswer(error, exchange?.request.get("accept"), status);
    if (exchange === undefined) this.#line.countMalformedHead(answer.status);
    else {
      exchange.status = answer.status;
      exchange.outcome = error.code;
    }
    this.#line.addOwn(answer, { toHead: exchange?.request.method === "HEAD", keepsAlive: false });
    this.#driver.finish();
  }

  /** What a policy has decided, an account, or the edge in a policy's place. */
  giveEnd(end: PolicyEnd, exchange: Exchange): void {
    exchange.refusedBy = refusingRule(end);
    exchange.unreached = unreachedBy(end);
    switch (end.type) {
      case "answer":
        return this.give({ ...end.answer, reason: STATUS_CODES[end.answer.status] ?? "" }, exchange, "policy");
      case "close":
        exchange.outcome = "policy";
        return this.#driver.finish();
      case "refuse": {
        const page = errorAnswer(end.error, exchange.request.get("accept"));
        return this.give({ ...page, fields: [...page.fields, ...(end.fields ?? [])] }, exchange, end.error.code);
      }
      default:
        return end satisfies never;
    }
  }
}
