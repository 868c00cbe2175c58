import { useState } from "hono/jsx/dom";
import { CommandLine } from "../../../../web-ui/client/command-line.tsx";
import { useOneEffect } from "../../../../web-ui/client/one-effect.ts";
import { useSubject } from "../../../../web-ui/client/subject.ts";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import type { RecordList } from "../data/record-list.ts";
import { focusTitle } from "../shell/page-title.tsx";
import { findingsText } from "./findings-text.ts";
import { LAST_KNOWN, lookAgain } from "./looks.ts";
import { matchingRecords } from "./matching-records.ts";
import type { RecordWish } from "./record-buttons.tsx";
import { RecordDialogs } from "./record-dialogs.tsx";
import { RecordSearch } from "./record-search.tsx";
import { RecordTable } from "./record-table.tsx";
import type { ResourcePage } from "./resource.ts";

export interface RecordListViewProps {
  readonly resource: ResourcePage;
  readonly list: RecordList;
  /** Rows lead to pages of their own. */
  readonly hasPages?: boolean;
  readonly headingLevel?: 1 | 2;
}

/** A list with more is searched; fewer are seen at a glance. */
const FEW_RECORDS = 10;
/** Of those that match: more words find fewer. */
const MOST_MATCHES_DRAWN = 100;

/** A list of records with everything that can be done about them. */
export function RecordListView({ resource, list, hasPages = true, headingLevel = 1 }: RecordListViewProps) {
  const shown = useSubject(list.shown);
  const [wish, setWish] = useState<RecordWish | undefined>(undefined);
  const [query, setQuery] = useState("");
  const [isReading, setReading] = useState(false);
  const isSearching = query.trim() !== "";
  // What was found stays as it is while somebody looks at it.
  useOneEffect(
    () => (isSearching ? readOn(list, setReading) : lookAgain(resource, () => void list.load())),
    [list, isSearching],
  );
  const matches = isSearching ? matchingRecords(resource, shown.records, query) : shown.records;
  const drawn = isSearching ? matches.slice(0, MOST_MATCHES_DRAWN) : matches;
  const findings = { matches: matches.length, drawn: drawn.length, records: shown.records.length };
  return (
    <>
      <header class="page-head">
        {headingLevel === 1 ? (
          <h1 id="page-title" tabindex={-1}>
            {resource.title}
          </h1>
        ) : (
          <h2>{resource.title}</h2>
        )}
        {resource.createWord !== undefined && (
          <button type="button" class="button button-main" onClick={() => setWish({ kind: "create" })}>
            {resource.createWord} {resource.noun}
          </button>
        )}
        <p class="about">{resource.about}</p>
      </header>
      {shown.failure !== "" && (
        <p class="fault" role="alert">
          {visibleText(shown.records.length === 0 ? shown.failure : `${shown.failure} ${LAST_KNOWN}`)}
        </p>
      )}
      {!shown.isLoaded && (
        <p class="quiet" role="status">
          Loading …
        </p>
      )}
      {shown.isLoaded && shown.failure === "" && shown.records.length === 0 && <EmptyList {...resource.empty} />}
      {(isSearching || shown.hasOlder || shown.records.length > FEW_RECORDS) && (
        <RecordSearch
          resource={resource}
          query={query}
          result={isSearching ? findingsText({ ...findings, hasOlder: shown.hasOlder, isReading }) : ""}
          onQuery={setQuery}
        />
      )}
      {drawn.length > 0 && <RecordTable resource={resource} records={drawn} hasPages={hasPages} onWish={setWish} />}
      {shown.hasOlder && !isReading && (
        <p class="older">
          <button type="button" class="button" onClick={() => void list.loadOlder()}>
            Older
          </button>
        </p>
      )}
      <RecordDialogs
        resource={resource}
        wish={wish}
        onSaved={(record) => {
          list.put(record);
          // What was just made is to be seen.
          if (wish?.kind === "create") setQuery("");
        }}
        onEnded={(record) => {
          list.remove(record.id);
          focusTitle();
        }}
        onClose={() => setWish(undefined)}
      />
    </>
  );
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

function EmptyList({ text, command }: ResourcePage["empty"]) {
  return (
    <div class="empty-list">
      <p>{text}</p>
      {command !== undefined && <CommandLine command={command} />}
    </div>
  );
}
