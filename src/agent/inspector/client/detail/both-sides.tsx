import type { Child } from "hono/jsx/dom";
import type { ExchangeDetail, Side } from "../data/exchange.ts";
import { outcomeText } from "../list/status-mark.tsx";

export interface BothSidesProps {
  readonly exchange: ExchangeDetail;
  readonly show: (side: Side) => Child;
}

/** Request and response, beside each other where there is room. */
export function BothSides({ exchange, show }: BothSidesProps) {
  const { response, outcome } = exchange;
  return (
    <div class="both-sides">
      <section class="side" aria-labelledby="side-request">
        <h3 id="side-request">Request</h3>
        {show("request")}
      </section>
      <section class="side" aria-labelledby="side-response">
        <h3 id="side-response">Response</h3>
        {response === null ? <p class="quiet">None: {outcomeText(outcome)}.</p> : show("response")}
      </section>
    </div>
  );
}
