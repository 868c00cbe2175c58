import { useMemo } from "hono/jsx/dom";
import { CommandLine } from "../../../../web-ui/client/command-line.tsx";
import { LineChart } from "../../../../web-ui/client/line-chart.tsx";
import { Shown } from "../../../../web-ui/client/shown-text.tsx";
import { sizeText } from "../../../../web-ui/text/amount-text.ts";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import { RecordList } from "../data/record-list.ts";
import { recordPage } from "../data/record-pages.ts";
import { LAST_KNOWN } from "../resource/looks.ts";
import { RecordListView } from "../resource/record-list-view.tsx";
import { AGENTS } from "../resources/agents.ts";
import { RouteLink } from "../shell/route-link.tsx";
import type { EndpointRates, TrafficTotals } from "./traffic-rates.ts";
import { useTraffic } from "./use-traffic.ts";

interface Chart {
  readonly title: string;
  readonly pick: (totals: TrafficTotals) => number | undefined;
  readonly format: (value: number) => string;
}

const CHARTS: readonly Chart[] = [
  { title: "Requests", pick: ({ requestsPerSecond }) => requestsPerSecond, format: perSecond },
  { title: "Visitors connected", pick: ({ visitorsOpen }) => visitorsOpen, format: numberText },
  { title: "From visitors", pick: ({ bytesInPerSecond }) => bytesInPerSecond, format: sizePerSecond },
  { title: "To visitors", pick: ({ bytesOutPerSecond }) => bytesOutPerSecond, format: sizePerSecond },
];

/** What is online, and what passes. */
export function OverviewPage() {
  const { endpoints, online, history, failure } = useTraffic();
  const agents = useMemo(() => new RecordList((beforeId) => recordPage(AGENTS, beforeId)), []);
  return (
    <>
      <header class="page-head">
        <h1 id="page-title" tabindex={-1}>
          Overview
        </h1>
      </header>
      {failure !== "" && (
        <p class="fault" role="alert">
          {visibleText(endpoints === undefined ? failure : `${failure} ${LAST_KNOWN}`)}
        </p>
      )}
      <section aria-label="Traffic">
        <div class="charts">
          {CHARTS.map(({ title, pick, format }) => (
            <LineChart key={title} title={title} values={history.map(pick)} span="two minutes" format={format} />
          ))}
        </div>
      </section>
      <section class="below" aria-labelledby="endpoints-title">
        <header class="page-head">
          <h2 id="endpoints-title">Endpoints online</h2>
          {endpoints !== undefined && online > endpoints.length && (
            <p class="about">
              The {numberText(endpoints.length)} with the most traffic of {numberText(online)}.{" "}
              <RouteLink page="endpoints">To all endpoints</RouteLink>
            </p>
          )}
        </header>
        {endpoints === undefined && failure === "" && <p class="quiet">Loading …</p>}
        {endpoints?.length === 0 && (
          <div class="empty-list">
            <p>No endpoint is online. Open one where your service runs:</p>
            <CommandLine command="ginnel http 8080" />
          </div>
        )}
        {endpoints !== undefined && endpoints.length > 0 && <EndpointFigures endpoints={endpoints} />}
      </section>
      <section class="below" aria-label="Agents">
        <RecordListView resource={AGENTS} list={agents} headingLevel={2} />
      </section>
    </>
  );
}

const FIGURES: readonly { readonly title: string; readonly read: (endpoint: EndpointRates) => string }[] = [
  { title: "Requests/s", read: ({ requestsPerSecond }) => known(requestsPerSecond, (rate) => rate.toFixed(1)) },
  { title: "Requests", read: ({ requests }) => numberText(requests) },
  { title: "Visitors now", read: ({ visitors_open: open }) => numberText(open) },
  { title: "From visitors", read: ({ bytes_in: bytes }) => sizeText(bytes) },
  { title: "To visitors", read: ({ bytes_out: bytes }) => sizeText(bytes) },
  { title: "To visitors/s", read: ({ bytesOutPerSecond }) => known(bytesOutPerSecond, sizeText) },
];

function EndpointFigures({ endpoints }: { readonly endpoints: readonly EndpointRates[] }) {
  return (
    <table class="records figures" role="table" aria-label="Endpoints online">
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col">
            URL
          </th>
          {FIGURES.map(({ title }) => (
            <th key={title} role="columnheader" scope="col" class="number">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {endpoints.map((endpoint) => (
          <tr key={endpoint.id} role="row">
            <td role="cell" data-title="URL">
              <div class="cell">
                <RouteLink page="endpoints" id={endpoint.id} class="record-link">
                  <Shown text={endpoint.url} />
                </RouteLink>
              </div>
            </td>
            {FIGURES.map(({ title, read }) => (
              <td key={title} role="cell" data-title={title} class="number">
                {read(endpoint)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function known(value: number | undefined, text: (value: number) => string): string {
  return value === undefined ? "–" : text(value);
}

function numberText(count: number): string {
  return count.toLocaleString("en");
}

function perSecond(rate: number): string {
  return `${rate.toFixed(1)}/s`;
}

function sizePerSecond(bytes: number): string {
  return `${sizeText(bytes)}/s`;
}
