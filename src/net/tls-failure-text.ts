/** What a failed TLS handshake is called for people, from the words of OpenSSL and Bun, in those of other agents' logs. */
import type { TlsHandshakeError } from "./tls-handshake-error.ts";

const UNKNOWN_AUTHORITY = "x509: certificate signed by unknown authority";
const OUTDATED = "x509: certificate has expired or is not yet valid";

/** By OpenSSL's codes for what is wrong with a certificate. */
const CERTIFICATE_FAILURES: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: OUTDATED,
  CERT_NOT_YET_VALID: OUTDATED,
};

/** Reasons of BoringSSL that come when the peer answers in plain text, or in something else that is no TLS. */
const NO_TLS = new Set(["WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "UNEXPECTED_MESSAGE"]);

export function tlsFailureText({ code, message }: TlsHandshakeError): string {
  const reason = /:OPENSSL_internal:(\w+)$/.exec(message)?.[1];
  if (reason === undefined) return CERTIFICATE_FAILURES[code] ?? message;
  if (NO_TLS.has(reason)) return "the peer does not speak TLS";
  const alert = /^(?:TLSV1|SSLV3)_ALERT_(\w+)$/.exec(reason)?.[1];
  return alert === undefined ? `tls: ${inWords(reason)}` : `the peer refused: tls alert ${inWords(alert)}`;
}

/** Whether none of the authorities that are trusted vouches for the peer's certificate. */
export function isUnknownAuthority({ code }: TlsHandshakeError): boolean {
  return CERTIFICATE_FAILURES[code] === UNKNOWN_AUTHORITY;
}

/** Whether the peer serves nothing under the name that was asked for (RFC 6066 section 3). */
export function isUnrecognizedName({ message }: TlsHandshakeError): boolean {
  return message.endsWith(":OPENSSL_internal:TLSV1_ALERT_UNRECOGNIZED_NAME");
}

function inWords(reason: string): string {
  return reason.toLowerCase().replaceAll("_", " ");
}
