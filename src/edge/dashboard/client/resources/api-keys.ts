import { textAt } from "../data/api-record.ts";
import { NOTE_FIELDS } from "../resource/field.ts";
import type { ResourcePage } from "../resource/resource.ts";
import { CREATED, deletion, DESCRIPTION, ID, METADATA } from "./notes.ts";

/** What lets people into the dashboard and programs into the API. */
export const API_KEYS: ResourcePage = {
  page: "api-keys",
  path: "api_keys",
  listKey: "keys",
  title: "API keys",
  noun: "API key",
  about: "An API key opens this dashboard and the management API: whoever has one may change everything here.",
  empty: {
    text: "There is no API key. Create one, then save it where programs call the API:",
    command: "ginnel config add-api-key KEY",
  },
  nameOf: (record) => textAt(record, "description") || record.id,
  createWord: "Create",
  columns: [{ title: "API key", read: ({ id }) => id, as: "code", place: "list" }, DESCRIPTION, CREATED, ID, METADATA],
  fields: NOTE_FIELDS,
  actions: [
    deletion(
      (record) =>
        `Programs that call with ${textAt(record, "description") || record.id}, and people who signed in with it, are let in no longer. That may be you.`,
    ),
  ],
  tokenUse: {
    text: "Save it where programs call the API:",
    command: (token) => `ginnel config add-api-key ${token}`,
  },
};
