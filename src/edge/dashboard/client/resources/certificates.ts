import { type ApiRecord, listAt, textAt } from "../data/api-record.ts";
import { NOTE_FIELDS } from "../resource/field.ts";
import type { Column, ResourcePage } from "../resource/resource.ts";
import { CREATED, deletion, DESCRIPTION, ID, METADATA } from "./notes.ts";

/** How people tell certificates apart. */
export function certificateLabel(record: ApiRecord): string {
  const names = listAt(record, "subject_alternative_names.dns_names");
  const said = textAt(record, "description") || textAt(record, "subject_common_name") || names[0];
  return said === undefined || said === "" ? record.id : said;
}

const VALIDITY: readonly Column[] = [
  { title: "Valid until", read: (record) => textAt(record, "not_after"), as: "time" },
  { title: "Valid from", read: (record) => textAt(record, "not_before"), as: "time", place: "page" },
];
const USAGES: readonly Column[] = [
  { title: "Key usages", read: (record) => listAt(record, "key_usages"), as: "list", place: "page" },
  { title: "Extended key usages", read: (record) => listAt(record, "extended_key_usages"), as: "list", place: "page" },
];

/** Certificates that the account brings for its names. */
export const CERTIFICATES: ResourcePage = {
  page: "certificates",
  path: "tls_certificates",
  listKey: "tls_certificates",
  title: "Certificates",
  noun: "certificate",
  about: "Certificates of your own, for TLS that ends at the edge. A domain uses one when it is chosen there.",
  empty: {
    text: "No certificate is uploaded. The edge brings its own unless you upload one and choose it for a domain.",
  },
  nameOf: certificateLabel,
  createWord: "Upload",
  columns: [
    { title: "Subject", read: (record) => textAt(record, "subject_common_name") || record.id, as: "code" },
    { title: "Names", read: (record) => listAt(record, "subject_alternative_names.dns_names"), as: "list" },
    ...VALIDITY.slice(0, 1),
    DESCRIPTION,
    { title: "Issuer", read: (record) => textAt(record, "issuer_common_name"), as: "text", place: "page" },
    ...VALIDITY.slice(1),
    {
      title: "IP addresses",
      read: (record) => listAt(record, "subject_alternative_names.ips"),
      as: "list",
      place: "page",
    },
    { title: "Organization", read: (record) => textAt(record, "subject_organization"), as: "text", place: "page" },
    { title: "Private key", read: (record) => textAt(record, "private_key_type"), as: "text", place: "page" },
    { title: "Serial number", read: (record) => textAt(record, "serial_number"), as: "code", place: "page" },
    ...USAGES,
    { ...CREATED, title: "Uploaded", place: "page" },
    ID,
    METADATA,
    { title: "Certificate (PEM)", read: (record) => textAt(record, "certificate_pem"), as: "long", place: "page" },
  ],
  fields: [
    {
      name: "certificate_pem",
      label: "Certificate (PEM)",
      kind: "pem",
      hint: "The chain, leaf first.",
      isRequired: true,
      isFixed: true,
      faults: /^ERR_NGROK_(?:1900|192[126])$/,
    },
    {
      name: "private_key_pem",
      label: "Private key (PEM)",
      kind: "pem",
      hint: "Without a passphrase. It is kept encrypted and never shown again.",
      isRequired: true,
      isFixed: true,
      faults: /^ERR_NGROK_(?:190[23]|1923)$/,
    },
    ...NOTE_FIELDS,
  ],
  actions: [
    deletion(
      (record) =>
        `${certificateLabel(record)} is gone for good; domains that use it fall back to a certificate of the edge.`,
    ),
  ],
};

/** Authorities whose certificates visitors show (mutual TLS). */
export const CERTIFICATE_AUTHORITIES: ResourcePage = {
  page: "certificate-authorities",
  path: "certificate_authorities",
  listKey: "certificate_authorities",
  title: "Certificate authorities",
  noun: "certificate authority",
  about: "Authorities that sign the certificates of your visitors, for endpoints that ask for one (mutual TLS).",
  empty: { text: "No authority is uploaded. Upload one, and name its ID in the traffic policy of an endpoint." },
  nameOf: certificateLabel,
  createWord: "Upload",
  columns: [
    { title: "Subject", read: (record) => textAt(record, "subject_common_name") || record.id, as: "code" },
    ...VALIDITY,
    DESCRIPTION,
    ...USAGES,
    { ...CREATED, title: "Uploaded", place: "page" },
    ID,
    METADATA,
    { title: "Certificate (PEM)", read: (record) => textAt(record, "ca_pem"), as: "long", place: "page" },
  ],
  fields: [
    {
      name: "ca_pem",
      label: "Certificate (PEM)",
      kind: "pem",
      isRequired: true,
      isFixed: true,
      faults: /^ERR_NGROK_19\d\d$/,
    },
    ...NOTE_FIELDS,
  ],
  actions: [
    deletion((record) => `Endpoints that ask for certificates of ${certificateLabel(record)} accept them no longer.`),
  ],
};
