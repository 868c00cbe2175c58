import { durationText, sizeText, timeOfDayText } from "../../../../web-ui/text/amount-text.ts";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import { isEventStream } from "../../body/filter-subject.ts";
import type { ExchangeSummary } from "../data/exchange.ts";
import { outcomeText, StatusMark, statusClass, statusText } from "./status-mark.tsx";

export interface RequestRowProps {
  readonly exchange: ExchangeSummary;
  /** Counted from 0, in the filtered list. */
  readonly index: number;
  readonly count: number;
  readonly top: number;
  readonly isSelected: boolean;
  readonly onSelect: (id: string) => void;
}

/** No line is wider, and nobody lays out a path of a hundred thousand characters for nothing. */
const PATH_CHARS = 300;
const METHOD_CHARS = 20;

/** One line of the list. Everything in it that a visitor sent is text. */
export function RequestRow({ exchange, index, count, top, isSelected, onSelect }: RequestRowProps) {
  const { id, request, response, outcome, duration, start, tunnel_name: tunnel } = exchange;
  const mark = statusClass(exchange);
  return (
    <div
      id={rowId(id)}
      class={isSelected ? "row row-selected" : "row"}
      role="option"
      aria-selected={isSelected ? "true" : "false"}
      aria-setsize={count}
      aria-posinset={index + 1}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onSelect(id)}
    >
      <span class="cell-status">
        <StatusMark of={mark} />
        <span class={`status-${mark}`}>{statusText(exchange)}</span>
      </span>
      <span class="cell-method">{visibleText(request.method.slice(0, METHOD_CHARS))}</span>
      <span class="cell-path">{visibleText(request.uri.slice(0, PATH_CHARS))}</span>
      <span class="cell-flags">
        <Flags exchange={exchange} />
      </span>
      {outcome === "open" ? (
        <span class="cell-duration quiet">open</span>
      ) : (
        <span class="cell-duration">{durationText(duration)}</span>
      )}
      <span class="cell-size">{response === null ? "–" : sizeText(response.bytes)}</span>
      <span class="cell-time">{timeOfDayText(new Date(start))}</span>
      <span class="cell-tunnel" title={visibleText(tunnel)}>
        {visibleText(tunnel)}
      </span>
    </div>
  );
}

function Flags({ exchange }: { readonly exchange: ExchangeSummary }) {
  const { replay_of: original, stream, outcome } = exchange;
  return (
    <>
      {original !== null && <span class="flag">replay</span>}
      {stream?.kind === "websocket" && <span class="flag">ws</span>}
      {isEventStream(exchange) && <span class="flag">sse</span>}
      {outcome !== "open" && outcome !== "complete" && (
        <span class="flag flag-failed" title={outcomeText(outcome)}>
          {outcome.endsWith("Cut") ? "cut" : "failed"}
        </span>
      )}
    </>
  );
}

/** Of the element, for `aria-activedescendant`. */
export function rowId(exchangeId: string): string {
  return `row-${exchangeId}`;
}
