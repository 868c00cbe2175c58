/** A request for a site of the edge itself goes wrong, whatever the site would say. Part of `ERRORS`. */
export const OWN_SITE_ERRORS = {
  ERR_GINNEL_SITE_BODY: {
    status: 413,
    text: (f: { limitBytes: number }) =>
      `The body has more than ${f.limitBytes} bytes, which is as much as is taken here`,
    hint: "Send less.",
  },
  ERR_GINNEL_SITE_BUSY: {
    status: 503,
    text: () => "Too many requests are on their way to this service",
    hint: "Try again in a moment.",
  },
  ERR_GINNEL_SITE_FAULT: {
    status: 500,
    text: (f: { host: string }) => `${f.host} failed to answer`,
    hint: "The log of the edge tells why. Try again, or tell its operator.",
  },
  ERR_GINNEL_SITE_TIMEOUT: {
    status: 504,
    text: (f: { host: string }) => `${f.host} did not answer in time`,
    hint: "Try again later, or tell the operator of the edge. What was asked for may be done all the same.",
  },
  ERR_GINNEL_UNKNOWN_METHOD: {
    status: 501,
    text: (f: { method: string }) => `The method ${f.method} is not known here`,
    hint: "Use a method that the description of this service names.",
  },
} as const;
