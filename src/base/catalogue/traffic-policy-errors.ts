/** What is wrong with a traffic policy that was written. Part of `ERRORS`. */
export const TRAFFIC_POLICY_ERRORS = {
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
} as const;
