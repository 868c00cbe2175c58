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

/** From the head of a request to the end of its body. */
export const SITE_BODY_MS = 60_000;
/** From there to the end of the response. */
export const SITE_ANSWER_MS = 30_000;

export interface SiteCallOptions {
  readonly sites: OwnSites;
  readonly site: OwnSite;
  readonly request: RequestHead;
  /** Of the visitor. */
  readonly ip: string;
  /** Once, unless the call is dropped; also from inside of a method. */
  readonly onAnswer: (answer: ErrorAnswer | PublicError) => void;
}

export class SiteCall {
  readonly #options: SiteCallOptions;
  readonly #body: SiteBody;
  readonly #left = new AbortController();
  #cancelDeadline: () => void;
  /** Of bodies in memory, for as long as this one is there. */
  #room = 0;
  #isOver = false;

  constructor(options: SiteCallOptions) {
    const { request, site, sites } = options;
    this.#options = options;
    this.#body = new SiteBody(request.framing, site.maxBodyBytes);
    this.#cancelDeadline = sites.clock.after(SITE_BODY_MS, () =>
      this.#finish(new PublicError("ERR_GINNEL_SLOW_BODY", { seconds: SITE_BODY_MS / 1000 })),
    );
  }

  /** Whether the body is wanted at all; otherwise the call is over, and was answered. */
  begin(): boolean {
    const { framing } = this.#options.request;
    if (framing.type === "length" && framing.bytes > this.#options.site.maxBodyBytes) this.#refuseBody();
    return !this.#isOver;
  }

  /** A piece of the body, as on the wire. */
  receive(bytes: Uint8Array): void {
    if (this.#isOver) return;
    if (!this.#options.sites.takeRoom(bytes.length)) {
      this.#finish(new PublicError("ERR_GINNEL_SITE_BUSY", {}));
      return;
    }
    this.#room += bytes.length;
    if (!this.#body.receive(bytes)) this.#refuseBody();
  }

  /** The request is whole. */
  ask(): void {
    if (this.#isOver) return;
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
    const headers = new Headers();
    for (const [name, value] of request) headers.append(name, value);
    const body = method === "GET" || method === "HEAD" || request.framing.type === "none" ? null : this.#body.bytes;
    const url = sites.urlOf(site, request.originForm);
    const asked = new Request(url, { method, headers, body, signal: this.#left.signal });
    return asked.method === method ? asked : new PublicError("ERR_GINNEL_UNKNOWN_METHOD", { method });
  }

  #refuseBody(): void {
    this.#finish(new PublicError("ERR_GINNEL_SITE_BODY", { limitBytes: this.#options.site.maxBodyBytes }));
  }

  #finish(answer: ErrorAnswer | PublicError): void {
    if (this.#isOver) return;
    if (answer instanceof PublicError) this.drop();
    else this.#end();
    this.#options.onAnswer(answer);
  }

  #end(): void {
    this.#isOver = true;
    this.#cancelDeadline();
    this.#options.sites.giveRoom(this.#room);
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
