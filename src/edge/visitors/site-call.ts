/**
 * One request to a site of the edge's own: its body is gathered, the site is asked, and its response becomes an answer to send.
 */
import { STATUS_CODES } from "node:http";
import { PublicError } from "../../base/errors.ts";
import { checkField } from "../../protocol/http1/field-text.ts";
import type { RequestHead } from "../../protocol/http1/request-head.ts";
import { faultFacts } from "../../telemetry/fault-facts.ts";
import type { OwnSite } from "../own-site.ts";
import type { OwnSites } from "../own-sites.ts";
import type { ErrorAnswer } from "./error-page.ts";
import { SiteBody } from "./site-body.ts";

/** From the head of a request to the end of its body, at most. */
export const SITE_BODY_MS = 60_000;
/** What a body has before it must be coming. */
export const SITE_BODY_GRACE_MS = 10_000;
/** Then so much of it must have come in each further second. */
export const MIN_BODY_BYTES_PER_SECOND = 16 * 1024;
/** From there to the end of the response. */
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
  readonly onAnswer: (answer: ErrorAnswer | PublicError, onGone: () => void) => void;
}

export class SiteCall {
  readonly #options: SiteCallOptions;
  readonly #body: SiteBody;
  readonly #headers = new Headers();
  readonly #limitBytes: number;
  readonly #left = new AbortController();
  readonly #sinceMs: number;
  #cancelDeadline: () => void = () => {};
  /** Of bodies in memory, for as long as this one is there. */
  #room = 0;
  #isAsked = false;
  #isOver = false;

  constructor(options: SiteCallOptions) {
    const { request, site, sites } = options;
    this.#options = options;
    for (const [name, value] of request) this.#headers.append(name, value);
    const [path = "/"] = request.originForm.split("?", 1);
    const ofThis = site.bodyLimit?.({ path, headers: this.#headers }) ?? site.maxBodyBytes;
    this.#limitBytes = Math.min(ofThis, site.maxBodyBytes);
    this.#body = new SiteBody(request.framing, this.#limitBytes);
    this.#sinceMs = sites.clock.nowMs();
    this.#watchBody(SITE_BODY_GRACE_MS);
  }

  /** Whether the body is wanted at all; otherwise the call is answered without. */
  begin(): boolean {
    const { framing } = this.#options.request;
    if (this.#limitBytes === 0 && framing.type !== "none") this.ask();
    else if (framing.type === "length" && framing.bytes > this.#limitBytes) this.#refuseBody();
    return !this.#isOver && !this.#isAsked;
  }

  /** A piece of the body, as on the wire. */
  receive(bytes: Uint8Array): void {
    if (this.#isOver || this.#isAsked) return;
    const { sites, ip } = this.#options;
    if (!sites.gathered.take(ip, bytes.length)) {
      this.#finish(new PublicError("ERR_GINNEL_SITE_BUSY", {}));
      return;
    }
    this.#room += bytes.length;
    if (!this.#body.receive(bytes)) this.#refuseBody();
  }

  /** The request is whole. */
  ask(): void {
    if (this.#isOver || this.#isAsked) return;
    this.#isAsked = true;
    const { sites, site } = this.#options;
    this.#cancelDeadline();
    this.#cancelDeadline = sites.clock.after(SITE_ANSWER_MS, () => {
      sites.log.warn("a site of the edge does not answer", { host: site.host, limit_ms: SITE_ANSWER_MS });
      this.#finish(new PublicError("ERR_GINNEL_SITE_TIMEOUT", { host: site.host }));
    });
    void this.#ask();
  }

  /** Nobody waits for the answer any more. May be called twice, and after it came. */
  drop(): void {
    if (this.#isOver) return;
    this.#end();
    this.#left.abort();
  }

  /** Never rejects. */
  async #ask(): Promise<void> {
    const { site, sites, ip, request } = this.#options;
    try {
      const asked = this.#request();
      if (asked instanceof PublicError) return this.#finish(asked);
      this.#finish(await answerOf(await site.fetch(asked, { ip }), request.method === "HEAD"));
    } catch (fault) {
      if (this.#isOver) return;
      sites.log.error("a site of the edge failed", { host: site.host, ...faultFacts(fault) });
      this.#finish(new PublicError("ERR_GINNEL_SITE_FAULT", { host: site.host }));
    }
  }

  /** The runtime takes a method that it does not know for GET, and drops the body of a GET. */
  #request(): Request | PublicError {
    const { request, site, sites } = this.#options;
    const { method } = request;
    const headers = this.#headers;
    const body = method === "GET" || method === "HEAD" || request.framing.type === "none" ? null : this.#body.bytes;
    const url = sites.urlOf(site, request.originForm);
    const asked = new Request(url, { method, headers, body, signal: this.#left.signal });
    return asked.method === method ? asked : new PublicError("ERR_GINNEL_UNKNOWN_METHOD", { method });
  }

  /** A body may take the longer the more of it has come. */
  #watchBody(afterMs: number): void {
    const { sites } = this.#options;
    this.#cancelDeadline = sites.clock.after(afterMs, () => {
      const passedMs = sites.clock.nowMs() - this.#sinceMs;
      const allowedMs = SITE_BODY_GRACE_MS + (this.#room / MIN_BODY_BYTES_PER_SECOND) * 1000;
      const leftMs = Math.ceil(Math.min(SITE_BODY_MS, allowedMs) - passedMs);
      if (leftMs > 0) this.#watchBody(leftMs);
      else this.#finish(new PublicError("ERR_GINNEL_SLOW_BODY", { seconds: Math.round(passedMs / 1000) }));
    });
  }

  #refuseBody(): void {
    this.#finish(new PublicError("ERR_GINNEL_SITE_BODY", { limitBytes: this.#limitBytes }));
  }

  #finish(answer: ErrorAnswer | PublicError): void {
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
    const { sites, ip } = this.#options;
    sites.gathered.give(ip, this.#room);
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
async function answerOf(response: Response, toHead: boolean): Promise<ErrorAnswer> {
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
