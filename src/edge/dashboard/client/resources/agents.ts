import { textAt } from "../data/api-record.ts";
import type { ResourcePage } from "../resource/resource.ts";
import { ID, METADATA } from "./notes.ts";

const READY = "It does so only when remote_management is on in its configuration.";

/** Agents that are online. */
export const AGENTS: ResourcePage = {
  page: "agents",
  path: "tunnel_sessions",
  listKey: "tunnel_sessions",
  title: "Agents",
  noun: "agent",
  about: "Agents that are online, each with one of your authtokens.",
  empty: { text: "No agent is online. Start one where your service runs:", command: "ginnel http 8080" },
  nameOf: (record) => textAt(record, "ip") || record.id,
  isLive: true,
  goneText: "This agent is not online any more.",
  columns: [
    { title: "Address", read: (record) => textAt(record, "ip"), as: "code" },
    { title: "Version", read: (record) => textAt(record, "agent_version"), as: "text" },
    { title: "System", read: (record) => textAt(record, "os"), as: "text" },
    { title: "Region", read: (record) => textAt(record, "region"), as: "text" },
    { title: "Online since", read: (record) => textAt(record, "started_at"), as: "age" },
    {
      title: "Authtoken",
      read: (record) => textAt(record, "credential.id"),
      as: "ref",
      page: "authtokens",
      place: "page",
    },
    { title: "Protocol", read: (record) => textAt(record, "transport"), as: "text", place: "page" },
    ID,
    METADATA,
  ],
  actions: [
    {
      label: "Restart",
      method: "POST",
      path: "/restart",
      warning: (record) =>
        `The agent at ${textAt(record, "ip")} starts anew; its endpoints are offline for a moment. ${READY}`,
      done: "The agent was told to restart",
    },
    {
      label: "Stop",
      method: "POST",
      path: "/stop",
      warning: (record) =>
        `The agent at ${textAt(record, "ip")} ends, and can be started again only where it runs. ${READY}`,
      done: "The agent was told to stop",
    },
  ],
};
