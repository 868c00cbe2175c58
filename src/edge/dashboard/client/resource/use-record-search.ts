import { useState } from "hono/jsx/dom";
import { useOneEffect } from "../../../../web-ui/client/one-effect.ts";
import { useSubject } from "../../../../web-ui/client/subject.ts";
import type { ApiRecord } from "../data/api-record.ts";
import type { RecordList } from "../data/record-list.ts";
import { findingsText } from "./findings-text.ts";
import { lookAgain } from "./looks.ts";
import { matchingRecords } from "./matching-records.ts";
import type { ResourcePage } from "./resource.ts";

/** A list with more is searched; fewer are seen at a glance. */
const FEW_RECORDS = 10;
/** Of those that match: more words find fewer. */
const MOST_MATCHES_DRAWN = 100;

export interface SearchedRecords {
  readonly isOffered: boolean;
  /** As it stands in the field. */
  readonly query: string;
  readonly setQuery: (query: string) => void;
  /** What was found, in words; empty while nothing is looked for. */
  readonly result: string;
  /** The older records are on their way. */
  readonly isReading: boolean;
  /** Those to draw: all of the list while nothing is looked for. */
  readonly records: readonly ApiRecord[];
}

/** Keeps a list in step with the edge, and while somebody looks for words reads it to its end; what was found stays as it is then. */
export function useRecordSearch(resource: ResourcePage, list: RecordList): SearchedRecords {
  const { records, hasOlder } = useSubject(list.shown);
  const [query, setQuery] = useState("");
  const [isReading, setReading] = useState(false);
  const isSearching = query.trim() !== "";
  useOneEffect(
    () => (isSearching ? readOn(list, setReading) : lookAgain(resource, () => void list.load())),
    [list, isSearching],
  );
  const isOffered = isSearching || hasOlder || records.length > FEW_RECORDS;
  if (!isSearching) return { isOffered, query, setQuery, result: "", isReading, records };
  const matches = matchingRecords(resource, records, query);
  const drawn = matches.slice(0, MOST_MATCHES_DRAWN);
  const counts = { matches: matches.length, drawn: drawn.length, records: records.length };
  const result = findingsText({ ...counts, hasOlder, isReading });
  return { isOffered, query, setQuery, result, isReading, records: drawn };
}

/** Answers how to stop. */
function readOn(list: RecordList, onReading: (isReading: boolean) => void): () => void {
  const stop = new AbortController();
  onReading(true);
  void list.loadAll(stop.signal).then(() => stop.signal.aborted || onReading(false));
  return () => {
    stop.abort();
    onReading(false);
  };
}
