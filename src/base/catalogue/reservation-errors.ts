const ASK_OPERATOR = "Delete what is no longer needed, or ask the operator of the edge for a higher limit.";

/** Domains and TCP addresses that cannot be reserved. Part of `ERRORS`. */
export const RESERVATION_ERRORS = {
  ERR_NGROK_400: {
    status: 400,
    text: (f: { region: string; known: string }) =>
      `There is no region ${JSON.stringify(f.region)}. There are: ${f.known}.`,
    hint: "Leave the region out for one that is good everywhere.",
  },
  ERR_NGROK_404: {
    status: 400,
    text: (f: { domain: string }) => `The domain name ${f.domain} belongs to the edge itself.`,
    hint: "Choose another name.",
  },
  ERR_NGROK_413: {
    status: 409,
    text: (f: { domain: string }) => `This domain is already reserved for your account: ${f.domain}`,
    hint: "It can be used as it is.",
  },
  ERR_NGROK_414: {
    status: 409,
    text: (f: { domain: string }) => `This domain is already reserved for another account: ${f.domain}`,
    hint: "Choose another name.",
  },
  ERR_NGROK_415: {
    status: 400,
    text: (f: { limit: number }) => `The account may reserve ${f.limit} domains, and as many are reserved.`,
    hint: ASK_OPERATOR,
  },
  ERR_NGROK_416: {
    status: 400,
    text: (f: { domain: string }) =>
      `A wildcard over names of the edge itself, or over every name below its domain, cannot be reserved: ${f.domain}`,
    hint: "Reserve a single name, or a wildcard below one.",
  },
  ERR_NGROK_417: {
    status: 409,
    text: (f: { domain: string }) =>
      `The wildcard ${f.domain} would cover a domain that is reserved for another account.`,
    hint: "Choose another wildcard.",
  },
  ERR_NGROK_500: {
    status: 400,
    text: (f: { region: string; known: string }) =>
      `There is no region ${JSON.stringify(f.region)}. There are: ${f.known}.`,
    hint: "Leave the region out for that of the edge.",
  },
  ERR_NGROK_503: {
    status: 400,
    text: (f: { ports: string }) =>
      `Every TCP address of the edge is reserved or in use already; it has the ports ${f.ports}.`,
    hint: ASK_OPERATOR,
  },
  ERR_NGROK_508: {
    status: 400,
    text: (f: { limit: number }) => `The account may reserve ${f.limit} TCP addresses, and as many are reserved.`,
    hint: ASK_OPERATOR,
  },
  ERR_GINNEL_NAME_IN_USE: {
    status: 409,
    text: (f: { domain: string }) =>
      `Another account has an endpoint at ${f.domain}, or its agent was there a minute ago at most.`,
    hint: "Choose another name.",
  },
  ERR_GINNEL_NO_DOMAIN: {
    status: 400,
    text: (f: { domain: string }) =>
      `${f.domain} cannot be reserved: it is an IP address or has one part only, so it is no domain of yours.`,
    hint: "Reserve a domain of your own, such as app.example.com.",
  },
  ERR_GINNEL_WIDE_WILDCARD: {
    status: 400,
    text: (f: { domain: string }) => `The wildcard ${f.domain} is too wide: it needs two parts or more behind the *.`,
    hint: "Reserve a wildcard below a domain of your own, such as *.example.com.",
  },
} as const;
