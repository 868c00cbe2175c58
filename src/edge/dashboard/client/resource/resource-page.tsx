import { useMemo } from "hono/jsx/dom";
import { RecordList } from "../data/record-list.ts";
import { recordPage } from "../data/record-pages.ts";
import { RecordListView } from "./record-list-view.tsx";
import type { ResourcePage as Resource } from "./resource.ts";

/** The list of one kind of record. */
export function ResourcePage({ resource }: { readonly resource: Resource }) {
  const list = useMemo(() => new RecordList((beforeId) => recordPage(resource, beforeId)), [resource]);
  return <RecordListView resource={resource} list={list} />;
}
