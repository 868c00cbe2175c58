/** A visitor does not reach an endpoint, or its upstream. Part of `ERRORS`. */
export const VISITOR_ERRORS = {
  ERR_NGROK_3004: {
    status: 502,
    text: (f: { upstream: string; reason: string }) => `${f.upstream} did not answer with valid HTTP: ${f.reason}`,
    hint: "Is it an HTTP service? For other protocols use a tcp tunnel; for HTTPS services give the address with https://.",
  },
  ERR_NGROK_3200: {
    status: 404,
    text: (f: { host: string }) => `Tunnel ${f.host} not found`,
    hint: "No endpoint of this name is online. Start the agent, or check the name.",
  },
  ERR_NGROK_3206: {
    status: 400,
    text: () => "This service takes WebSockets only",
    hint: "Connect to it with a program that opens a WebSocket of version 13.",
  },
  ERR_NGROK_3210: {
    status: 502,
    text: (f: { host: string }) => `The agent that serves ${f.host} was lost before the answer came`,
    hint: "Try again: the agent may be back at once.",
  },
  ERR_NGROK_8012: {
    status: 502,
    text: (f: { upstream: string; reason: string }) => `The agent could not connect to ${f.upstream}: ${f.reason}`,
    hint: "Is the local service running, and does it listen on that address?",
  },
  ERR_GINNEL_BAD_REQUEST: {
    status: 400,
    text: (f: { reason: string }) => `Bad request: ${f.reason}`,
    hint: "The request breaks the rules of HTTP/1.1, so it was not handed on.",
  },
  ERR_GINNEL_BUSY: {
    status: 503,
    text: (f: { host: string }) => `The agent that serves ${f.host} has as many connections open as it can take`,
    hint: "Try again later.",
  },
  ERR_GINNEL_CONNECT: {
    status: 501,
    text: () => "This is no proxy: CONNECT is not served",
    hint: "Ask for the resource itself.",
  },
  ERR_GINNEL_CONNECTION_RATE: {
    status: 429,
    text: (f: { limit: number }) =>
      `Too many visitors: the account of this service takes ${f.limit} new connections a second`,
    hint: "Try again in a moment. Whoever runs the service can ask the operator of the edge for a higher limit.",
  },
  ERR_GINNEL_HTTPS_ONLY: {
    status: 403,
    text: (f: { host: string }) => `${f.host} is served by https alone, and this request came in the clear`,
    hint: "Use https:// in the URL. What was sent may have been seen: change keys that were in it.",
  },
  ERR_GINNEL_MISDIRECTED: {
    status: 421,
    text: (f: { host: string }) => `This connection was opened for another name than ${f.host}`,
    hint: "Open a connection of its own for this name.",
  },
  ERR_GINNEL_NOT_TLS: {
    status: 400,
    text: () => "This port speaks TLS",
    hint: "Use https:// in the URL.",
  },
  ERR_GINNEL_RETURNING: {
    status: 503,
    text: (f: { host: string }) => `The agent that serves ${f.host} is on its way back`,
    hint: "The edge was just restarted. Try again in a moment.",
  },
  ERR_GINNEL_SLOW_BODY: {
    status: 408,
    text: (f: { seconds: number }) => `The body of the request did not come within ${f.seconds} seconds`,
    hint: "Try again over a better connection.",
  },
} as const;
