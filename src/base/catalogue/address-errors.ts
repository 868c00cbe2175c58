/** Why an endpoint cannot have the public address that it asks for. Part of `ERRORS`. */
export const ADDRESS_ERRORS = {
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
  ERR_NGROK_354: {
    status: 400,
    text: (f: { domain: string }) =>
      `The domain name ${f.domain} lies several labels below the base domain and is not reserved at this edge.`,
    hint: "Use one label below the base domain, or ask the operator of the edge to reserve the name.",
  },
  ERR_NGROK_356: {
    status: 403,
    text: () => "The ACL of the credential does not allow a random TCP address.",
    hint: "Ask for an address that a rule bind:HOST:PORT of it names, or use another authtoken.",
  },
  ERR_NGROK_6030: {
    status: 409,
    text: (f: { url: string }) => `The endpoint ${f.url} is already online, and it does not share its address.`,
    hint: "Start every agent of this address with pooling_enabled, or choose another name.",
  },
  ERR_GINNEL_INTERNAL_URL: {
    status: 400,
    text: (f: { url: string; reason: string }) => `The internal address ${f.url} cannot be used: ${f.reason}.`,
    hint: "Write it as https://name.internal, tls://name.internal or tcp://name.internal:5432.",
  },
  ERR_GINNEL_NO_PORT: {
    status: 503,
    text: (f: { range: string }) => `No TCP port is free at this edge in its range ${f.range}.`,
    hint: "Try later, or ask the operator of the edge for a larger range.",
  },
  ERR_GINNEL_PUBLIC_PORT: {
    status: 400,
    text: (f: { url: string; scheme: string; served: number }) =>
      `The address ${f.url} cannot be had: visitors of ${f.scheme} endpoints come to port ${f.served} of this edge. Write that port, or none.`,
    hint: "Without a port a URL gets the one that visitors use.",
  },
  ERR_GINNEL_SCHEME_OFF: {
    status: 400,
    text: (f: { scheme: string }) => `This edge serves no ${f.scheme} endpoints: it has no port for them.`,
    hint: "Ask for another scheme, for example with --scheme, or have the operator of the edge open the port.",
  },
} as const;
