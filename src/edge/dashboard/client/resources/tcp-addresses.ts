import { textAt } from "../data/api-record.ts";
import { NOTE_FIELDS } from "../resource/field.ts";
import type { ResourcePage } from "../resource/resource.ts";
import { CREATED, deletion, DESCRIPTION, ID, METADATA } from "./notes.ts";

/** Ports of the edge that stay with the account. */
export const TCP_ADDRESSES: ResourcePage = {
  page: "tcp-addresses",
  path: "reserved_addrs",
  listKey: "reserved_addrs",
  title: "TCP addresses",
  noun: "TCP address",
  about: "Addresses for TCP endpoints that stay the same. The edge chooses the port.",
  empty: {
    text: "No address is reserved. Reserve one, then use it with an agent:",
    command: "ginnel tcp 22 --url tcp://ADDRESS:PORT",
  },
  nameOf: (record) => textAt(record, "addr") || record.id,
  createWord: "Reserve",
  columns: [
    { title: "Address", read: (record) => textAt(record, "addr"), as: "code", place: "list" },
    { title: "Address", read: (record) => textAt(record, "addr"), as: "copy", place: "page" },
    { title: "Region", read: (record) => textAt(record, "region"), as: "text" },
    DESCRIPTION,
    CREATED,
    ID,
    METADATA,
  ],
  fields: NOTE_FIELDS,
  actions: [
    deletion(
      (record) => `${textAt(record, "addr")} can be given to others then. Whoever knows it would reach them.`,
      "Release",
      "Released",
    ),
  ],
};
