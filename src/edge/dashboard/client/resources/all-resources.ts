import type { ResourcePage } from "../resource/resource.ts";
import { AGENTS } from "./agents.ts";
import { API_KEYS } from "./api-keys.ts";
import { AUTHTOKENS } from "./authtokens.ts";
import { CERTIFICATE_AUTHORITIES, CERTIFICATES } from "./certificates.ts";
import { DOMAINS } from "./domains.ts";
import { ENDPOINTS } from "./endpoints.ts";
import { IP_POLICIES } from "./ip-policies.ts";
import { IP_RESTRICTIONS } from "./ip-restrictions.ts";
import { TCP_ADDRESSES } from "./tcp-addresses.ts";

/** Every kind of record that has a page. */
export const RESOURCE_PAGES: readonly ResourcePage[] = [
  AGENTS,
  ENDPOINTS,
  DOMAINS,
  TCP_ADDRESSES,
  CERTIFICATES,
  CERTIFICATE_AUTHORITIES,
  AUTHTOKENS,
  API_KEYS,
  IP_POLICIES,
  IP_RESTRICTIONS,
];
