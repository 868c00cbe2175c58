/**
 * Every failure that a visitor, a user or another program may be shown: the published code, the HTTP status where the
 * failure becomes a page or an answer, the text with its facts, and what to do about it. Codes are those of
 * reference.md appendix B; texts are ours.
 */
/** Facts of a text that needs none: pass `{}`. */
interface NoFacts {
  readonly [name: string]: never;
}

interface Entry {
  readonly status: number;
  readonly text: (facts: never) => string;
  readonly hint: string;
}

export const ERRORS = {
  ERR_NGROK_105: {
    status: 401,
    text: () => "The authtoken is not a properly formed token.",
    hint: "Copy the whole token and save it with the authtoken command.",
  },
  ERR_NGROK_107: {
    status: 401,
    text: () => "The authtoken is not known to this edge, or it was revoked.",
    hint: "Ask the operator of the edge for a token and save it with the authtoken command.",
  },
  ERR_NGROK_3200: {
    status: 404,
    text: (f: { host: string }) => `Tunnel ${f.host} not found`,
    hint: "No endpoint of this name is online. Start the agent, or check the name.",
  },
  ERR_NGROK_8012: {
    status: 502,
    text: (f: { upstream: string; reason: string }) => `The agent could not connect to ${f.upstream}: ${f.reason}`,
    hint: "Is the local service running, and does it listen on that address?",
  },
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof ERRORS;
export type FactsOf<C extends ErrorCode> = Parameters<(typeof ERRORS)[C]["text"]> extends [infer F] ? F : NoFacts;
