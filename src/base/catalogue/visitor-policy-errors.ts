/** The policy of an endpoint turns a visitor away, or leads nowhere. Part of `ERRORS`. */
export const VISITOR_POLICY_ERRORS = {
  ERR_NGROK_3202: {
    status: 503,
    text: () => "The service fails too often, so it is left alone for a while",
    hint: "Try again in some seconds.",
  },
  ERR_NGROK_3204: {
    status: 403,
    text: () => "This request has no valid signature of the sender that is expected here",
    hint: "Check the secret, and the clock of the sender.",
  },
  ERR_NGROK_3205: {
    status: 403,
    text: (f: { ip: string }) => `Your address ${f.ip} is not allowed here`,
    hint: "Ask whoever runs this service to allow it.",
  },
  ERR_NGROK_3211: {
    status: 403,
    text: () => "This program is not allowed here",
    hint: "Ask whoever runs this service to allow it, or use another one.",
  },
  ERR_GINNEL_BODY_LIMIT: {
    status: 413,
    text: (f: { limitBytes: number }) =>
      `The body has more than ${f.limitBytes} bytes, which is as much as can be checked before it goes on`,
    hint: "Send less.",
  },
  ERR_GINNEL_BODY_ROOM: {
    status: 503,
    text: () => "Too many bodies wait here to be checked before they go on",
    hint: "Try again in a moment.",
  },
  ERR_GINNEL_FORWARD: {
    status: 502,
    text: () => "What this endpoint forwards to is not online",
    hint: "If it is yours: start the agent that serves it; the access log of the edge says which one.",
  },
  ERR_GINNEL_FORWARD_LIMIT: {
    status: 502,
    text: (f: { limit: number }) => `This request was forwarded ${f.limit} times, and was to go on`,
    hint: "Look for endpoints whose policies forward to each other in a circle.",
  },
  ERR_GINNEL_POLICY_URL: {
    status: 500,
    text: () => "The policy of this endpoint makes no usable URL of this request",
    hint: "Whoever runs this service should look at its redirect and url-rewrite actions.",
  },
  ERR_GINNEL_RATE_LIMIT: {
    status: 429,
    text: (f: { waitSeconds: number }) => `Too many requests: the next one may come in ${f.waitSeconds} s`,
    hint: "Wait that long.",
  },
  ERR_GINNEL_REDIRECT_LOOP: {
    status: 508,
    text: () => "This endpoint redirects to this very address, and nothing answers here",
    hint: "Whoever runs this service should redirect to another address, or let an action behind the redirect answer.",
  },
} as const;
