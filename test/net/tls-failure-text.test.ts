import { describe, expect, test } from "bun:test";
import { isUnknownAuthority, isUnrecognizedName, tlsFailureText } from "../../src/net/tls-failure-text.ts";
import { TlsHandshakeError } from "../../src/net/tls-handshake-error.ts";

const ofOpenSsl = (reason: string): string => `error:100000f7:SSL routines:OPENSSL_internal:${reason}`;

describe("tlsFailureText", () => {
  test.each([
    ["an answer in plain text", "EPROTO", ofOpenSsl("WRONG_VERSION_NUMBER"), "the peer does not speak TLS"],
    [
      "a name unknown",
      "EPROTO",
      ofOpenSsl("TLSV1_ALERT_UNRECOGNIZED_NAME"),
      "the peer refused: tls alert unrecognized name",
    ],
    [
      "an alert of old",
      "EPROTO",
      ofOpenSsl("SSLV3_ALERT_HANDSHAKE_FAILURE"),
      "the peer refused: tls alert handshake failure",
    ],
    ["another fault", "EPROTO", ofOpenSsl("NO_SHARED_CIPHER"), "tls: no shared cipher"],
    ["an authority unknown", "SELF_SIGNED_CERT_IN_CHAIN", "x", "x509: certificate signed by unknown authority"],
    ["a certificate of old", "CERT_HAS_EXPIRED", "x", "x509: certificate has expired or is not yet valid"],
    ["what it does not know", "ECONNRESET", "closed during the handshake", "closed during the handshake"],
  ])("names %s", (_, code, message, expected) => {
    expect(tlsFailureText(new TlsHandshakeError(code, message))).toBe(expected);
  });
});

test("isUnknownAuthority tells a certificate that nobody vouches for from one that is wrong", () => {
  const codes = ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "CERT_HAS_EXPIRED"];
  expect(codes.map((code) => isUnknownAuthority(new TlsHandshakeError(code, "")))).toEqual([true, false]);
});

test("isUnrecognizedName tells a name that the peer does not serve from another refusal", () => {
  const reasons = ["TLSV1_ALERT_UNRECOGNIZED_NAME", "SSLV3_ALERT_HANDSHAKE_FAILURE"];
  const failures = reasons.map((reason) => new TlsHandshakeError("EPROTO", ofOpenSsl(reason)));
  expect(failures.map(isUnrecognizedName)).toEqual([true, false]);
});
