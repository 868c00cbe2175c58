/** What a policy can decide about a request. Values only: whoever drives the visitor carries them out. */
import type { PublicError } from "../base/errors.ts";
import type { InternalUrl } from "../model/internal-url.ts";
import type { HeadEdits } from "../protocol/http1/head-edits.ts";
import type { RequestDraft } from "./request-draft.ts";

export type Field = readonly [name: string, value: string];

/** What the edge says itself in the upstream's place. */
export interface PolicyAnswer {
  /** 200 to 599; 204 and 304 have no body. */
  readonly status: number;
  readonly fields: readonly Field[];
  readonly body: Uint8Array;
}

/** The visitor gets an answer, the page of an error, or nothing at all: its connection is closed. */
export type PolicyEnd =
  /** `refusedBy`: it turns the visitor away; a word of ours for the rule. */
  | { readonly type: "answer"; readonly answer: PolicyAnswer; readonly refusedBy?: string }
  /** `fields` stand beside those of the page. `unreached`: the internal URL that it was not forwarded to, for the log alone. */
  | {
      readonly type: "refuse";
      readonly error: PublicError;
      readonly fields?: readonly Field[];
      readonly unreached?: string;
    }
  | { readonly type: "close" };

/** The internal endpoint of this URL has the visitor from here on. */
export interface PolicyForward {
  readonly type: "forward";
  readonly to: InternalUrl;
  /** Nobody serves that URL: go on with the next step rather than turn the visitor away. */
  readonly mayGoOn: boolean;
}

/** Of a connection; `undefined` goes on. `goOn` is what the steps behind a forward say, where it may be left out. */
export type ConnectVerdict = undefined | PolicyEnd | (PolicyForward & { readonly goOn: () => ConnectVerdict });

/** One step's word on a connection. */
export type ConnectStepVerdict = undefined | PolicyEnd | PolicyForward;

/** One step's word: `undefined` goes on to the next. */
export type StepVerdict =
  | undefined
  | PolicyEnd
  | PolicyForward
  /** The step has to see the whole body, without transfer coding, before it can say more. */
  | { readonly type: "body"; readonly limitBytes: number; readonly check: (body: Uint8Array) => StepVerdict };

/** The word of all steps together. `edits` is undefined when nothing changes. */
export type RequestVerdict =
  | PolicyEnd
  | { readonly type: "pass"; readonly edits: HeadEdits | undefined }
  /** The policy of that endpoint takes the draft over; `goOn` as in {@link ConnectVerdict}. */
  | (PolicyForward & { readonly draft: RequestDraft; readonly goOn: () => RequestVerdict })
  | { readonly type: "body"; readonly limitBytes: number; readonly resume: (body: Uint8Array) => RequestVerdict };

/** `compresses`: the body goes on as gzip, of which the edits tell. */
export type ResponseVerdict =
  | PolicyEnd
  | { readonly type: "pass"; readonly edits: HeadEdits | undefined; readonly compresses: boolean };
