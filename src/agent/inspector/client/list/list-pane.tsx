import { useEffect, useMemo, useRef } from "hono/jsx/dom";
import { type FilterQuery, type FilterReading, parseFilter } from "../../body/filter-query.ts";
import { traffic } from "../data/agent.ts";
import { useSubject } from "../../../../web-ui/client/subject.ts";
import type { ShownTraffic } from "../data/traffic.ts";
import { headerIndex, listed, router, selectExchange } from "../shell/inspector.ts";
import { tellFailure } from "../../../../web-ui/client/notice.ts";
import { FilterBar } from "./filter-bar.tsx";
import { RequestList } from "./request-list.tsx";

/** The left half of the page: filter, list, pause and clear. */
export function ListPane() {
  const shown = useSubject(traffic.shown);
  const { filter: text, id } = useSubject(router.route);
  const matched = useMatched(shown, text);
  return (
    <section class="list-pane" aria-labelledby="list-title">
      <header class="list-head">
        <h1 id="list-title" class="list-title">
          Requests
          <span class="list-count">{countOf(shown, matched.exchanges.length, text)}</span>
        </h1>
        <PauseButton {...shown} />
        <button
          type="button"
          class="button"
          disabled={shown.exchanges.length === 0}
          onClick={() => {
            traffic.clear().then(() => router.go({ id: undefined }), tellFailure);
          }}
        >
          Clear
        </button>
      </header>
      <FilterBar text={text} reading={matched.reading} onText={(filter) => router.go({ filter }, "replace")} />
      <div class="columns" aria-hidden="true">
        <span class="cell-status">Status</span>
        <span class="cell-method">Method</span>
        <span class="cell-path">Path</span>
        <span class="cell-duration">Duration</span>
        <span class="cell-size">Size</span>
        <span class="cell-time">Time</span>
        <span class="cell-tunnel">Tunnel</span>
      </div>
      <RequestList exchanges={matched.exchanges} selected={id} onSelect={selectExchange} />
      {shown.isLoaded && matched.exchanges.length === 0 && (
        <p class="list-nothing">{shown.exchanges.length === 0 ? "Nothing has come in yet." : "No request matches."}</p>
      )}
    </section>
  );
}

function useMatched(shown: ShownTraffic, text: string) {
  const headersVersion = useSubject(headerIndex.version);
  const reading = useMemo(() => parseFilter(text), [text]);
  const query = useUnderstood(reading);
  useEffect(() => {
    if (query.wantsHeaders) headerIndex.fill().catch(tellFailure);
  }, [query]);
  const exchanges = useMemo(() => {
    if (query.terms === 0) return shown.exchanges;
    if (!query.wantsHeaders) return shown.exchanges.filter((exchange) => query.test(exchange) === true);
    return shown.exchanges.filter((exchange) => query.test(headerIndex.withHeaders(exchange)) === true);
  }, [query, shown.exchanges, query.wantsHeaders ? headersVersion : 0]);
  useEffect(() => listed.set(exchanges), [exchanges]);
  return { reading, exchanges };
}

/** While somebody is typing, the last filter that made sense stays in force. */
function useUnderstood({ query }: FilterReading): FilterQuery {
  const last = useRef<FilterQuery>(EVERYTHING);
  if (query !== undefined) last.current = query;
  return last.current ?? EVERYTHING;
}

const EVERYTHING: FilterQuery = { terms: 0, wantsHeaders: false, test: () => true };

function PauseButton({ isPaused, waiting }: ShownTraffic) {
  return (
    <button
      type="button"
      class={isPaused ? "button button-on" : "button"}
      aria-pressed={isPaused ? "true" : "false"}
      title={isPaused ? "Show what came in meanwhile" : "Keep the list as it is; capturing goes on"}
      onClick={() => traffic.pause(!isPaused)}
    >
      {isPaused && waiting > 0 ? `Paused, ${waiting} new` : isPaused ? "Paused" : "Pause"}
    </button>
  );
}

function countOf({ exchanges, isLoaded }: ShownTraffic, matched: number, text: string): string {
  if (!isLoaded) return "";
  if (text.trim() === "") return exchanges.length.toLocaleString("en");
  return `${matched.toLocaleString("en")} of ${exchanges.length.toLocaleString("en")}`;
}
