import { useEffect, useMemo } from "hono/jsx/dom";
import { Shown } from "../../../../web-ui/client/shown-text.tsx";
import { useSubject } from "../../../../web-ui/client/subject.ts";
import { minuteText } from "../../../../web-ui/text/amount-text.ts";
import { countText } from "../../../../web-ui/text/count-text.ts";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import { type ApiRecord, textAt } from "../data/api-record.ts";
import { callDashboard } from "../data/call.ts";
import { RecordList } from "../data/record-list.ts";
import { RouteLink } from "../shell/route-link.tsx";
import { actorText, auditPageIn, changesIn, pageOfEntry, typeText } from "./audit-entry.ts";

const PAGE_ENTRIES = 50;

/** Who changed what, and when. */
export function AuditPage() {
  const list = useMemo(
    () =>
      new RecordList(async (beforeId) => {
        const before = beforeId === undefined ? "" : `&before_id=${encodeURIComponent(beforeId)}`;
        return auditPageIn(await callDashboard("GET", `/audit?limit=${PAGE_ENTRIES}${before}`));
      }),
    [],
  );
  const { records, hasOlder, isLoaded, failure } = useSubject(list.shown);
  useEffect(() => void list.load(), [list]);
  return (
    <>
      <header class="page-head">
        <h1 id="page-title" tabindex={-1}>
          Audit log
        </h1>
        <p class="about">
          Every change of this account, newest first. Secrets are never in it, only that they changed.
        </p>
      </header>
      {failure !== "" && (
        <p class="fault" role="alert">
          {visibleText(failure)}
        </p>
      )}
      {!isLoaded && <p class="quiet">Loading …</p>}
      {isLoaded && failure === "" && records.length === 0 && (
        <div class="empty-list">
          <p>Nothing has been changed yet.</p>
        </div>
      )}
      <ol class="entries">
        {records.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ol>
      {hasOlder && (
        <p class="older">
          <button type="button" class="button" onClick={() => void list.loadOlder()}>
            Older
          </button>
        </p>
      )}
    </>
  );
}

function Entry({ entry }: { readonly entry: ApiRecord }) {
  const [page, id, at] = [pageOfEntry(entry), textAt(entry, "record_id"), textAt(entry, "at")];
  const changes = changesIn(entry);
  return (
    <li class="card entry">
      <p class="entry-what">
        <span class="flag">{visibleText(textAt(entry, "action"))}</span> <strong>{visibleText(typeText(entry))}</strong>{" "}
        {page === undefined ? (
          <code>{visibleText(id)}</code>
        ) : (
          <RouteLink page={page} id={page === "account" ? undefined : id}>
            <code>{visibleText(id)}</code>
          </RouteLink>
        )}
      </p>
      <p class="entry-who quiet">
        <time datetime={at}>{minuteText(new Date(at))}</time> by {visibleText(actorText(entry))}{" "}
        <code>{visibleText(textAt(entry, "actor.id"))}</code>
      </p>
      {changes.length > 0 && (
        <details>
          <summary>{countText(changes.length, "field")}</summary>
          <dl class="changes">
            {changes.map(({ field, before, after }) => (
              <div key={field} class="change">
                <dt>{visibleText(field)}</dt>
                <dd>
                  <span class="unseen">before: </span>
                  <del>{before === "" ? "–" : <Shown text={before} />}</del>
                </dd>
                <dd>
                  <span class="unseen">after: </span>
                  <ins>{after === "" ? "–" : <Shown text={after} />}</ins>
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </li>
  );
}
