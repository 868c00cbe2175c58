import { expect, test } from "bun:test";
import { NO_LIMITS } from "../../src/model/records/account.ts";
import { TABLES } from "../../src/store/tables.ts";

const ROW = { id: "acct_1", created_at: "2026-01-01T00:00:00.000Z", name: "a", is_disabled: 0 };

test("TABLES.account reads limits of a version that knew fewer of them", () => {
  const limits = JSON.stringify({ sessions: 2, endpoints: null, reservedDomains: null });
  expect(TABLES.account.decode({ ...ROW, limits })).toMatchObject({ limits: { ...NO_LIMITS, sessions: 2 } });
});

test("TABLES keep the text of certificates out of the audit log", () => {
  const common = { id: "x_1", accountId: "acct_1", createdAt: new Date(0), description: "", metadata: "" };
  const fingerprint = "sha256:1118111a4f7959b9612b6e707e39d77e13eaf54e4c1ef36c974d03c011a85b46";
  const authority = TABLES.certificateAuthority.difference(undefined, { ...common, caPem: "a PEM" });
  expect(authority["caPem"]).toEqual([null, fingerprint]);
  const certificate = { ...common, certificatePem: "a PEM", sealedKey: new Uint8Array(1), origin: "uploaded" } as const;
  expect(TABLES.tlsCertificate.difference(certificate, undefined)["certificatePem"]).toEqual([fingerprint, null]);
});
