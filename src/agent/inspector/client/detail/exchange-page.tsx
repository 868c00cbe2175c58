import { type Child, useEffect, useMemo, useRef, useState } from "hono/jsx/dom";
import { ageText, durationText, sizeText, timeOfDayText } from "../../body/amount-text.ts";
import { visibleText } from "../../body/visible-text.ts";
import { traffic } from "../data/agent.ts";
import type { ExchangeDetail } from "../data/exchange.ts";
import { useSubject } from "../data/subject.ts";
import { outcomeText, StatusMark, statusClass } from "../list/status-mark.tsx";
import { ComparePanel } from "../replay/compare-panel.tsx";
import { replayOnce } from "../replay/replay-once.ts";
import { copy } from "../shell/copy.ts";
import { router, selectExchange } from "../shell/inspector.ts";
import { BodyPanel } from "./body-panel.tsx";
import { copyAsCurl } from "./copy-as-curl.ts";
import { HeadersPanel } from "./headers-panel.tsx";
import { MessagesPanel } from "./messages-panel.tsx";
import { RawPanel } from "./raw-panel.tsx";
import { Shown } from "./shown-text.tsx";
import { SummaryPanel } from "./summary-panel.tsx";
import { type Tab, Tabs } from "./tabs.tsx";
import { TimingPanel } from "./timing-panel.tsx";
import { useExchange } from "./use-exchange.ts";

export interface ExchangePageProps {
  readonly id: string;
  readonly onReplayWithChanges: () => void;
}

/** One exchange, whole. */
export function ExchangePage({ id, onReplayWithChanges }: ExchangePageProps) {
  const { value: exchange, failure } = useExchange(id);
  // What was shown before stays until its successor is there, so that nothing jumps and the focus keeps its place.
  if (exchange === undefined || (failure !== "" && exchange.id !== id)) {
    return (
      <section class="detail" aria-label="Request">
        <BackButton />
        {failure !== "" && (
          <div class="empty">
            <h2 id="exchange-title" tabindex={-1}>
              This request cannot be shown
            </h2>
            <p>{failure}</p>
          </div>
        )}
      </section>
    );
  }
  return (
    <section class="detail" aria-labelledby="exchange-title" aria-busy={exchange.id === id ? "false" : "true"}>
      <BackButton />
      <ExchangeHead exchange={exchange} onReplayWithChanges={onReplayWithChanges} />
      <ExchangeTabs exchange={exchange} />
    </section>
  );
}

function BackButton() {
  return (
    <button type="button" class="button button-back" onClick={() => router.go({ id: undefined })}>
      ← All requests
    </button>
  );
}

/** Of the window. */
const TITLE_CHARS = 100;

interface ExchangeHeadProps {
  readonly exchange: ExchangeDetail;
  readonly onReplayWithChanges: () => void;
}

function ExchangeHead({ exchange, onReplayWithChanges }: ExchangeHeadProps) {
  useEffect(() => {
    document.title = visibleText(`${exchange.request.method} ${exchange.request.uri}`.slice(0, TITLE_CHARS));
    // On a small screen the list has made room, and with it went the focus.
    if (document.activeElement === document.body && document.getElementById("requests")?.checkVisibility() === false) {
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
        <Fact name="Tunnel" value={tunnel} />
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

function MoreActions({ exchange, onReplayWithChanges }: ExchangeHeadProps) {
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isOpen) menu.current?.querySelector("button")?.focus();
  }, [isOpen]);
  const act = (action: () => void) => (): void => {
    setOpen(false);
    opener.current?.focus();
    action();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      setOpen(false);
      opener.current?.focus();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const items = [...(menu.current?.querySelectorAll("button") ?? [])];
    const now = items.findIndex((item) => item === document.activeElement);
    items.at((now + (event.key === "ArrowDown" ? 1 : -1)) % items.length)?.focus();
  };
  const onFocusOut = ({ currentTarget, relatedTarget }: FocusEvent): void => {
    const isInside =
      currentTarget instanceof Node && relatedTarget instanceof Node && currentTarget.contains(relatedTarget);
    if (!isInside) setOpen(false);
  };
  return (
    <div class="menu-place" onKeyDown={onKey} onFocusOut={onFocusOut}>
      <button
        ref={opener}
        type="button"
        class="button"
        aria-label="More actions"
        aria-haspopup="menu"
        aria-expanded={isOpen ? "true" : "false"}
        onClick={() => setOpen(!isOpen)}
      >
        ▾
      </button>
      {isOpen && (
        <div ref={menu} class="menu" role="menu" aria-label="More actions">
          <button type="button" role="menuitem" class="menu-item" onClick={act(onReplayWithChanges)}>
            Replay with changes … <kbd>e</kbd>
          </button>
          <button type="button" role="menuitem" class="menu-item" onClick={act(() => copyAsCurl(exchange))}>
            Copy as curl
          </button>
          <button
            type="button"
            role="menuitem"
            class="menu-item"
            onClick={act(() => copy(`${location.origin}${location.pathname}`, "Link"))}
          >
            Copy link to this request
          </button>
        </div>
      )}
    </div>
  );
}

function ExchangeTabs({ exchange }: { readonly exchange: ExchangeDetail }) {
  const { tab } = useSubject(router.route);
  const { exchanges } = useSubject(traffic.shown);
  const { id } = exchange;
  const replays = useMemo(() => exchanges.filter(({ replay_of }) => replay_of === id), [exchanges, id]);
  const tabs = tabsOf(exchange, replays.length > 0);
  const chosen = tabs.find(({ name }) => name === tab) ?? tabs[0];
  const name = chosen?.name ?? "summary";
  return (
    <Tabs tabs={tabs} chosen={name} onChoose={(next) => router.go({ tab: next }, "replace")}>
      {name === "summary" && <SummaryPanel key={id} exchange={exchange} />}
      {name === "headers" && <HeadersPanel key={id} exchange={exchange} />}
      {name === "body" && <BodyPanel key={id} exchange={exchange} />}
      {name === "raw" && <RawPanel key={id} exchange={exchange} />}
      {name === "timing" && <TimingPanel key={id} exchange={exchange} />}
      {name === "messages" && <MessagesPanel key={id} exchange={exchange} />}
      {name === "compare" && <ComparePanel key={id} exchange={exchange} replays={replays} />}
    </Tabs>
  );
}

function tabsOf({ stream, replay_of: original }: ExchangeDetail, hasReplays: boolean): readonly Tab[] {
  return [
    ...(stream === null ? [] : [{ name: "messages", title: stream.kind === "websocket" ? "Messages" : "Events" }]),
    { name: "summary", title: "Summary" },
    { name: "headers", title: "Headers" },
    { name: "body", title: "Body" },
    { name: "raw", title: "Raw" },
    { name: "timing", title: "Timing" },
    ...(original !== null || hasReplays ? [{ name: "compare", title: "Compare" }] : []),
  ];
}
