/** Settings of an endpoint that ride in the `Opts` of a bind (protocol.md section 5). Inner names are snake_case. */
import { member, wireRecord } from "./wire-record.ts";
import { fraction, listOf, text, textList, textMap } from "./wire-value.ts";

export const ipRestriction = wireRecord({
  allowedCidrs: member("allow_cidrs", textList),
  deniedCidrs: member("deny_cidrs", textList),
});

/** One of `cleartextPassword` and `hashedPassword` (base64 of a bcrypt hash) is set. */
const basicAuthCredential = wireRecord({
  username: member("username", text),
  cleartextPassword: member("cleartext_password", text),
  hashedPassword: member("hashed_password", text),
});
export const basicAuth = wireRecord({ credentials: member("credentials", listOf(basicAuthCredential)) });

/** Part of the answers above which the endpoint stops asking its upstream: 0 to 1. */
export const circuitBreaker = wireRecord({ errorThreshold: member("error_threshold", fraction) });

const identityFields = {
  appId: member("client_id", text),
  appSecret: member("client_secret", text),
  sealedAppSecret: member("sealed_client_secret", text),
  allowedEmails: member("allow_emails", textList),
  allowedDomains: member("allow_domains", textList),
  scopes: member("scopes", textList),
};
export const oauth = wireRecord({ provider: member("provider", text), ...identityFields });
export const oidc = wireRecord({ issuerUrl: member("issuer_url", text), ...identityFields });

export const webhookVerification = wireRecord({
  provider: member("provider", text),
  secret: member("secret", text),
  sealedSecret: member("sealed_secret", text),
});

/** `certificates`: PEM, concatenated, base64. */
export const mutualTlsCas = wireRecord({ certificates: member("mutual_tls_ca", text) });

/** `added`: `name:value`. */
export const headerChanges = wireRecord({
  added: member("add", textList),
  removed: member("remove", textList),
  addedParsed: member("addParsed", textMap),
});

/** Regular expressions. */
export const userAgentFilter = wireRecord({ allowed: member("allow", textList), denied: member("deny", textList) });

/** Base64 of PEM. All empty: the edge uses its own certificate. */
export const tlsTermination = wireRecord({
  certificate: member("cert", text),
  key: member("key", text),
  sealedKey: member("sealed_key", text),
});
