/** What this page knows of the agent that served it, and the feed that keeps it so. */
import { getStatus, listTunnels } from "./agent-api.ts";
import type { ExchangeSummary } from "./exchange.ts";
import { type Reading, withReading } from "./history.ts";
import { Subject } from "./subject.ts";
import { Traffic } from "./traffic.ts";
import type { AgentStatus, TunnelMetrics, TunnelState } from "./tunnel.ts";

export type FeedState = "connecting" | "live" | "lost";

export const traffic = new Traffic();
export const tunnels = new Subject<readonly TunnelState[]>([]);
export const agentStatus = new Subject<AgentStatus | undefined>(undefined);
export const feedState = new Subject<FeedState>("connecting");
export const history = new Subject<readonly Reading[]>([]);

/** After a feed that the browser will not open again by itself. */
const RETRY_MS = 2_000;

/** Opens the feed and keeps it open as long as the page is. */
export function followAgent(): void {
  const feed = new EventSource("/api/events");
  feed.addEventListener("hello", (event) => {
    feedState.set("live");
    const status = dataOf<AgentStatus | null>(event);
    if (status !== null && "status" in status) agentStatus.set(status);
    void loadAll();
  });
  feed.addEventListener("exchange", (event) => traffic.changed(dataOf<ExchangeSummary>(event)));
  feed.addEventListener("removed", (event) => traffic.removed(dataOf<{ ids: readonly string[] }>(event).ids));
  feed.addEventListener("cleared", () => traffic.cleared());
  feed.addEventListener("status", (event) => agentStatus.set(dataOf<AgentStatus>(event)));
  feed.addEventListener("tunnels", (event) => tunnels.set(listOf(dataOf<TunnelList>(event))));
  feed.addEventListener("metrics", (event) => read(dataOf<MetricsEvent>(event)));
  feed.addEventListener("error", () => {
    feedState.set("lost");
    if (feed.readyState !== EventSource.CLOSED) return; // the browser tries again
    setTimeout(followAgent, RETRY_MS);
  });
}

type TunnelList = readonly TunnelState[] | { readonly tunnels: readonly TunnelState[] };
interface MetricsEvent {
  readonly tunnels?: readonly { readonly name: string; readonly metrics: TunnelMetrics }[];
}

function read({ tunnels: metered = [] }: MetricsEvent): void {
  const byName = new Map(metered.map(({ name, metrics }) => [name, metrics]));
  tunnels.set(tunnels.value.map((tunnel) => ({ ...tunnel, metrics: byName.get(tunnel.name) ?? tunnel.metrics })));
  history.set(withReading(history.value, tunnels.value, performance.now()));
}

async function loadAll(): Promise<void> {
  const [list, status] = await Promise.allSettled([listTunnels(), getStatus(), traffic.load()]);
  if (list.status === "fulfilled") tunnels.set(list.value);
  if (status.status === "fulfilled") agentStatus.set(status.value);
}

function listOf(list: TunnelList): readonly TunnelState[] {
  return "tunnels" in list ? list.tunnels : list;
}

/** The feed comes from the program that served this page, so the shape is taken as promised. */
function dataOf<Data>(event: Event): Data {
  return JSON.parse(event instanceof MessageEvent ? String(event.data) : "null") as Data;
}
