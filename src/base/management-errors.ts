/** Failures of the management API that nothing else shows (reference.md 8.1 and appendix B). Part of {@link ERRORS}. */

const SEE_REFERENCE = "The description of the API at /openapi.json tells what may be given.";
const NEED_A_VALUE = "Give at least one of the fields that can be changed.";
const ASK_OPERATOR = "Delete what is no longer needed, or ask the operator of the edge for a higher limit.";

export const MANAGEMENT_ERRORS = {
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
  ERR_NGROK_422: {
    status: 400,
    text: () => "Nothing was given to change of the reserved domain.",
    hint: NEED_A_VALUE,
  },
  ERR_NGROK_434: {
    status: 400,
    text: () => "A domain has either a certificate or a policy for getting one, not both.",
    hint: "Take the other one away first.",
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
  ERR_NGROK_506: {
    status: 400,
    text: () => "Nothing was given to change of the reserved address.",
    hint: NEED_A_VALUE,
  },
  ERR_NGROK_508: {
    status: 400,
    text: (f: { limit: number }) => `The account may reserve ${f.limit} TCP addresses, and as many are reserved.`,
    hint: ASK_OPERATOR,
  },
  ERR_NGROK_600: {
    status: 400,
    text: (f: { rule: string }) => `The rule ${JSON.stringify(f.rule)} of the ACL is invalid.`,
    hint: "Write *, bind:HOST, bind:*.DOMAIN or bind:HOST:PORT.",
  },
  ERR_NGROK_606: { status: 400, text: () => "Nothing was given to change of the credential.", hint: NEED_A_VALUE },
  ERR_NGROK_1400: { status: 400, text: () => "Nothing was given to change of the IP policy.", hint: NEED_A_VALUE },
  ERR_NGROK_1401: { status: 400, text: () => "Nothing was given to change of the IP policy rule.", hint: NEED_A_VALUE },
  ERR_NGROK_1408: {
    status: 409,
    text: (f: { cidr: string }) => `The IP policy already has a rule for ${f.cidr}.`,
    hint: "Change that rule, or delete it first.",
  },
  ERR_NGROK_1410: {
    status: 400,
    text: (f: { limit: number }) => `The account may have ${f.limit} IP policies, and has as many.`,
    hint: "Delete those that nothing uses.",
  },
  ERR_NGROK_1411: {
    status: 400,
    text: (f: { limit: number }) => `An IP policy may have ${f.limit} rules, and this one has as many.`,
    hint: "Take wider networks, or divide the rules among several policies.",
  },
  ERR_NGROK_1420: {
    status: 409,
    text: (f: { id: string }) => `The IP policy ${f.id} cannot be deleted while an IP restriction uses it.`,
    hint: "Take it out of the restriction first.",
  },
  ERR_NGROK_1422: {
    status: 400,
    text: () => "The action of an IP policy rule is either allow or deny.",
    hint: "Give one of them.",
  },
  ERR_NGROK_1423: {
    status: 400,
    text: () => "An IP policy has no action of its own.",
    hint: "Give each of its rules an action.",
  },
  ERR_NGROK_1800: {
    status: 400,
    text: (f: { limit: number }) => `An IP restriction may name ${f.limit} IP policies.`,
    hint: "Put their rules into fewer policies.",
  },
  ERR_NGROK_1801: {
    status: 404,
    text: () => "An IP policy of the restriction does not exist.",
    hint: "Make it first, or leave it out.",
  },
  ERR_NGROK_1802: {
    status: 409,
    text: (f: { type: string }) => `The account already has an IP restriction of the type ${f.type}.`,
    hint: "Change that one, or delete it first.",
  },
  ERR_NGROK_1804: {
    status: 400,
    text: () => "An IP restriction needs at least one IP policy.",
    hint: "Give ip_policy_ids.",
  },
  ERR_NGROK_1900: {
    status: 400,
    text: () => "The certificate cannot be read.",
    hint: "Give an X.509 certificate as PEM.",
  },
  ERR_NGROK_1902: {
    status: 400,
    text: () => "The private key is encrypted.",
    hint: "Give it without a passphrase.",
  },
  ERR_NGROK_1903: {
    status: 400,
    text: () => "The private key cannot be read, or is of a kind that is not supported.",
    hint: "Give an RSA, elliptic curve or Ed25519 key as PEM.",
  },
  ERR_NGROK_1912: {
    status: 400,
    text: (f: { count: number }) => `One certificate of an authority can be uploaded at a time, not ${f.count}.`,
    hint: "Make one certificate authority of each.",
  },
  ERR_NGROK_1913: {
    status: 400,
    text: () => "The certificate is not that of a certificate authority (RFC 5280, 4.2.1.9).",
    hint: "Give the certificate that signs those of your visitors.",
  },
  ERR_NGROK_1921: {
    status: 400,
    text: (f: { limitBytes: number }) => `The PEM text is larger than ${f.limitBytes} bytes.`,
    hint: "Give the certificate and its chain only.",
  },
  ERR_NGROK_1922: {
    status: 400,
    text: () => "There is no certificate in the PEM text.",
    hint: "It begins with -----BEGIN CERTIFICATE-----.",
  },
  ERR_NGROK_1923: {
    status: 400,
    text: () => "The certificate and the private key do not belong together.",
    hint: "Give the key that the first certificate was made with.",
  },
  ERR_NGROK_1926: {
    status: 400,
    text: () => "The certificates of the chain are not each signed by the next.",
    hint: "Put the leaf first, then the certificate that signed it, and so on.",
  },
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
  ERR_GINNEL_NO_CHANGE: { status: 400, text: () => "Nothing was given to change.", hint: NEED_A_VALUE },
  ERR_GINNEL_STARTING: {
    status: 503,
    text: () => "The edge is starting.",
    hint: "Try again in a moment.",
  },
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
  ERR_GINNEL_CALLS_UNDER_WAY: {
    status: 429,
    text: (f: { limit: number }) =>
      `The account has ${f.limit} calls under way, which is as many as it may have at a time.`,
    hint: "Wait until one is answered.",
  },
  ERR_GINNEL_TOO_MANY_RECORDS: {
    status: 400,
    text: (f: { limit: number }) => `The account may have ${f.limit} records of this kind, and has as many.`,
    hint: "Delete those that nothing uses.",
  },
  ERR_GINNEL_WIDE_WILDCARD: {
    status: 400,
    text: (f: { domain: string }) => `The wildcard ${f.domain} is too wide: it needs two parts or more behind the *.`,
    hint: "Reserve a wildcard below a domain of your own, such as *.example.com.",
  },
  ERR_GINNEL_FAILED_CALLERS: {
    status: 429,
    text: (f: { limit: number }) =>
      `${f.limit} API keys from your address were wrong, and no more are looked at for now.`,
    hint: "Wait for as long as Retry-After says.",
  },
} as const;
