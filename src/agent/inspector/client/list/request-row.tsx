import type { ExchangeSummary } from "../data/exchange.ts";
import { durationText, sizeText, timeText } from "../data/quantity-text.ts";
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
      <span class="cell-method">{request.method}</span>
      <span class="cell-path" title={request.uri}>
        {request.uri}
      </span>
      <span class="cell-flags">
        <Flags exchange={exchange} />
      </span>
      <span class="cell-duration">{outcome === "open" ? outcomeText(outcome) : durationText(duration)}</span>
      <span class="cell-size">{response === null ? "–" : sizeText(response.bytes)}</span>
      <span class="cell-time">{timeText(start)}</span>
      <span class="cell-tunnel" title={tunnel}>
        {tunnel}
      </span>
    </div>
  );
}

function Flags({ exchange: { replay_of: original, stream, outcome } }: { readonly exchange: ExchangeSummary }) {
  return (
    <>
      {original !== null && <span class="flag">replay</span>}
      {stream !== null && <span class="flag">{stream.kind === "websocket" ? "ws" : "sse"}</span>}
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
