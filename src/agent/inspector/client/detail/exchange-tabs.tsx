import { useMemo } from "hono/jsx/dom";
import { traffic } from "../data/agent.ts";
import type { ExchangeDetail } from "../data/exchange.ts";
import { useSubject } from "../../../../web-ui/client/subject.ts";
import { ComparePanel } from "../replay/compare-panel.tsx";
import { router } from "../shell/inspector.ts";
import { BodyPanel } from "./body-panel.tsx";
import { EncodedEventsPanel, hasEncodedEvents } from "./encoded-events-panel.tsx";
import { HeadersPanel } from "./headers-panel.tsx";
import { MessagesPanel } from "./messages-panel.tsx";
import { RawPanel } from "./raw-panel.tsx";
import { SummaryPanel } from "./summary-panel.tsx";
import { type Tab, Tabs } from "./tabs.tsx";
import { TimingPanel } from "./timing-panel.tsx";

/** Everything about an exchange, a part behind each tab. */
export function ExchangeTabs({ exchange }: { readonly exchange: ExchangeDetail }) {
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
      {name === "events" && <EncodedEventsPanel key={id} exchange={exchange} />}
      {name === "compare" && <ComparePanel key={id} exchange={exchange} replays={replays} />}
    </Tabs>
  );
}

function tabsOf(exchange: ExchangeDetail, hasReplays: boolean): readonly Tab[] {
  const { stream, replay_of: original } = exchange;
  return [
    ...(stream === null ? [] : [{ name: "messages", title: stream.kind === "websocket" ? "Messages" : "Events" }]),
    ...(hasEncodedEvents(exchange) ? [{ name: "events", title: "Events" }] : []),
    { name: "summary", title: "Summary" },
    { name: "headers", title: "Headers" },
    { name: "body", title: "Body" },
    { name: "raw", title: "Raw" },
    { name: "timing", title: "Timing" },
    ...(original !== null || hasReplays ? [{ name: "compare", title: "Compare" }] : []),
  ];
}
