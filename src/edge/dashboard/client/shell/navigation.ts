import type { PageName } from "./page-name.ts";

export interface NavigationGroup {
  readonly title: string;
  readonly pages: readonly { readonly page: PageName; readonly title: string }[];
}

/** The pages as people look for them. */
export const NAVIGATION: readonly NavigationGroup[] = [
  {
    title: "Online",
    pages: [
      { page: "overview", title: "Overview" },
      { page: "agents", title: "Agents" },
      { page: "endpoints", title: "Endpoints" },
    ],
  },
  {
    title: "Names",
    pages: [
      { page: "domains", title: "Domains" },
      { page: "tcp-addresses", title: "TCP addresses" },
      { page: "certificates", title: "Certificates" },
      { page: "certificate-authorities", title: "Authorities" },
    ],
  },
  {
    title: "Access",
    pages: [
      { page: "authtokens", title: "Authtokens" },
      { page: "api-keys", title: "API keys" },
      { page: "ip-policies", title: "IP policies" },
      { page: "ip-restrictions", title: "IP restrictions" },
    ],
  },
  {
    title: "Account",
    pages: [
      { page: "audit-log", title: "Audit log" },
      { page: "account", title: "Account" },
    ],
  },
];

export function pageTitle(page: PageName | undefined): string {
  return NAVIGATION.flatMap(({ pages }) => pages).find((one) => one.page === page)?.title ?? "Not found";
}
