import { describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/base/clock.ts";
import { PendingChallenges } from "../../../src/edge/certificates/pending-challenges.ts";
import { serverTlsContext } from "../../../src/net/tls-context.ts";
import { createValidationCertificate } from "../../../src/pki/issued-certificate.ts";

const context = serverTlsContext(await createValidationCertificate("a.test", new Uint8Array(32), systemClock.date()));

describe("PendingChallenges", () => {
  test.each([
    ["a.test", "/.well-known/acme-challenge/token", "token.thumbprint"],
    ["a.test", "/.well-known/acme-challenge/token?x", undefined],
    ["a.test", "/.well-known/acme-challenge/other", undefined],
    ["a.test", "/.well-known/acme-challenge/", undefined],
    ["b.test", "/.well-known/acme-challenge/token", undefined],
  ])("answers for the host %s and the target %s only what is pending there", (host, target, answer) => {
    const challenges = new PendingChallenges();
    challenges.putHttp("a.test", "token", "token.thumbprint");
    expect(challenges.httpAnswer(host, target)).toBe(answer);
    challenges.remove("a.test");
    expect(challenges.httpAnswer(host, target)).toBeUndefined();
  });

  test.each([
    ["a.test", ["acme-tls/1"], true],
    ["a.test", ["h2", "http/1.1"], false],
    ["b.test", ["acme-tls/1"], false],
    [undefined, ["acme-tls/1"], false],
  ])("answers handshakes for %s that offer %p only when a validation is pending", (name, alpn, isPending) => {
    const challenges = new PendingChallenges();
    challenges.putTls("a.test", context);
    expect(challenges.tlsContext(name, alpn)).toBe(isPending ? context : undefined);
    challenges.remove("a.test");
    expect(challenges.tlsContext(name, alpn)).toBeUndefined();
  });
});
