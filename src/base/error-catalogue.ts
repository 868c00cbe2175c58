/**
 * Every failure that a visitor, a user or another program may be shown: the published code, the HTTP status where the
 * failure becomes a page or an answer, the text with its facts, and what to do about it. Codes are those of
 * reference.md appendix B; texts are ours. The entries are in catalogue/, by what they are about.
 */
import { ADDRESS_ERRORS } from "./catalogue/address-errors.ts";
import { API_CALL_ERRORS } from "./catalogue/api-call-errors.ts";
import { CERTIFICATE_ERRORS } from "./catalogue/certificate-errors.ts";
import { DASHBOARD_ERRORS } from "./catalogue/dashboard-errors.ts";
import { DOMAIN_NAME_ERRORS } from "./catalogue/domain-name-errors.ts";
import { ENDPOINT_ERRORS } from "./catalogue/endpoint-errors.ts";
import { NETWORK_ERRORS } from "./catalogue/network-errors.ts";
import { OWN_SITE_ERRORS } from "./catalogue/own-site-errors.ts";
import { RECORD_ERRORS } from "./catalogue/record-errors.ts";
import { REMOTE_ERRORS } from "./catalogue/remote-errors.ts";
import { RESERVATION_ERRORS } from "./catalogue/reservation-errors.ts";
import { SESSION_ERRORS } from "./catalogue/session-errors.ts";
import { TRAFFIC_POLICY_ERRORS } from "./catalogue/traffic-policy-errors.ts";
import { VISITOR_ERRORS } from "./catalogue/visitor-errors.ts";
import { VISITOR_POLICY_ERRORS } from "./catalogue/visitor-policy-errors.ts";

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

export const ERRORS = {
  ...SESSION_ERRORS,
  ...DOMAIN_NAME_ERRORS,
  ...ADDRESS_ERRORS,
  ...ENDPOINT_ERRORS,
  ...TRAFFIC_POLICY_ERRORS,
  ...VISITOR_ERRORS,
  ...VISITOR_POLICY_ERRORS,
  ...OWN_SITE_ERRORS,
  ...REMOTE_ERRORS,
  ...API_CALL_ERRORS,
  ...DASHBOARD_ERRORS,
  ...RECORD_ERRORS,
  ...RESERVATION_ERRORS,
  ...NETWORK_ERRORS,
  ...CERTIFICATE_ERRORS,
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof ERRORS;
export type FactsOf<C extends ErrorCode> = Parameters<(typeof ERRORS)[C]["text"]> extends [infer F] ? F : NoFacts;
