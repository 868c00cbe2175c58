/** A site of an edge's own that remembers what it was asked, and answers as the test says. */
import type { OwnSite, SiteHead } from "../../src/edge/own-site.ts";
import { eventually } from "./turns.ts";

export interface SiteRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
  readonly ip: string;
  readonly signal: AbortSignal;
}

export type PlayedAnswer = (asked: SiteRequest) => Response | Promise<Response>;

/** Says what it was asked for. */
const echo: PlayedAnswer = ({ method, url, body }) => new Response(`${method} ${url} [${body}]`);

export class PlayedSite implements OwnSite {
  readonly host: string;
  readonly maxBodyBytes: number;
  readonly asked: SiteRequest[] = [];
  answer: PlayedAnswer;
  bodyLimit: (head: SiteHead) => number = () => Infinity;

  constructor(host: string, answer: PlayedAnswer = echo, maxBodyBytes = 1_000) {
    this.host = host;
    this.answer = answer;
    this.maxBodyBytes = maxBodyBytes;
  }

  async fetch(request: Request, { ip }: { readonly ip: string }): Promise<Response> {
    const { method, url, headers, signal } = request;
    const asked = { method, url, headers, ip, signal, body: await request.text() };
    this.asked.push(asked);
    return this.answer(asked);
  }

  /** Once it was asked for that many requests: the last of them. */
  async request(count = 1): Promise<SiteRequest> {
    await eventually(`${this.host} was asked ${count} times`, () => this.asked.length >= count);
    const last = this.asked[count - 1];
    if (last === undefined) throw new Error("no such request");
    return last;
  }
}

/** An answer that never comes. */
export const NEVER: PlayedAnswer = () => Promise.withResolvers<Response>().promise;
