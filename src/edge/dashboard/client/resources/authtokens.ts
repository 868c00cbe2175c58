import { listAt, textAt } from "../data/api-record.ts";
import { NOTE_FIELDS } from "../resource/field.ts";
import type { ResourcePage } from "../resource/resource.ts";
import { CREATED, deletion, DESCRIPTION, ID, METADATA } from "./notes.ts";

/** What lets agents in. */
export const AUTHTOKENS: ResourcePage = {
  page: "authtokens",
  path: "credentials",
  listKey: "credentials",
  title: "Authtokens",
  noun: "authtoken",
  about: "Authtokens let agents in. Give each person and machine its own, so that one can be taken back alone.",
  empty: {
    text: "There is no authtoken here. Create one, then save it where the agent runs:",
    command: "ginnel config add-authtoken TOKEN",
  },
  nameOf: (record) => textAt(record, "description") || record.id,
  createWord: "Create",
  columns: [
    { title: "Authtoken", read: ({ id }) => id, as: "code", place: "list" },
    DESCRIPTION,
    {
      title: "May bind",
      read: (record) => (listAt(record, "acl").length === 0 ? ["everything"] : listAt(record, "acl")),
      as: "list",
    },
    CREATED,
    ID,
    METADATA,
  ],
  fields: [
    ...NOTE_FIELDS.slice(0, 1),
    {
      name: "acl",
      label: "May bind (ACL)",
      kind: "lines",
      placeholder: "bind:*.example.com",
      hint: "One rule a line: bind:HOST, bind:*.DOMAIN, bind:HOST:PORT or *. None: everything of the account.",
      faults: /^ERR_NGROK_600$/,
    },
    ...NOTE_FIELDS.slice(1),
  ],
  actions: [deletion((record) => `Agents that use ${textAt(record, "description") || record.id} are cut off at once.`)],
  tokenUse: {
    text: "Save it where the agent runs:",
    command: (token) => `ginnel config add-authtoken ${token}`,
  },
};
