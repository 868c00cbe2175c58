import { describe, expect, test } from "bun:test";
import { certificateState, DOMAINS } from "../../../../../src/edge/dashboard/client/resources/domains.ts";
import { createBody, draftOf, updateCalls } from "../../../../../src/edge/dashboard/client/resource/record-draft.ts";

const POLICY = { authority: "letsencrypt", private_key_type: "ecdsa" };
const FAILED = { error_code: "ERR_1", msg: "refused", started_at: "2026-01-01T00:00:00Z", retries_at: null };

describe("certificateState", () => {
  test.each([
    ["by the edge", {}],
    ["uploaded", { certificate: { id: "cert_1" } }],
    ["ordered", { certificate_management_policy: POLICY, certificate_management_status: null }],
    [
      "ordered",
      {
        certificate_management_policy: POLICY,
        certificate_management_status: {
          renews_at: null,
          provisioning_job: { ...FAILED, error_code: "", msg: "The certificate is being ordered." },
        },
      },
    ],
    [
      "issued, renewed 2026-",
      {
        certificate_management_policy: POLICY,
        certificate_management_status: { renews_at: "2026-06-15T12:00:00Z", provisioning_job: null },
      },
    ],
    [
      "not issued: refused (ERR_1)",
      {
        certificate_management_policy: POLICY,
        certificate_management_status: { renews_at: null, provisioning_job: FAILED },
      },
    ],
    [
      "not issued: refused (ERR_1); next try 2026-",
      {
        certificate_management_policy: POLICY,
        certificate_management_status: {
          renews_at: null,
          provisioning_job: { ...FAILED, retries_at: "2026-06-15T12:00:00Z" },
        },
      },
    ],
  ])("says %p", (text, fields) => {
    expect(certificateState({ id: "rd_1", ...fields })).toStartWith(text);
  });
});

describe("DOMAINS", () => {
  const fields = DOMAINS.fields ?? [];

  test.each([
    ["", {}],
    ["order:rsa", { certificate_management_policy: { authority: "letsencrypt", private_key_type: "rsa" } }],
    ["cert_1", { certificate_id: "cert_1" }],
  ])("writes the certificate %p into the body", (certificate, body) => {
    const draft = { ...draftOf(fields, undefined), domain: "a.example", certificate };
    expect(createBody(fields, draft)).toEqual({ domain: "a.example", ...body });
  });

  test.each([
    [{ certificate: { id: "cert_1" } }, "/certificate"],
    [{ certificate_management_policy: POLICY }, "/certificate_management_policy"],
  ])("takes %j away by a call of its own", (certificate, path) => {
    const record = { id: "rd_1", domain: "a.example", ...certificate };
    const draft = { ...draftOf(fields, record), certificate: "" };
    expect(updateCalls(fields, draft, record)).toEqual([{ method: "DELETE", path }]);
  });
});
