import { durationText } from "../../../../web-ui/text/amount-text.ts";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import { agentStatus, history, tunnels } from "../data/agent.ts";
import type { Reading } from "../data/history.ts";
import { useSubject } from "../../../../web-ui/client/subject.ts";
import type { AgentStatus, Leg } from "../data/tunnel.ts";
import { Configuration } from "./configuration.tsx";
import { LineChart } from "../../../../web-ui/client/line-chart.tsx";
import { TunnelCard } from "./tunnel-card.tsx";

/** How the agent is: its tunnels, its sessions with the edge, what passes, and the settings in force. */
export function StatusPage() {
  const running = useSubject(tunnels);
  const status = useSubject(agentStatus);
  return (
    <div class="status-page">
      <h1 class="unseen">Status</h1>
      <section aria-labelledby="session-title">
        <h2 id="session-title">Session</h2>
        {status === undefined ? <p class="quiet">Not known yet.</p> : <Session status={status} />}
      </section>
      <section aria-labelledby="metrics-title">
        <h2 id="metrics-title">Metrics</h2>
        <Charts />
      </section>
      <section aria-labelledby="tunnels-title">
        <h2 id="tunnels-title">Tunnels</h2>
        {running.length === 0 && <p class="quiet">No tunnel is running.</p>}
        <div class="cards">
          {running.map((tunnel) => (
            <TunnelCard key={tunnel.name} {...tunnel} />
          ))}
        </div>
      </section>
      <section aria-labelledby="configuration-title">
        <h2 id="configuration-title">Configuration in force</h2>
        <Configuration />
      </section>
    </div>
  );
}

function Session({ status }: { readonly status: AgentStatus }) {
  return (
    <div class="card session">
      <dl class="facts facts-row">
        <div class="fact">
          <dt>State</dt>
          <dd>{status.status}</dd>
        </div>
        <div class="fact">
          <dt>Version</dt>
          <dd>{status.ginnel_version ?? status.agent_version}</dd>
        </div>
        {status.uptime !== undefined && (
          <div class="fact">
            <dt>Running for</dt>
            <dd>{status.uptime}</dd>
          </div>
        )}
        {status.session.legs.map((leg, index) => (
          <div key={index} class="fact">
            <dt>{status.session.legs.length > 1 ? `Leg ${index + 1}` : "Edge"}</dt>
            <dd>{visibleText(legText(leg))}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function legText({ region, latency, state, reason }: Leg): string {
  const isMeasured = latency !== undefined && latency !== "" && latency !== "0s";
  return [region, isMeasured ? `latency ${latency}` : "latency not measured yet", state, reason]
    .filter((part) => part !== undefined && part !== null && part !== "")
    .join(", ");
}

function Charts() {
  const readings = useSubject(history);
  return (
    <div class="charts">
      {CHARTS.map(({ title, pick, format }) => (
        <LineChart key={title} title={title} values={readings.map(pick)} span="two minutes" format={format} />
      ))}
    </div>
  );
}

/** It is 0 until there was a request. */
function percentileText(ns: number): string {
  return ns === 0 ? "–" : durationText(ns);
}

interface Chart {
  readonly title: string;
  readonly pick: (reading: Reading) => number | undefined;
  readonly format: (value: number) => string;
}

const CHARTS: readonly Chart[] = [
  { title: "Requests", pick: ({ requestsPerSecond }) => requestsPerSecond, format: perSecond },
  { title: "New connections", pick: ({ connectionsPerSecond }) => connectionsPerSecond, format: perSecond },
  { title: "Open connections", pick: ({ open }) => open, format: String },
  { title: "Median duration", pick: ({ p50 }) => p50, format: percentileText },
  { title: "99 % within", pick: ({ p99 }) => p99, format: percentileText },
];

function perSecond(rate: number): string {
  return `${rate.toFixed(1)}/s`;
}
