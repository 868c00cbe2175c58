import { type Child, useEffect, useState } from "hono/jsx/dom";
import { ageText, durationText, sizeText, timeOfDayText } from "../../../../web-ui/text/amount-text.ts";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import type { ExchangeDetail } from "../data/exchange.ts";
import { outcomeText, StatusMark, statusClass } from "../list/status-mark.tsx";
import { replayOnce } from "../replay/replay-once.ts";
import { router, selectExchange } from "../shell/inspector.ts";
import { MoreActions } from "./more-actions.tsx";
import { Shown } from "../../../../web-ui/client/shown-text.tsx";

/** Of the window. */
const TITLE_CHARS = 100;

export interface ExchangeHeadProps {
  readonly exchange: ExchangeDetail;
  readonly onReplayWithChanges: () => void;
}

/** What was asked, how it went, and what can be done with it. */
export function ExchangeHead({ exchange, onReplayWithChanges }: ExchangeHeadProps) {
  useEffect(() => {
    document.title = visibleText(`${exchange.request.method} ${exchange.request.uri}`.slice(0, TITLE_CHARS));
    // On a small screen the list has made room, and with it went the focus; who comes by a link had none.
    const isListGone = document.getElementById("requests")?.checkVisibility() === false;
    if (isListGone && document.activeElement === document.body && navigator.userActivation.hasBeenActive) {
      document.getElementById("exchange-title")?.focus();
    }
    return () => {
      document.title = "ginnel inspector";
    };
  }, [exchange.id]);
  const { id, request, response, outcome, start, duration, remote_addr: visitor, tunnel_name: tunnel } = exchange;
  const mark = statusClass(exchange);
  return (
    <header class="detail-head">
      <div class="detail-title">
        <h2 id="exchange-title" tabindex={-1}>
          <span class="method">
            <Shown text={request.method} />
          </span>{" "}
          <span class="target">
            <Shown text={request.uri} />
          </span>
        </h2>
        <div class="detail-actions">
          <button
            type="button"
            class="button button-main"
            title="Send it again (r)"
            onClick={() => void replayOnce(id)}
          >
            Replay
          </button>
          <MoreActions exchange={exchange} onReplayWithChanges={onReplayWithChanges} />
        </div>
      </div>
      <p class="detail-status">
        <StatusMark of={mark} />
        <strong class={`status-${mark}`}>
          {response === null ? outcomeText(outcome) : <Shown text={response.status} />}
        </strong>
        {response?.generated === true && <span class="flag flag-failed">made by the agent: upstream not reached</span>}
        {response !== null && outcome !== "complete" && <span class="flag">{outcomeText(outcome)}</span>}
      </p>
      <dl class="facts facts-row">
        <Fact name="Time" value={timeOfDayText(new Date(start))} more={<Age start={start} />} />
        <Fact name="Duration" value={outcome === "open" ? "…" : durationText(duration)} />
        <Fact name="Request" value={sizeText(request.bytes)} />
        <Fact name="Response" value={response === null ? "–" : sizeText(response.bytes)} />
        <Fact name="Visitor" value={visitor} />
        <Fact name="Tunnel" value={visibleText(tunnel)} />
      </dl>
      {exchange.replay_of !== null && <OriginalLink id={exchange.replay_of} />}
    </header>
  );
}

function Fact({ name, value, more }: { readonly name: string; readonly value: string; readonly more?: Child }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>
        {value} {more}
      </dd>
    </div>
  );
}

function Age({ start }: { readonly start: string }) {
  const [nowMs, setNowMs] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return <span class="quiet">{ageText(nowMs - Date.parse(start))}</span>;
}

function OriginalLink({ id }: { readonly id: string }) {
  return (
    <p class="replayed">
      A replay.{" "}
      <button type="button" class="link" onClick={() => selectExchange(id)}>
        Show the original
      </button>{" "}
      or{" "}
      <button type="button" class="link" onClick={() => router.go({ tab: "compare" }, "replace")}>
        compare the answers
      </button>
    </p>
  );
}
