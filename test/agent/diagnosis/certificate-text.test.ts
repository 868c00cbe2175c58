import { X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, test } from "bun:test";
import { certificateText, endsSoon, validityFault } from "../../../src/agent/diagnosis/certificate-text.ts";
import { makeTestCertificates } from "../../support/test-certificates.ts";

const DAY_MS = 24 * 3600 * 1000;
let certificate: X509Certificate;
beforeAll(async () => {
  certificate = new X509Certificate((await makeTestCertificates()).server.certPem);
});

/** So many days before the certificate ends. */
const daysBeforeEnd = (days: number): Date => new Date(new Date(certificate.validTo).getTime() - days * DAY_MS);

describe("certificateText", () => {
  test("certificateText tells for whom, by whom and until when", () => {
    expect(certificateText(certificate)).toBe(
      `certificate for good.test, 127.0.0.1, 0:0:0:0:0:0:0:1, issued by "authority", valid until ${daysBeforeEnd(0).toISOString().slice(0, 10)}`,
    );
  });
});

describe("validityFault", () => {
  test.each([
    [-1, "expired"],
    [1, undefined],
    [3, "not yet valid"],
  ] as const)("validityFault %d days before its end", (days, fault) => {
    expect(validityFault(certificate, daysBeforeEnd(days))).toBe(fault);
  });
});

describe("endsSoon", () => {
  test.each([
    [8, false],
    [6, true],
    [-1, true],
  ])("endsSoon %d days before its end: %p", (days, soon) => {
    expect(endsSoon(certificate, daysBeforeEnd(days))).toBe(soon);
  });
});
