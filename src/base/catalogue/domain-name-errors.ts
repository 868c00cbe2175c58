/** How a domain name is written. Part of `ERRORS`. */
export const DOMAIN_NAME_ERRORS = {
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
  ERR_NGROK_347: {
    status: 400,
    text: (f: { part: string; domain: string }) =>
      `The part ${f.part} of the domain name ${f.domain} is no valid punycode.`,
    hint: "Check the name with a punycode converter.",
  },
  ERR_NGROK_355: {
    status: 400,
    text: (f: { domain: string }) => `Invalid "_" in the domain name ${JSON.stringify(f.domain)}.`,
    hint: "Domain names have no underscores; use a hyphen.",
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
} as const;
