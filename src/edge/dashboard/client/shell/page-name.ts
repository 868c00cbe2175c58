/** The pages, as their addresses call them, in the order of the navigation. */
export const PAGE_NAMES = [
  "overview",
  "agents",
  "endpoints",
  "domains",
  "tcp-addresses",
  "certificates",
  "certificate-authorities",
  "authtokens",
  "api-keys",
  "ip-policies",
  "ip-restrictions",
  "audit-log",
  "account",
] as const;

export type PageName = (typeof PAGE_NAMES)[number];
