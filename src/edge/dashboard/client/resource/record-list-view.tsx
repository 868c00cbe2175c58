import { useState } from "hono/jsx/dom";
import { CommandLine } from "../../../../web-ui/client/command-line.tsx";
import { useSubject } from "../../../../web-ui/client/subject.ts";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import type { RecordList } from "../data/record-list.ts";
import { focusTitle } from "../shell/page-title.tsx";
import { LAST_KNOWN } from "./looks.ts";
import type { RecordWish } from "./record-buttons.tsx";
import { RecordDialogs } from "./record-dialogs.tsx";
import { RecordSearch } from "./record-search.tsx";
import { RecordTable } from "./record-table.tsx";
import type { ResourcePage } from "./resource.ts";
import { useRecordSearch } from "./use-record-search.ts";

export interface RecordListViewProps {
  readonly resource: ResourcePage;
  readonly list: RecordList;
  /** Rows lead to pages of their own. */
  readonly hasPages?: boolean;
  readonly headingLevel?: 1 | 2;
}

/** A list of records with everything that can be done about them. */
export function RecordListView({ resource, list, hasPages = true, headingLevel = 1 }: RecordListViewProps) {
  const shown = useSubject(list.shown);
  const [wish, setWish] = useState<RecordWish | undefined>(undefined);
  const search = useRecordSearch(resource, list);
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
      {search.isOffered && <RecordSearch resource={resource} search={search} />}
      {search.records.length > 0 && (
        <RecordTable resource={resource} records={search.records} hasPages={hasPages} onWish={setWish} />
      )}
      {shown.hasOlder && !search.isReading && (
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
          if (wish?.kind === "create") search.setQuery("");
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

function EmptyList({ text, command }: ResourcePage["empty"]) {
  return (
    <div class="empty-list">
      <p>{text}</p>
      {command !== undefined && <CommandLine command={command} />}
    </div>
  );
}
