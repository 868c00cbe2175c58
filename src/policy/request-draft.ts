/** A request as the steps of a policy see and change it: each sees what those before it did. The head stays as received. */
import { HeadEdits } from "../protocol/http1/head-edits.ts";
import { escapedUrl } from "./escaped-url.ts";
import { PassedRules } from "./passed-rules.ts";
import type { RequestHead } from "../protocol/http1/request-head.ts";

export interface RequestFacts {
  /** Address of the layer below, without port (never X-Forwarded-For, reference.md 7.10). */
  readonly visitorIp: string;
  readonly scheme: "http" | "https";
  /** For durations; from an arbitrary start. */
  readonly nowMs: number;
  /** Wall clock, for what others have written a time into. */
  readonly date: Date;
}

export class RequestDraft {
  readonly head: RequestHead;
  readonly facts: RequestFacts;
  /** By the steps of this request. */
  readonly passed: PassedRules;
  /** Values of the names that a step has touched, in lower case. */
  readonly #changed = new Map<string, readonly string[]>();
  #edits: HeadEdits | undefined;
  #url: string | undefined;

  constructor(head: RequestHead, facts: RequestFacts, passed = new PassedRules()) {
    this.head = head;
    this.facts = facts;
    this.passed = passed;
  }

  /** All changes; undefined when there is none. */
  get edits(): HeadEdits | undefined {
    return this.#edits;
  }

  /** First value of that name, which is given in lower case. One character per octet. */
  get(name: string): string | undefined {
    return this.values(name)[0];
  }

  values(name: string): readonly string[] {
    return this.#changed.get(name) ?? this.head.values(name);
  }

  /** As the visitor typed it, as far as that can be known. */
  get url(): string {
    const { originForm } = this.head;
    return this.#url ?? `${this.facts.scheme}://${this.get("host") ?? ""}${originForm === "*" ? "" : originForm}`;
  }

  add(name: string, value: string): void {
    const lower = name.toLowerCase();
    this.#changed.set(lower, [...this.values(lower), value]);
    this.#change().add(name, value);
  }

  set(name: string, value: string): void {
    this.#changed.set(name.toLowerCase(), [value]);
    this.#change().set(name, value);
  }

  remove(name: string): void {
    this.#changed.set(name.toLowerCase(), []);
    this.#change().remove(name);
  }

  /**
   * The upstream gets the path and query of this URL, and its host when that is another one. False, and nothing changes, when
   * it is no http or https URL.
   */
  setUrl(url: string): boolean {
    const [, host, rest] = /^https?:\/\/([^/?#\s]+)([^#]*)/i.exec(url) ?? [];
    if (host === undefined || rest === undefined || !/^[\w.:[\]-]+$/.test(host)) return false;
    const target = escapedUrl(rest.startsWith("/") ? rest : `/${rest}`, "octets");
    const current = this.get("host") ?? "";
    if (host.toLowerCase() !== current.toLowerCase()) this.set("Host", host);
    this.#change().setTarget(target);
    this.#url = url;
    return true;
  }

  #change(): HeadEdits {
    this.#edits ??= new HeadEdits();
    return this.#edits;
  }
}
