/** Certificates that the account brings (reference.md 8.3). */
import { z } from "zod";
import { noteFields, recordShape, timeSchema } from "../resource-fields.ts";
import { resourceSpec } from "../resource-spec.ts";

const facts = {
  subject_common_name: z.string(),
  not_before: timeSchema,
  not_after: timeSchema,
  key_usages: z.array(z.string()),
  extended_key_usages: z.array(z.string()),
};

export const tlsCertificateFields = z.strictObject({
  ...noteFields,
  certificate_pem: z.string().describe("The chain, leaf first"),
  private_key_pem: z.string().describe("Never shown again"),
});
export const notesOnly = z.strictObject(noteFields);

export const tlsCertificates = resourceSpec({
  path: "tls_certificates",
  title: "TLS Certificate",
  idPrefix: "cert",
  record: z.object({
    ...recordShape,
    ...facts,
    certificate_pem: z.string(),
    subject_alternative_names: z.object({ dns_names: z.array(z.string()), ips: z.array(z.string()) }),
    issued_at: timeSchema.nullable(),
    private_key_type: z.string(),
    issuer_common_name: z.string(),
    serial_number: z.string(),
    subject_organization: z.string(),
    subject_organizational_unit: z.string(),
    subject_locality: z.string(),
    subject_province: z.string(),
    subject_country: z.string(),
  }),
  create: tlsCertificateFields,
  update: notesOnly,
  isDeletable: true,
});

export const certificateAuthorityFields = z.strictObject({ ...noteFields, ca_pem: z.string() });

export const certificateAuthorities = resourceSpec({
  path: "certificate_authorities",
  title: "Certificate Authority",
  idPrefix: "ca",
  record: z.object({ ...recordShape, ...facts, ca_pem: z.string() }),
  create: certificateAuthorityFields,
  update: notesOnly,
  isDeletable: true,
});
