/** Why an endpoint cannot come online, whatever its address. Part of `ERRORS`. */
export const ENDPOINT_ERRORS = {
  ERR_NGROK_359: {
    status: 400,
    text: () => "Invalid basic auth credential: the user name is empty.",
    hint: "Write user:password.",
  },
  ERR_NGROK_360: {
    status: 400,
    text: (f: { least: number; most: number; got: number }) =>
      `Invalid basic auth credential: the password must have ${f.least} to ${f.most} characters, got ${f.got}.`,
    hint: "Choose a longer password.",
  },
  ERR_GINNEL_BAD_AUTHORITY: {
    status: 400,
    text: () => "The certificate authorities for visitors' certificates cannot be read, or are too many.",
    hint: "Give up to 100 certificates in PEM form, or ids of certificate authorities of your account.",
  },
  ERR_GINNEL_BAD_CERTIFICATE: {
    status: 400,
    text: () => "The certificate and key for ending TLS at the edge cannot be read, or do not belong together.",
    hint: "Give a PEM chain with the leaf first, and its unencrypted PEM key.",
  },
  ERR_GINNEL_BIND_PACE: {
    status: 429,
    text: (f: { seconds: number }) =>
      `This account brings too many endpoints, or too much of traffic policies, within ${f.seconds} seconds`,
    hint: "Try again in a minute, with fewer endpoints or shorter traffic policies.",
  },
  ERR_GINNEL_MUTUAL_TLS: {
    status: 400,
    text: (f: { protocol: string }) => `Visitors of ${f.protocol} endpoints cannot be asked for certificates.`,
    hint: "Use https, or tls that ends at the edge; for both http and https endpoints choose https alone.",
  },
  ERR_GINNEL_TOO_MANY_ENDPOINTS: {
    status: 429,
    text: (f: { who: "agent" | "account"; limit: number }) =>
      `This ${f.who} has ${f.limit} endpoints online, which is as many as this edge allows.`,
    hint: "Stop some of them, or ask the operator of the edge for a higher limit.",
  },
  ERR_GINNEL_UNSUPPORTED: {
    status: 501,
    text: (f: { setting: string }) => `This edge does not support ${f.setting} yet.`,
    hint: "Leave it out.",
  },
} as const;
