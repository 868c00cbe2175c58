import { type ApiRecord, textAt } from "../data/api-record.ts";
import { minuteText } from "../../../../web-ui/text/amount-text.ts";
import { type DraftValue, NOTE_FIELDS } from "../resource/field.ts";
import type { ResourcePage } from "../resource/resource.ts";
import { certificateLabel } from "./certificates.ts";
import { CREATED, deletion, DESCRIPTION, ID, METADATA } from "./notes.ts";

/** In the form, before the kind of key: let an authority make the certificate. */
const ORDER = "order:";

/** How the domain comes by its certificate, and how that goes. */
export function certificateState(record: ApiRecord): string {
  if (textAt(record, "certificate.id") !== "") return "uploaded";
  if (textAt(record, "certificate_management_policy.authority") === "") return "by the edge";
  const job = "certificate_management_status.provisioning_job";
  const [code, reason] = [textAt(record, `${job}.error_code`), textAt(record, `${job}.msg`)];
  // While it is ordered, there is a reason without a code.
  if (code !== "") {
    const retry = textAt(record, `${job}.retries_at`);
    const again = retry === "" ? "" : `; next try ${minuteText(new Date(retry))}`;
    return `not issued: ${`${reason} (${code})`.trim()}${again}`;
  }
  const renewal = textAt(record, "certificate_management_status.renews_at");
  return renewal === "" ? "ordered" : `issued, renewed ${minuteText(new Date(renewal))}`;
}

function chosenCertificate(record: ApiRecord): DraftValue {
  const uploaded = textAt(record, "certificate.id");
  const keyType = textAt(record, "certificate_management_policy.private_key_type");
  if (uploaded !== "") return uploaded;
  return keyType === "" ? "" : `${ORDER}${keyType}`;
}

function certificateBody(value: DraftValue): Readonly<Record<string, unknown>> {
  const chosen = String(value);
  if (!chosen.startsWith(ORDER)) return chosen === "" ? {} : { certificate_id: chosen };
  const policy = { authority: "letsencrypt", private_key_type: chosen.slice(ORDER.length) };
  return { certificate_management_policy: policy };
}

/** Names that nobody else can use. */
export const DOMAINS: ResourcePage = {
  page: "domains",
  path: "reserved_domains",
  listKey: "reserved_domains",
  title: "Domains",
  noun: "domain",
  about:
    "Names that only your agents and endpoints can have. For a name of your own, make a CNAME record that points to the target shown here.",
  empty: {
    text: "No domain is reserved. Reserve one, then use it with an agent:",
    command: "ginnel http 8080 --url https://www.example.com",
  },
  nameOf: (record) => textAt(record, "domain") || record.id,
  isLive: true,
  createWord: "Reserve",
  columns: [
    { title: "Domain", read: (record) => textAt(record, "domain"), as: "code" },
    { title: "CNAME target", read: (record) => textAt(record, "cname_target"), as: "copy" },
    { title: "Certificate", read: certificateState, as: "text" },
    DESCRIPTION,
    { ...CREATED, place: "page" },
    { title: "Region", read: (record) => textAt(record, "region"), as: "text", place: "page" },
    {
      title: "Uploaded certificate",
      read: (record) => textAt(record, "certificate.id"),
      as: "ref",
      page: "certificates",
      place: "page",
    },
    ID,
    METADATA,
  ],
  fields: [
    {
      name: "domain",
      label: "Domain",
      kind: "text",
      placeholder: "www.example.com",
      hint: "A host name, or a wildcard such as *.app.example.com.",
      isRequired: true,
      isFixed: true,
      faults: /^ERR_NGROK_(?:3\d\d|40[1-4]|41[3-7])$/,
    },
    {
      name: "certificate",
      label: "Certificate",
      kind: "choice",
      hint: "For TLS that ends at the edge.",
      options: [
        { value: "", label: "Left to the edge" },
        { value: `${ORDER}ecdsa`, label: "Ordered for this domain, ECDSA key" },
        { value: `${ORDER}rsa`, label: "Ordered for this domain, RSA key" },
      ],
      records: {
        path: "tls_certificates",
        listKey: "tls_certificates",
        labelOf: (record) => `Uploaded: ${certificateLabel(record)}`,
        nouns: "certificates",
      },
      read: chosenCertificate,
      write: certificateBody,
      clearing: (record) =>
        textAt(record, "certificate.id") === "" ? "/certificate_management_policy" : "/certificate",
      faults: /^ERR_NGROK_434$/,
    },
    ...NOTE_FIELDS,
  ],
  actions: [
    deletion(
      (record) =>
        `Others can reserve ${textAt(record, "domain")} then, and visitors no longer reach your endpoints there.`,
    ),
  ],
};
