const SEE_REFERENCE = "The description of the API at /openapi.json tells what may be given.";

/** A call of the management API is not understood or not answered, or its caller not let in (reference.md 8.1). Part of `ERRORS`. */
export const API_CALL_ERRORS = {
  ERR_NGROK_200: {
    status: 401,
    text: () => "No API key was sent.",
    hint: "Send it in the header Authorization: Bearer KEY.",
  },
  ERR_NGROK_201: {
    status: 401,
    text: () => "The Authorization header cannot be understood.",
    hint: "Write it as Authorization: Bearer KEY.",
  },
  ERR_NGROK_202: {
    status: 401,
    text: () => "What was sent is no API key.",
    hint: "An API key has two parts with an underscore between them; copy the whole key.",
  },
  ERR_NGROK_203: {
    status: 401,
    text: () => "The API key is not known to this edge, or it was revoked.",
    hint: "Make a new key, or ask the operator of the edge for one.",
  },
  ERR_NGROK_206: {
    status: 401,
    text: () => "What was sent is the id of an authtoken, not an API key.",
    hint: "Authtokens let agents in. Make an API key for this.",
  },
  ERR_NGROK_207: {
    status: 401,
    text: () => "What was sent is an authtoken, not an API key.",
    hint: "Authtokens let agents in. Make an API key for this.",
  },
  ERR_NGROK_208: {
    status: 401,
    text: () => "What was sent is the id of an API key, not the key itself.",
    hint: "The key was shown once, when it was made. Make another if it is lost.",
  },
  ERR_NGROK_210: {
    status: 415,
    text: (f: { type: string }) => `The content type ${JSON.stringify(f.type)} is not supported.`,
    hint: "Send application/json.",
  },
  ERR_NGROK_211: {
    status: 400,
    text: (f: { method: string }) => `A ${f.method} call has no body here, but one was sent.`,
    hint: "Leave it out.",
  },
  ERR_NGROK_212: {
    status: 413,
    text: (f: { limitBytes: number }) => `The body is larger than ${f.limitBytes} bytes.`,
    hint: "Send less.",
  },
  ERR_NGROK_213: {
    status: 400,
    text: (f: { reason: string }) => `The body cannot be read as JSON: ${f.reason}`,
    hint: "Send one object of JSON.",
  },
  ERR_NGROK_214: {
    status: 400,
    text: (f: { name: string; known: string }) =>
      `The field ${JSON.stringify(f.name)} is not known. Known are: ${f.known}.`,
    hint: SEE_REFERENCE,
  },
  ERR_NGROK_215: {
    status: 400,
    text: (f: { name: string; reason: string }) =>
      `The value of the field ${JSON.stringify(f.name)} is invalid: ${f.reason}`,
    hint: SEE_REFERENCE,
  },
  ERR_NGROK_216: {
    status: 415,
    text: () => "The call has a body but no Content-Type.",
    hint: "Send application/json.",
  },
  ERR_NGROK_217: {
    status: 400,
    text: (f: { version: string }) => `The API version ${JSON.stringify(f.version)} is not supported.`,
    hint: "Send the header Ngrok-Version: 2.",
  },
  ERR_NGROK_218: {
    status: 400,
    text: () => "The call does not say which version of the API it means.",
    hint: "Send the header Ngrok-Version: 2.",
  },
  ERR_NGROK_220: {
    status: 403,
    text: (f: { type: string }) => `The IP restriction of type ${f.type} of this account does not let your address in.`,
    hint: "Call from another address, or ask the operator of the edge to delete the restriction (edge admin ip-restriction).",
  },
  ERR_NGROK_222: {
    status: 404,
    text: (f: { resource: string; id: string }) =>
      `The ${f.resource} resource identified by '${f.id}' could not be found because the identifier is not a valid identifier.`,
    hint: "Copy the whole id from a list.",
  },
  ERR_NGROK_226: {
    status: 429,
    text: (f: { limit: number; seconds: number }) =>
      `An account may make ${f.limit} calls in ${f.seconds} seconds, and as many were made.`,
    hint: "Wait for as long as Retry-After says.",
  },
  ERR_NGROK_230: {
    status: 400,
    text: (f: { reason: string }) => `The query of the URL is invalid: ${f.reason}`,
    hint: SEE_REFERENCE,
  },
  ERR_NGROK_231: {
    status: 400,
    text: (f: { name: string; known: string }) =>
      `The query parameter ${JSON.stringify(f.name)} is not known. Known are: ${f.known}.`,
    hint: SEE_REFERENCE,
  },
  ERR_NGROK_232: {
    status: 400,
    text: (f: { name: string }) => `The query parameter ${JSON.stringify(f.name)} may be given once only.`,
    hint: SEE_REFERENCE,
  },
  ERR_NGROK_233: {
    status: 400,
    text: (f: { value: string; most: number }) =>
      `The limit of a page is a number from 1 to ${f.most}, not ${JSON.stringify(f.value)}.`,
    hint: "Follow next_page_uri for more.",
  },
  ERR_GINNEL_CALLS_UNDER_WAY: {
    status: 429,
    text: (f: { limit: number }) =>
      `The account has ${f.limit} calls under way, which is as many as it may have at a time.`,
    hint: "Wait until one is answered.",
  },
  ERR_GINNEL_FAILED_CALLERS: {
    status: 429,
    text: (f: { limit: number }) =>
      `${f.limit} API keys from your address were wrong, and no more are looked at for now.`,
    hint: "Wait for as long as Retry-After says.",
  },
  ERR_GINNEL_FAULT: {
    status: 500,
    text: () => "The edge could not do this because of a fault of its own.",
    hint: "The operator finds the reason in its log by the operation's id.",
  },
  ERR_GINNEL_METHOD: {
    status: 405,
    text: (f: { method: string; allowed: string }) => `${f.method} is not allowed here; allowed: ${f.allowed}`,
    hint: SEE_REFERENCE,
  },
  ERR_GINNEL_STARTING: {
    status: 503,
    text: () => "The edge is starting.",
    hint: "Try again in a moment.",
  },
} as const;
