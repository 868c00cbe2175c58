import type { Account } from "../../model/records/account.ts";
import type { Actor } from "../../model/records/audit-entry.ts";

/** Who calls: proved by an API key, or by a session that was begun with one. */
export interface Caller {
  readonly account: Account;
  readonly actor: Actor;
}

/**
 * Tells who sends a request, from the address `ip`, and counts it.
 * @throws PublicError, CallRefused when nobody known does, may not from there, or too often
 */
export type Identify = (request: Request, ip: string) => Promise<Caller>;

/** One call, checked as far as all calls are alike. */
export interface ManagementCall {
  readonly caller: Caller;
  /** Of the path; well formed. Empty where the path has none. */
  readonly id: string;
  /** An object of JSON whose fields nobody has looked at; empty for calls that take none. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly page: PageWish;
}

/** Which part of a list is wanted. */
export interface PageWish {
  /** One more than fits on the page, which tells whether there is a next one. */
  readonly limit: number;
  readonly beforeId: string | undefined;
}

/** Answers the JSON of one record, or nothing. */
export type AnswerOne = (call: ManagementCall) => Promise<object | undefined>;

/** The calls of one resource by the names of its {@link ResourceSpec}; `list` answers the records of a page. */
export interface ResourceHandlers {
  readonly list: (call: ManagementCall) => Promise<readonly { readonly id: string }[]>;
  readonly actions: Readonly<Record<string, AnswerOne>>;
}
