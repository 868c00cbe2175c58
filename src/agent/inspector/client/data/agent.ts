/** What this page knows of the agent that served it, and the feed that keeps it so. */
import { getStatus, listTunnels } from "./agent-api.ts";
import type { ExchangeSummary } from "./exchange.ts";
import { type Reading, withReading } from "./history.ts";
import { Subject } from "../../../../web-ui/client/subject.ts";
import { Traffic } from "./traffic.ts";
import type { AgentStatus, TunnelMetrics, TunnelState } from "./tunnel.ts";

export type FeedState = "connecting" | "live" | "lost";

export const traffic = new Traffic();
export const tunnels = new Subject<readonly TunnelState[]>([]);
export const agentStatus = new Subject<AgentStatus | undefined>(undefined);
export const feedState = new Subject<FeedState>("connecting");
/** How often the agent was there again after it had been lost: then what was asked in vain is worth asking again. */
export const agentReturns = new Subject(0);
export const history = new Subject<readonly Reading[]>([]);

/** After a feed that the browser will not open again by itself. */
const RETRY_MS = 2_000;

/** The events of `/api/events`, by name. */
interface FeedEvents {
  readonly hello: AgentStatus;
  readonly exchange: ExchangeSummary;
  readonly removed: { readonly ids: readonly string[] };
  readonly cleared: unknown;
  readonly status: AgentStatus;
  readonly tunnels: { readonly tunnels: readonly TunnelState[] };
  readonly metrics: { readonly tunnels: readonly { readonly name: string; readonly metrics: TunnelMetrics }[] };
}

/** Opens the feed and keeps it open as long as the page is. */
export function followAgent(): void {
  const feed = new EventSource("/api/events");
  hear(feed, "hello", (status) => {
    if (feedState.value === "lost") agentReturns.set(agentReturns.value + 1);
    feedState.set("live");
    agentStatus.set(status);
    void loadAll();
  });
  hear(feed, "exchange", (exchange) => traffic.changed(exchange));
  hear(feed, "removed", ({ ids }) => traffic.removed(ids));
  hear(feed, "cleared", () => traffic.cleared());
  hear(feed, "status", (status) => agentStatus.set(status));
  hear(feed, "tunnels", (list) => tunnels.set(list.tunnels));
  hear(feed, "metrics", read);
  feed.addEventListener("error", () => {
    feedState.set("lost");
    if (feed.readyState !== EventSource.CLOSED) return; // the browser tries again
    setTimeout(followAgent, RETRY_MS);
  });
}

/** The feed comes from the program that served this page, so the shape is taken as promised. */
function hear<Name extends keyof FeedEvents>(
  feed: EventSource,
  name: Name,
  handle: (data: FeedEvents[Name]) => void,
): void {
  feed.addEventListener(name, (event: MessageEvent<string>) => handle(JSON.parse(event.data) as FeedEvents[Name]));
}

function read({ tunnels: metered }: FeedEvents["metrics"]): void {
  const byName = new Map(metered.map(({ name, metrics }) => [name, metrics]));
  tunnels.set(tunnels.value.map((tunnel) => ({ ...tunnel, metrics: byName.get(tunnel.name) ?? tunnel.metrics })));
  history.set(withReading(history.value, tunnels.value, performance.now()));
}

async function loadAll(): Promise<void> {
  const [list, status] = await Promise.allSettled([listTunnels(), getStatus(), traffic.load()]);
  if (list.status === "fulfilled") tunnels.set(list.value);
  if (status.status === "fulfilled") agentStatus.set(status.value);
}
