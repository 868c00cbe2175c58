const NEED_A_VALUE = "Give at least one of the fields that can be changed.";

/** Records of an account, whatever their kind, cannot be had, made or changed. Part of `ERRORS`. */
export const RECORD_ERRORS = {
  ERR_NGROK_422: {
    status: 400,
    text: () => "Nothing was given to change of the reserved domain.",
    hint: NEED_A_VALUE,
  },
  ERR_NGROK_506: {
    status: 400,
    text: () => "Nothing was given to change of the reserved address.",
    hint: NEED_A_VALUE,
  },
  ERR_NGROK_600: {
    status: 400,
    text: (f: { rule: string }) => `The rule ${JSON.stringify(f.rule)} of the ACL is invalid.`,
    hint: "Write *, bind:HOST, bind:*.DOMAIN or bind:HOST:PORT.",
  },
  ERR_NGROK_606: { status: 400, text: () => "Nothing was given to change of the credential.", hint: NEED_A_VALUE },
  ERR_NGROK_1400: { status: 400, text: () => "Nothing was given to change of the IP policy.", hint: NEED_A_VALUE },
  ERR_NGROK_1401: { status: 400, text: () => "Nothing was given to change of the IP policy rule.", hint: NEED_A_VALUE },
  ERR_GINNEL_AGENT_ENDPOINT: {
    status: 400,
    text: (f: { id: string }) => `The endpoint ${f.id} is an agent's, and cannot be changed or deleted here.`,
    hint: "Stop or change the tunnel that it belongs to, where the agent runs.",
  },
  ERR_GINNEL_CONFLICT: {
    status: 409,
    text: (f: { reason: string }) => `This does not go together with what is there: ${f.reason}`,
    hint: "Change one of them first.",
  },
  ERR_GINNEL_NO_CHANGE: { status: 400, text: () => "Nothing was given to change.", hint: NEED_A_VALUE },
  ERR_GINNEL_STORE: {
    status: 503,
    text: () => "The edge cannot reach or write its records. Nothing was changed.",
    hint: "Try again later, or tell the operator of the edge.",
  },
  ERR_GINNEL_STORE_UNSURE: {
    status: 503,
    text: () => "The edge lost its records while it wrote to them. What was asked for may or may not have been done.",
    hint: "Look whether it was, before you try again.",
  },
  ERR_GINNEL_TOO_MANY_RECORDS: {
    status: 400,
    text: (f: { limit: number }) => `The account may have ${f.limit} records of this kind, and has as many.`,
    hint: "Delete those that nothing uses.",
  },
} as const;
