/**
 * Every failure that a visitor, a user or another program may be shown: the published code, the HTTP status where the
 * failure becomes a page or an answer, the text with its facts, and what to do about it. Codes are those of
 * reference.md appendix B; texts are ours.
 */
import { DASHBOARD_ERRORS } from "./dashboard-errors.ts";
import { MANAGEMENT_ERRORS } from "./management-errors.ts";
import { REMOTE_ERRORS } from "./remote-errors.ts";

/** Facts of a text that needs none: pass `{}`. */
interface NoFacts {
  readonly [name: string]: never;
}

interface Entry {
  readonly status: number;
  readonly text: (facts: never) => string;
  /** For whoever reads the text: a visitor, or the person who runs the agent. */
  readonly hint: string | ((facts: never) => string);
}

type SessionHolder = "This edge" | "This account" | "One agent";

const MORE_SESSIONS: Readonly<Record<SessionHolder, string>> = {
  "This edge": "Stop an agent that is no longer needed, or ask the operator of the edge for a higher max-sessions.",
  "This account": "Stop an agent that is no longer needed, or ask the operator of the edge for a higher limit.",
  "One agent": "End sessions that this agent no longer needs; the limit is the same at every edge.",
};

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
  ERR_NGROK_307: {
    status: 400,
    text: (f: { address: string; ports: string }) =>
      `The TCP address ${f.address} is not reserved for this account, or not one of this edge, which has the ports ${f.ports}.`,
    hint: "Ask for no address to get a random port, or for an address that is reserved.",
  },
  ERR_NGROK_308: {
    status: 403,
    text: (f: { address: string }) => `The ACL of the credential does not allow the TCP address ${f.address}.`,
    hint: "Use another authtoken, or have the rule bind:HOST:PORT added to this one.",
  },
  ERR_NGROK_309: {
    status: 400,
    text: (f: { address: string }) => `The TCP address ${f.address} is reserved by another account.`,
    hint: "Ask for another port.",
  },
  ERR_NGROK_311: {
    status: 400,
    text: (f: { address: string; region: string; here: string }) =>
      `The TCP address ${f.address} is reserved in the region ${f.region}, and this edge is in ${f.here}.`,
    hint: "Connect the agent to an edge of that region.",
  },
  ERR_NGROK_316: {
    status: 403,
    text: (f: { domain: string }) => `The ACL of the credential does not allow the name ${f.domain}.`,
    hint: "Use another authtoken, or have the rule bind:NAME added to this one.",
  },
  ERR_NGROK_318: {
    status: 400,
    text: (f: { domain: string }) => `The wildcard domain name ${f.domain} is only a part of what is reserved.`,
    hint: "Reserve this very wildcard, or bind the one that is reserved.",
  },
  ERR_NGROK_319: {
    status: 400,
    text: (f: { domain: string }) => `The domain name ${f.domain} is not reserved at this edge.`,
    hint: "Use one label below the base domain of the edge, or ask its operator to reserve the name.",
  },
  ERR_NGROK_320: {
    status: 400,
    text: (f: { domain: string }) =>
      `The domain name ${f.domain} is reserved by another account, or by the edge itself.`,
    hint: "Choose another name.",
  },
  ERR_NGROK_321: {
    status: 400,
    text: (f: { domain: string }) => `The wildcard domain name ${f.domain} is not reserved at this edge.`,
    hint: "Ask the operator of the edge to reserve this very wildcard.",
  },
  ERR_NGROK_322: {
    status: 400,
    text: (f: { domain: string; region: string; here: string }) =>
      `The domain name ${f.domain} is reserved in the region ${f.region}, and this edge is in ${f.here}.`,
    hint: "Connect the agent to an edge of that region.",
  },
  ERR_NGROK_326: {
    status: 400,
    text: (f: { character: string; domain: string }) =>
      `Invalid character ${JSON.stringify(f.character)} in the domain name ${JSON.stringify(f.domain)}.`,
    hint: "Use only a-z, A-Z, 0-9, hyphen and period, and * as a whole first part; write international names as xn--.",
  },
  ERR_NGROK_327: {
    status: 400,
    text: (f: { domain: string }) => `The domain name ${f.domain} has two periods in a row.`,
    hint: "Remove one of them.",
  },
  ERR_NGROK_328: {
    status: 400,
    text: (f: { part: string; domain: string }) =>
      `The part "${f.part}" of the domain name "${f.domain}" has an invalid first character.`,
    hint: "Begin each part with a letter or a digit.",
  },
  ERR_NGROK_329: {
    status: 400,
    text: (f: { part: string; domain: string }) =>
      `The part "${f.part}" of the domain name ${f.domain} has an invalid last character.`,
    hint: "End each part with a letter or a digit.",
  },
  ERR_NGROK_330: {
    status: 400,
    text: (f: { domain: string }) => `The domain name ${f.domain} has "--" in positions 3 and 4 of a part.`,
    hint: "Only names in punycode (xn--) may have that.",
  },
  ERR_NGROK_334: {
    status: 409,
    text: (f: { url: string; canJoin?: boolean; isOfAnotherProgram?: boolean }) =>
      f.isOfAnotherProgram === true
        ? `The address ${f.url} cannot be had: another program at the edge listens on its port.`
        : `The endpoint ${f.url} is already online: it is already bound to another tunnel session or to a cloud endpoint.${f.canJoin === true ? " Those that are there share their address: --pooling-enabled (pooling_enabled: true) joins them." : ""}`,
    hint: ({ isOfAnotherProgram }: { isOfAnotherProgram?: boolean }) =>
      isOfAnotherProgram === true
        ? "Ask for another port, or have the operator of the edge end that program."
        : "Stop the agent that serves it or delete the cloud endpoint, or choose another name.",
  },
  ERR_NGROK_347: {
    status: 400,
    text: (f: { part: string; domain: string }) =>
      `The part ${f.part} of the domain name ${f.domain} is no valid punycode.`,
    hint: "Check the name with a punycode converter.",
  },
  ERR_NGROK_354: {
    status: 400,
    text: (f: { domain: string }) =>
      `The domain name ${f.domain} lies several labels below the base domain and is not reserved at this edge.`,
    hint: "Use one label below the base domain, or ask the operator of the edge to reserve the name.",
  },
  ERR_NGROK_355: {
    status: 400,
    text: (f: { domain: string }) => `Invalid "_" in the domain name ${JSON.stringify(f.domain)}.`,
    hint: "Domain names have no underscores; use a hyphen.",
  },
  ERR_NGROK_356: {
    status: 403,
    text: () => "The ACL of the credential does not allow a random TCP address.",
    hint: "Ask for an address that a rule bind:HOST:PORT of it names, or use another authtoken.",
  },
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
  ERR_NGROK_362: {
    status: 400,
    text: (f: { cidr: string }) => `Invalid IP restriction configuration, invalid CIDR: ${f.cidr}`,
    hint: "Write a network as 192.0.2.0/24 or 2001:db8::/32.",
  },
  ERR_NGROK_396: {
    status: 400,
    text: (f: { domain: string }) => `A part of the domain name ${f.domain} has more than 63 characters.`,
    hint: "Shorten it.",
  },
  ERR_NGROK_397: {
    status: 400,
    text: (f: { domain: string }) => `The domain name ${f.domain} has more than 253 characters.`,
    hint: "Shorten it.",
  },
  ERR_NGROK_402: {
    status: 400,
    text: (f: { domain: string }) => `Only the first part of the domain name ${f.domain} may be the wildcard *.`,
    hint: "Write wildcards as *.example.com.",
  },
  ERR_NGROK_403: {
    status: 400,
    text: (f: { domain: string }) => `The wildcard part of the domain name ${f.domain} is more than a single *.`,
    hint: "Write wildcards as *.example.com.",
  },
  ERR_NGROK_1409: {
    status: 400,
    text: (f: { cidr: string; suggestion: string }) =>
      `The network ${f.cidr} must be written with the lowest address in its range. Did you mean ${f.suggestion}?`,
    hint: "Set the bits behind the mask to zero.",
  },
  ERR_NGROK_1413: {
    status: 400,
    text: (f: { address: string; bits: number }) =>
      `${f.address} is missing a network mask. Write ${f.address}/${f.bits} for this single address.`,
    hint: "Write a network as 192.0.2.0/24 or 2001:db8::/32.",
  },
  ERR_NGROK_2200: {
    status: 400,
    text: (f: { expression: string }) => `Expressions in traffic policies are not supported yet: ${f.expression}`,
    hint: "Leave the expression out.",
  },
  ERR_NGROK_2201: {
    status: 400,
    text: (f: { action: string; known: string }) =>
      `The action ${JSON.stringify(f.action)} is not supported by this edge, which has ${f.known}.`,
    hint: "Leave the action out.",
  },
  ERR_NGROK_2202: {
    status: 400,
    text: (f: { action: string; phase: string }) => `The action ${f.action} cannot stand in the phase ${f.phase}.`,
    hint: "Move it to a phase that it is made for.",
  },
  ERR_NGROK_2203: {
    status: 400,
    text: (f: { action: string; reason: string }) =>
      `The configuration of the action ${f.action} cannot be used: ${f.reason}`,
    hint: "Correct the policy; its actions and their settings are listed in the documentation.",
  },
  ERR_NGROK_2205: {
    status: 400,
    text: (f: { action: string; protocol: string }) => `The action ${f.action} is not for ${f.protocol} endpoints.`,
    hint: "Leave the action out, or use another protocol.",
  },
  ERR_NGROK_2206: {
    status: 400,
    text: (f: { phase: string }) => `A rule of the phase ${f.phase} has no action.`,
    hint: "Give every rule a list of actions.",
  },
  ERR_NGROK_2207: {
    status: 400,
    text: (f: { phase: string }) => `Actions of the phase ${f.phase} are never reached, since one before them ends it.`,
    hint: "Remove them, or the action that ends the phase.",
  },
  ERR_NGROK_2208: {
    status: 400,
    text: (f: { limit: number; got: number }) => `At most ${f.limit} headers can be changed at a time, got ${f.got}.`,
    hint: "Change fewer headers.",
  },
  ERR_NGROK_2209: {
    status: 400,
    text: (f: { name: string }) => `${JSON.stringify(f.name)} is not the name of a header.`,
    hint: "Write name:value on a command line, and a map in a policy.",
  },
  ERR_NGROK_2211: {
    status: 400,
    text: (f: { name: string }) => `The header ${f.name} cannot be changed.`,
    hint: "Leave it out: it frames the message, or belongs to the edge.",
  },
  ERR_NGROK_2212: {
    status: 400,
    text: (f: { name: string }) => `The value for the header ${f.name} has line ends or other control characters.`,
    hint: "Write it in one line.",
  },
  ERR_NGROK_2216: {
    status: 400,
    text: (f: { reference: string }) => `Invalid IP policy reference: ${f.reference}`,
    hint: "Give the id of an IP policy of your account.",
  },
  ERR_NGROK_2217: {
    status: 400,
    text: (f: { cidr: string; reason: string }) => `Invalid CIDR ${f.cidr}: ${f.reason}`,
    hint: "Write a network as 192.0.2.0/24 or 2001:db8::/32.",
  },
  ERR_NGROK_2230: {
    status: 400,
    text: (f: { phase: string; protocol: string }) =>
      `The phase ${f.phase} means nothing on an endpoint of the protocol ${f.protocol}.`,
    hint: "Use on_tcp_connect, which every endpoint has.",
  },
  ERR_NGROK_2235: {
    status: 400,
    text: () => "A cloud endpoint has no upstream, so its policy must end with an answer of its own.",
    hint: "End it with custom-response, deny, close-connection, redirect without from, or forward-internal that halts on errors.",
  },
  ERR_NGROK_2236: {
    status: 400,
    text: (f: { reason: string }) => `The traffic policy cannot be read: ${f.reason}`,
    hint: "Write it as YAML or JSON, a map of phases to lists of rules.",
  },
  ERR_NGROK_2257: {
    status: 400,
    text: () => "A credential of the action basic-auth has no user name.",
    hint: "Write user:password.",
  },
  ERR_NGROK_2258: {
    status: 400,
    text: (f: { got: number }) => `A password of the action basic-auth must have 8 to 128 characters, got ${f.got}.`,
    hint: "Choose another password.",
  },
  ERR_NGROK_2261: {
    status: 400,
    text: (f: { pattern: string; reason: string }) => `The regular expression ${JSON.stringify(f.pattern)} ${f.reason}`,
    hint: "Use the syntax of RE2, without Unicode classes.",
  },
  ERR_NGROK_2262: {
    status: 400,
    text: () =>
      "Internal http and https endpoints have no phase on_tcp_connect: no connection of their own leads there.",
    hint: "Move its actions to on_http_request.",
  },
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
  ERR_NGROK_3211: {
    status: 403,
    text: () => "This program is not allowed here",
    hint: "Ask whoever runs this service to allow it, or use another one.",
  },
  ERR_NGROK_4018: {
    status: 401,
    text: () => "This edge lets agents in with an authtoken only, and none was sent.",
    hint: "Ask the operator of the edge for a token and save it with the authtoken command.",
  },
  ERR_NGROK_6030: {
    status: 409,
    text: (f: { url: string }) => `The endpoint ${f.url} is already online, and it does not share its address.`,
    hint: "Start every agent of this address with pooling_enabled, or choose another name.",
  },
  ERR_NGROK_8012: {
    status: 502,
    text: (f: { upstream: string; reason: string }) => `The agent could not connect to ${f.upstream}: ${f.reason}`,
    hint: "Is the local service running, and does it listen on that address?",
  },
  ERR_GINNEL_BAD_AUTHORITY: {
    status: 400,
    text: () => "The certificate authorities for visitors' certificates cannot be read, or are too many.",
    hint: "Give up to 100 certificates in PEM form, or ids of certificate authorities of your account.",
  },
  ERR_GINNEL_FAILED_AGENTS: {
    status: 429,
    text: (f: { limit: number }) =>
      `The authtoken is not known to this edge, nor were ${f.limit} others that came from your address lately.`,
    hint: "Check the authtoken; it may have been deleted.",
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
  ERR_GINNEL_BAD_CERTIFICATE: {
    status: 400,
    text: () => "The certificate and key for ending TLS at the edge cannot be read, or do not belong together.",
    hint: "Give a PEM chain with the leaf first, and its unencrypted PEM key.",
  },
  ERR_GINNEL_BAD_REQUEST: {
    status: 400,
    text: (f: { reason: string }) => `Bad request: ${f.reason}`,
    hint: "The request breaks the rules of HTTP/1.1, so it was not handed on.",
  },
  ERR_GINNEL_RETURNING: {
    status: 503,
    text: (f: { host: string }) => `The agent that serves ${f.host} is on its way back`,
    hint: "The edge was just restarted. Try again in a moment.",
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
  ERR_GINNEL_CERTIFICATE_ORDER: {
    status: 502,
    text: (f: { reason: string }) => `The certificate authority did not issue the certificate: ${f.reason}`,
    hint: "Check that the name leads to this edge; it is tried again.",
  },
  ERR_GINNEL_WILDCARD_ORDER: {
    status: 501,
    text: (f: { domain: string }) =>
      `Certificates for ${f.domain} can be ordered only where the edge can change its DNS.`,
    hint: "Ask the operator to let the edge change the DNS of this domain, or upload a certificate.",
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
  ERR_GINNEL_NO_PORT: {
    status: 503,
    text: (f: { range: string }) => `No TCP port is free at this edge in its range ${f.range}.`,
    hint: "Try later, or ask the operator of the edge for a larger range.",
  },
  ERR_GINNEL_SCHEME_OFF: {
    status: 400,
    text: (f: { scheme: string }) => `This edge serves no ${f.scheme} endpoints: it has no port for them.`,
    hint: "Ask for another scheme, for example with --scheme, or have the operator of the edge open the port.",
  },
  ERR_GINNEL_PUBLIC_PORT: {
    status: 400,
    text: (f: { url: string; scheme: string; served: number }) =>
      `The address ${f.url} cannot be had: visitors of ${f.scheme} endpoints come to port ${f.served} of this edge. Write that port, or none.`,
    hint: "Without a port a URL gets the one that visitors use.",
  },
  ERR_GINNEL_SESSION_REPLACED: {
    status: 409,
    text: () => "A newer session of this agent took the place of this one.",
    hint: "Use the newer session.",
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
  ERR_GINNEL_INTERNAL_URL: {
    status: 400,
    text: (f: { url: string; reason: string }) => `The internal address ${f.url} cannot be used: ${f.reason}.`,
    hint: "Write it as https://name.internal, tls://name.internal or tcp://name.internal:5432.",
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
  ...REMOTE_ERRORS,
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
  ERR_GINNEL_SLOW_BODY: {
    status: 408,
    text: (f: { seconds: number }) => `The body of the request did not come within ${f.seconds} seconds`,
    hint: "Try again over a better connection.",
  },
  ERR_GINNEL_TOO_MANY_ENDPOINTS: {
    status: 429,
    text: (f: { who: "agent" | "account"; limit: number }) =>
      `This ${f.who} has ${f.limit} endpoints online, which is as many as this edge allows.`,
    hint: "Stop some of them, or ask the operator of the edge for a higher limit.",
  },
  ERR_GINNEL_UNKNOWN_METHOD: {
    status: 501,
    text: (f: { method: string }) => `The method ${f.method} is not known here`,
    hint: "Use a method that the description of this service names.",
  },
  ERR_GINNEL_UNSUPPORTED: {
    status: 501,
    text: (f: { setting: string }) => `This edge does not support ${f.setting} yet.`,
    hint: "Leave it out.",
  },
  ...DASHBOARD_ERRORS,
  ...MANAGEMENT_ERRORS,
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof ERRORS;
export type FactsOf<C extends ErrorCode> = Parameters<(typeof ERRORS)[C]["text"]> extends [infer F] ? F : NoFacts;
