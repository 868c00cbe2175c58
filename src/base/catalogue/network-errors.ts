/** Networks as they are written, and the IP policies and restrictions that are made of them. Part of `ERRORS`. */
export const NETWORK_ERRORS = {
  ERR_NGROK_362: {
    status: 400,
    text: (f: { cidr: string }) => `Invalid IP restriction configuration, invalid CIDR: ${f.cidr}`,
    hint: "Write a network as 192.0.2.0/24 or 2001:db8::/32.",
  },
  ERR_NGROK_1408: {
    status: 409,
    text: (f: { cidr: string }) => `The IP policy already has a rule for ${f.cidr}.`,
    hint: "Change that rule, or delete it first.",
  },
  ERR_NGROK_1409: {
    status: 400,
    text: (f: { cidr: string; suggestion: string }) =>
      `The network ${f.cidr} must be written with the lowest address in its range. Did you mean ${f.suggestion}?`,
    hint: "Set the bits behind the mask to zero.",
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
  ERR_NGROK_1413: {
    status: 400,
    text: (f: { address: string; bits: number }) =>
      `${f.address} is missing a network mask. Write ${f.address}/${f.bits} for this single address.`,
    hint: "Write a network as 192.0.2.0/24 or 2001:db8::/32.",
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
} as const;
