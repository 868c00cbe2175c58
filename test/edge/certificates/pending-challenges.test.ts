import { describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/base/clock.ts";
import { PendingChallenges } from "../../../src/edge/certificates/pending-challenges.ts";
import type { OrderChallenge } from "../../../src/model/records/certificate-order.ts";

const HTTP: OrderChallenge = {
  type: "http-01",
  name: "a.test",
  token: "token",
  keyAuthorization: "token.thumbprint",
};
const TLS: OrderChallenge = { ...HTTP, type: "tls-alpn-01" };
const NAMES = ["a.test"];

describe("PendingChallenges", () => {
  test.each([
    ["a.test", "/.well-known/acme-challenge/token", "token.thumbprint"],
    ["a.test", "/.well-known/acme-challenge/token?x", undefined],
    ["a.test", "/.well-known/acme-challenge/other", undefined],
    ["a.test", "/.well-known/acme-challenge/", undefined],
    ["b.test", "/.well-known/acme-challenge/token", undefined],
  ])("answers for the host %s and the target %s only what is pending there", async (host, target, answer) => {
    const challenges = new PendingChallenges(systemClock);
    await challenges.publish(NAMES, HTTP);
    expect(challenges.httpAnswer(host, target)).toBe(answer);
    await challenges.withdraw(NAMES, HTTP);
    expect(challenges.httpAnswer(host, target)).toBeUndefined();
  });

  test.each([
    ["a.test", ["acme-tls/1"], true],
    ["a.test", ["h2", "http/1.1"], false],
    ["b.test", ["acme-tls/1"], false],
    [undefined, ["acme-tls/1"], false],
  ])("answers handshakes for %s that offer %p only when a validation is pending", async (name, alpn, isPending) => {
    const challenges = new PendingChallenges(systemClock);
    await challenges.publish(NAMES, TLS);
    expect(challenges.tlsContext(name, alpn) !== undefined).toBe(isPending);
    await challenges.withdraw(NAMES, TLS);
    expect(challenges.tlsContext(name, alpn)).toBeUndefined();
  });

  test.each([HTTP, TLS])("keeps a later challenge of type %o when an earlier one is withdrawn", async (earlier) => {
    const challenges = new PendingChallenges(systemClock);
    await challenges.publish(NAMES, earlier);
    await challenges.publish(NAMES, { ...earlier, keyAuthorization: "another" });
    await challenges.withdraw(NAMES, earlier);
    const isThere =
      challenges.httpAnswer("a.test", "/.well-known/acme-challenge/token") === "another" ||
      challenges.tlsContext("a.test", ["acme-tls/1"]) !== undefined;
    expect(isThere).toBe(true);
  });
});
