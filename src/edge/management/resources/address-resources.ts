/** Names and addresses that an account keeps for itself (reference.md 8.3). */
import { z } from "zod";
import { noteFields, recordShape, refSchema, timeSchema } from "../resource-fields.ts";
import { type ActionSpec, resourceSpec } from "../resource-spec.ts";

const region = { region: z.string().optional().describe("Code of the only region; none: everywhere") };

const policy = z.strictObject({
  authority: z.literal("letsencrypt").default("letsencrypt"),
  private_key_type: z.enum(["ecdsa", "rsa"]).default("ecdsa"),
});
const certificateFields = {
  certificate_id: z.string().optional(),
  certificate_management_policy: policy.optional(),
};
const status = z.object({
  renews_at: timeSchema.nullable(),
  provisioning_job: z
    .object({ error_code: z.string(), msg: z.string(), started_at: timeSchema, retries_at: timeSchema.nullable() })
    .nullable(),
});

export const domainFields = z.strictObject({
  ...noteFields,
  domain: z.string().optional().describe("A host name or a wildcard; needed, unless name is given"),
  name: z.string().optional().describe("Older word for domain"),
  ...region,
  ...certificateFields,
});
export const domainChanges = z.strictObject({ ...noteFields, ...certificateFields });
const domain = z.object({
  ...recordShape,
  domain: z.string(),
  region: z.string(),
  cname_target: z.string().nullable(),
  certificate: refSchema.nullable(),
  certificate_management_policy: policy.nullable(),
  certificate_management_status: status.nullable(),
  acme_challenge_cname_target: z.null(),
});

function detachment(name: string, summary: string): ActionSpec {
  const path = `/reserved_domains/{id}/${name.replaceAll("-", "_")}`;
  return { name: `delete-${name}`, method: "DELETE", path, summary, status: 204, isList: false };
}

export const reservedDomains = resourceSpec({
  path: "reserved_domains",
  title: "Reserved Domain",
  idPrefix: "rd",
  record: domain,
  create: domainFields,
  update: domainChanges,
  isDeletable: true,
  more: [
    detachment("certificate", "Serve its certificate no longer"),
    detachment("certificate-management-policy", "Order certificates for it no longer"),
  ],
});

export const addrFields = z.strictObject({ ...noteFields, ...region });
export const addrChanges = z.strictObject(noteFields);

export const reservedAddrs = resourceSpec({
  path: "reserved_addrs",
  title: "Reserved Address",
  idPrefix: "ra",
  record: z.object({ ...recordShape, addr: z.string(), region: z.string() }),
  create: addrFields,
  update: addrChanges,
  isDeletable: true,
});
