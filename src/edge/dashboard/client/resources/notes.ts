import { textAt } from "../data/api-record.ts";
import type { Action, Column } from "../resource/resource.ts";

/** What every record tells: in lists what people noted, on its own page all of it. */
export const DESCRIPTION: Column = {
  title: "Description",
  read: (record) => textAt(record, "description"),
  as: "text",
};
export const CREATED: Column = { title: "Created", read: (record) => textAt(record, "created_at"), as: "time" };
export const ID: Column = { title: "ID", read: ({ id }) => id, as: "copy", place: "page" };
export const METADATA: Column = {
  title: "Metadata",
  read: (record) => textAt(record, "metadata"),
  as: "long",
  place: "page",
};

export function deletion(warning: Action["warning"], label = "Delete", done = "Deleted"): Action {
  return { label, method: "DELETE", path: "", warning, done, isEnd: true };
}
