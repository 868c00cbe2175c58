import { type ApiRecord, listAt, textAt } from "../data/api-record.ts";
import { NOTE_FIELDS } from "../resource/field.ts";
import type { ResourcePage } from "../resource/resource.ts";
import { CREATED, deletion, DESCRIPTION, ID, METADATA } from "./notes.ts";

const POLICY_EXAMPLE = `on_http_request:
  - actions:
      - type: custom-response
        config:
          status_code: 200
          body: Hello
`;

export function isCloud(record: ApiRecord): boolean {
  return textAt(record, "type") === "cloud";
}

/** Public addresses: those of agents while they are online, and those that the edge answers itself. */
export const ENDPOINTS: ResourcePage = {
  page: "endpoints",
  path: "endpoints",
  listKey: "endpoints",
  title: "Endpoints",
  noun: "cloud endpoint",
  about:
    "Agent endpoints are there while their agent is online. Cloud endpoints always are: the edge answers by their traffic policy.",
  empty: {
    text: "No endpoint is online. Open one from an agent, or create a cloud endpoint here:",
    command: "ginnel http 8080",
  },
  nameOf: (record) => textAt(record, "url") || record.id,
  isLive: true,
  goneText: "This endpoint is not there any more.",
  isOurs: isCloud,
  createWord: "Create",
  columns: [
    { title: "URL", read: (record) => textAt(record, "url"), as: "code" },
    { title: "Kind", read: (record) => (isCloud(record) ? "cloud" : "agent"), as: "flag" },
    { title: "Leads to", read: (record) => textAt(record, "upstream_url"), as: "code" },
    DESCRIPTION,
    { title: "Since", read: (record) => textAt(record, "created_at"), as: "age" },
    { title: "Public URL", read: (record) => textAt(record, "public_url"), as: "url", place: "page" },
    {
      title: "Agent",
      read: (record) => textAt(record, "tunnel_session.id"),
      as: "ref",
      page: "agents",
      place: "page",
    },
    {
      title: "Authtoken",
      read: (record) => textAt(record, "principal.id"),
      as: "ref",
      page: "authtokens",
      place: "page",
    },
    { title: "Domain", read: (record) => textAt(record, "domain.id"), as: "ref", page: "domains", place: "page" },
    {
      title: "TCP address",
      read: (record) => textAt(record, "tcp_addr.id"),
      as: "ref",
      page: "tcp-addresses",
      place: "page",
    },
    { title: "Name at the agent", read: (record) => textAt(record, "name"), as: "text", place: "page" },
    { title: "Region", read: (record) => textAt(record, "region"), as: "text", place: "page" },
    { title: "Bindings", read: (record) => listAt(record, "bindings"), as: "list", place: "page" },
    {
      title: "Pooled",
      read: (record) => (record["pooling_enabled"] === true ? "yes" : "no"),
      as: "text",
      place: "page",
    },
    { ...CREATED, place: "page" },
    { title: "Changed", read: (record) => textAt(record, "updated_at"), as: "time", place: "page" },
    ID,
    METADATA,
    { title: "Traffic policy", read: (record) => textAt(record, "traffic_policy"), as: "long", place: "page" },
  ],
  fields: [
    {
      name: "url",
      label: "URL",
      kind: "text",
      placeholder: "https://www.example.com",
      hint: "http, https, tls or tcp, at a reserved domain or TCP address of yours, at a name below a base domain of the edge, or at one that ends in .internal.",
      isRequired: true,
      faults: /^ERR_(?:NGROK_(?:3\d\d|40\d|6030)|GINNEL_INTERNAL_URL)$/,
    },
    {
      name: "traffic_policy",
      label: "Traffic policy",
      kind: "policy",
      hint: "YAML or JSON. It has to end with an answer: custom-response, redirect, deny or forward-internal.",
      initial: POLICY_EXAMPLE,
      isRequired: true,
      faults: /^ERR_NGROK_22\d\d$/,
    },
    { name: "pooling_enabled", label: "Share the URL with other endpoints of mine (pooling)", kind: "check" },
    ...NOTE_FIELDS,
  ],
  actions: [
    deletion((record) => `Visitors of ${textAt(record, "url")} get an error from then on, unless an agent serves it.`),
  ],
};
