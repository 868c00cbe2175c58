type SessionHolder = "This edge" | "This account" | "One agent";

const MORE_SESSIONS: Readonly<Record<SessionHolder, string>> = {
  "This edge": "Stop an agent that is no longer needed, or ask the operator of the edge for a higher max-sessions.",
  "This account": "Stop an agent that is no longer needed, or ask the operator of the edge for a higher limit.",
  "One agent": "End sessions that this agent no longer needs; the limit is the same at every edge.",
};

/** An agent is not let in, or its session has to end (reference.md appendix B). Part of `ERRORS`. */
export const SESSION_ERRORS = {
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
  ERR_NGROK_108: {
    status: 429,
    text: (f: { who: SessionHolder; limit: number }) =>
      `${f.who} may have ${f.limit} sessions at a time, and as many are online.`,
    hint: ({ who }: { who: SessionHolder }) => MORE_SESSIONS[who],
  },
  ERR_NGROK_115: {
    status: 403,
    text: (f: { ip: string }) => `Agents of this account may not connect from the address ${f.ip}.`,
    hint: "Ask whoever manages the account to allow the address in its IP restriction for agents.",
  },
  ERR_NGROK_116: {
    status: 403,
    text: () => "Agents of this account may not connect from where this one runs, which has no IP address.",
    hint: "Connect to the edge over the network, or ask whoever manages the account to lift its IP restriction for agents.",
  },
  ERR_NGROK_300: {
    status: 401,
    text: () => "The credential of this session was deleted, or its account was closed.",
    hint: "Use another authtoken.",
  },
  ERR_NGROK_4018: {
    status: 401,
    text: () => "This edge lets agents in with an authtoken only, and none was sent.",
    hint: "Ask the operator of the edge for a token and save it with the authtoken command.",
  },
  ERR_GINNEL_FAILED_AGENTS: {
    status: 429,
    text: (f: { limit: number }) =>
      `The authtoken is not known to this edge, nor were ${f.limit} others that came from your address lately.`,
    hint: "Check the authtoken; it may have been deleted.",
  },
  ERR_GINNEL_AGENTS_WAIT: {
    status: 429,
    text: (f: { limit: number }) =>
      `${f.limit} authtokens that came from your address lately are not known to this edge; further ones wait, and too many do to look at this one.`,
    hint: "Try again in a few seconds; agents do so by themselves.",
  },
  ERR_GINNEL_SESSION_REPLACED: {
    status: 409,
    text: () => "A newer session of this agent took the place of this one.",
    hint: "Use the newer session.",
  },
} as const;
