/**
 * One request to a site of the edge's own: the site is asked as soon as its body is there, and its response becomes an answer to send.
 */
import { STATUS_CODES } from "node:http";
import { PublicError } from "../../base/errors.ts";
import { checkField } from "../../protocol/http1/field-text.ts";
import type { RequestHead } from "../../protocol/http1/request-head.ts";
import { faultFacts } from "../../telemetry/fault-facts.ts";
import type { OwnSite } from "../own-site.ts";
import type { OwnSites } from "../own-sites.ts";
import type { BodyFault, GatheredBody } from "./gathered-body.ts";
import type { OwnAnswer } from "./own-answer.ts";

/** From the end of a request's body to the end of the response. */
export const SITE_ANSWER_MS = 30_000;

export interface SiteCallOptions {
  readonly sites: OwnSites;
  readonly site: OwnSite;
  readonly request: RequestHead;
  /** Of the visitor. */
  readonly ip: string;
  /**
   * Once, unless the call is dropped; also from inside of a method. To call `onGone` when the visitor has got the answer, or never will:
   * until then it counts as unread.
   */
  readonly onAnswer: (answer: OwnAnswer | PublicError, onGone: () => void) => void;
}

export class SiteCall {
  /** A longer body is not for the site; 0: it answers for the head alone. */
  readonly bodyLimitBytes: number;
  readonly #options: SiteCallOptions;
  readonly #headers = new Headers();
  readonly #left = new AbortController();
  #cancelDeadline: () => void = () => {};
  #isAsked = false;
  #isOver = false;

  constructor(options: SiteCallOptions) {
    const { request, site } = options;
    this.#options = options;
    for (const [name, value] of request) this.#headers.append(name, value);
    const [path = "/"] = request.originForm.split("?", 1);
    const ofThis = site.bodyLimit?.({ path, headers: this.#headers }) ?? site.maxBodyBytes;
    this.bodyLimitBytes = Math.min(ofThis, site.maxBodyBytes);
  }

  /** All of the request that the site gets has come. The body stays the caller's, for longer than the call. */
  ask(body?: GatheredBody): void {
    if (this.#isOver || this.#isAsked) return;
    this.#isAsked = true;
    const { sites, site } = this.#options;
    this.#cancelDeadline = sites.clock.after(SITE_ANSWER_MS, () => {
      sites.log.warn("a site of the edge does not answer", { host: site.host, limit_ms: SITE_ANSWER_MS });
      this.#finish(new PublicError("ERR_GINNEL_SITE_TIMEOUT", { host: site.host }));
    });
    void this.#ask(body);
  }

  /** Nobody waits for the answer any more. May be called twice, and after it came. */
  drop(): void {
    if (this.#isOver) return;
    this.#end();
    this.#left.abort();
  }

  /** Never rejects. */
  async #ask(body: GatheredBody | undefined): Promise<void> {
    const { site, sites, ip, request } = this.#options;
    try {
      const asked = this.#request(body);
      if (asked instanceof PublicError) return this.#finish(asked);
      this.#finish(await answerOf(await site.fetch(asked, { ip }), request.method === "HEAD"));
    } catch (fault) {
      if (this.#isOver) return;
      sites.log.error("a site of the edge failed", { host: site.host, ...faultFacts(fault) });
      this.#finish(new PublicError("ERR_GINNEL_SITE_FAULT", { host: site.host }));
    }
  }

  /** The runtime takes a method that it does not know for GET, and drops the body of a GET. */
  #request(gathered: GatheredBody | undefined): Request | PublicError {
    const { request, site, sites } = this.#options;
    const { method } = request;
    const headers = this.#headers;
    const body = method === "GET" || method === "HEAD" ? null : (gathered?.data ?? null);
    const url = sites.urlOf(site, request.originForm);
    const asked = new Request(url, { method, headers, body, signal: this.#left.signal });
    return asked.method === method ? asked : new PublicError("ERR_GINNEL_UNKNOWN_METHOD", { method });
  }

  #finish(answer: OwnAnswer | PublicError): void {
    if (this.#isOver) return;
    const { sites, ip, onAnswer } = this.#options;
    const bytes = answer instanceof PublicError ? 0 : answer.body.length;
    const isTooMuch = !sites.unread.take(ip, bytes);
    if (answer instanceof PublicError || isTooMuch) this.drop();
    else this.#end();
    let isGone = isTooMuch;
    const onGone = (): void => {
      if (!isGone) sites.unread.give(ip, bytes);
      isGone = true;
    };
    onAnswer(isTooMuch ? new PublicError("ERR_GINNEL_SITE_BUSY", {}) : answer, onGone);
  }

  #end(): void {
    this.#isOver = true;
    this.#cancelDeadline();
  }
}

/** What the sender of a body is told that no site gets. */
export function siteBodyError(fault: BodyFault): PublicError {
  switch (fault.type) {
    case "tooLarge":
      return new PublicError("ERR_GINNEL_SITE_BODY", { limitBytes: fault.limitBytes });
    case "noRoom":
      return new PublicError("ERR_GINNEL_SITE_BUSY", {});
    case "tooSlow":
      return new PublicError("ERR_GINNEL_SLOW_BODY", { seconds: fault.seconds });
    default:
      return fault satisfies never;
  }
}

/** Fields of a message on its way, and those that the edge writes itself. */
const NOT_THE_SITES = new Set([
  "connection",
  "content-length",
  "date",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** @throws when the response cannot be sent as it is: no final status, or a field that would be read as something else. */
async function answerOf(response: Response, toHead: boolean): Promise<OwnAnswer> {
  const { status, headers } = response;
  if (status < 200) throw new Error(`a site answered with the status ${status}`);
  const fields = [...headers].filter(([name]) => !NOT_THE_SITES.has(name));
  for (const [name, value] of fields) checkField(name, value);
  const body = await response.bytes();
  const answer = { status, reason: STATUS_CODES[status] ?? "", fields, body };
  if (!toHead || body.length > 0) return answer;
  const declared = headers.get("content-length") ?? "";
  return { ...answer, bodyLength: /^\d{1,15}$/.test(declared) ? Number(declared) : "unknown" };
}
