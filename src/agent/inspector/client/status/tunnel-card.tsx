import { useState } from "hono/jsx/dom";
import { durationText, sizeText } from "../../../../web-ui/text/amount-text.ts";
import { countText } from "../../../../web-ui/text/count-text.ts";
import type { Rates, TunnelState } from "../data/tunnel.ts";
import { isWeb, PublicUrl } from "../../../../web-ui/client/public-url.tsx";
import { copy } from "../../../../web-ui/client/copy.ts";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import { QrCode } from "./qr-code.tsx";

/** One tunnel: where visitors come in, where they are sent to, and how many. */
export function TunnelCard({ name, public_url: url, proto, config, metrics }: TunnelState) {
  const shownName = visibleText(name);
  const [isQrOpen, setQrOpen] = useState(false);
  const { bytes_in: received, bytes_out: sent } = metrics.conns;
  return (
    <article class="card tunnel" aria-label={`Tunnel ${shownName}`}>
      <header class="card-head">
        <h3>{shownName}</h3>
        <span class="flag">{proto}</span>
        {!config.inspect && <span class="flag">not captured</span>}
      </header>
      <p class="tunnel-way">
        <PublicUrl url={url} />
        <span class="tunnel-arrow" aria-label="leads to">
          →
        </span>
        <code>{visibleText(config.addr)}</code>
      </p>
      <div class="card-buttons">
        <button type="button" class="button" onClick={() => copy(url, "URL")}>
          Copy URL
        </button>
        {isWeb(url) && (
          <button
            type="button"
            class="button"
            aria-expanded={isQrOpen ? "true" : "false"}
            onClick={() => setQrOpen(!isQrOpen)}
          >
            QR code
          </button>
        )}
      </div>
      {isQrOpen && <QrCode text={url} />}
      <div class="scroll-x" role="region" aria-label={`Metrics of ${shownName}`} tabindex={0}>
        <table class="numbers">
          <thead>
            <tr>
              <th scope="col" />
              <th scope="col">total</th>
              <th scope="col">1 min</th>
              <th scope="col">5 min</th>
              <th scope="col">15 min</th>
              <th scope="col">p50</th>
              <th scope="col">p90</th>
              <th scope="col">p95</th>
              <th scope="col">p99</th>
            </tr>
          </thead>
          <tbody>
            <RatesRow title="Connections" rates={metrics.conns} />
            {isWeb(url) && <RatesRow title="HTTP requests" rates={metrics.http} />}
          </tbody>
        </table>
      </div>
      <p class="quiet">
        {countText(metrics.conns.gauge, "connection")} open
        {received !== undefined && sent !== undefined && `, ${sizeText(received)} received, ${sizeText(sent)} sent`}
      </p>
    </article>
  );
}

function RatesRow({ title, rates }: { readonly title: string; readonly rates: Rates }) {
  return (
    <tr>
      <th scope="row">{title}</th>
      <td>{rates.count.toLocaleString("en")}</td>
      <td>{perSecond(rates.rate1)}</td>
      <td>{perSecond(rates.rate5)}</td>
      <td>{perSecond(rates.rate15)}</td>
      {[rates.p50, rates.p90, rates.p95, rates.p99].map((percentile, index) => (
        <td key={index}>{rates.count === 0 ? "–" : durationText(percentile)}</td>
      ))}
    </tr>
  );
}

function perSecond(rate: number): string {
  return `${rate.toFixed(2)}/s`;
}
