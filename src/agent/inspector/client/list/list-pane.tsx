import { useEffect, useMemo } from "hono/jsx/dom";
import { traffic } from "../data/agent.ts";
import { countText } from "../data/quantity-text.ts";
import type { ShownTraffic } from "../data/traffic.ts";
import { useSubject } from "../data/subject.ts";
import { headerIndex, router } from "../shell/inspector.ts";
import { tellFailure } from "../shell/notice.ts";
import type { ExchangeSummary } from "../data/exchange.ts";
import { parseFilter } from "./exchange-filter.ts";
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
      <FilterBar text={text} filter={matched.filter} onText={(filter) => router.go({ filter }, "replace")} />
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

function selectExchange(id: string): void {
  // Going back leads out of the detail, not through everything that was looked at.
  router.go({ id }, router.route.value.id === undefined ? "push" : "replace");
}

function useMatched(shown: ShownTraffic, text: string) {
  const headersVersion = useSubject(headerIndex.version);
  const filter = useMemo(() => parseFilter(text), [text]);
  useEffect(() => {
    if (filter.needsHeaders) headerIndex.fill().catch(tellFailure);
  }, [filter]);
  const exchanges = useMemo(
    () =>
      filter.isEmpty
        ? shown.exchanges
        : shown.exchanges.filter((exchange) => filter.matches(exchange, headerIndex.headersOf)),
    [filter, shown.exchanges, filter.needsHeaders ? headersVersion : 0],
  );
  listed.exchanges = exchanges;
  return { filter, exchanges };
}

/** What the list holds at present, for those who walk through it by keyboard. */
export const listed: { exchanges: readonly ExchangeSummary[] } = { exchanges: [] };

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
  return `${matched.toLocaleString("en")} of ${countText(exchanges.length, "request")}`;
}
