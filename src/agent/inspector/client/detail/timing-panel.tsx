import { dateTimeText, durationText } from "../../../../web-ui/text/amount-text.ts";
import type { ExchangeDetail } from "../data/exchange.ts";

interface Phase {
  readonly name: string;
  readonly style: string;
  readonly from: number;
  readonly to: number;
}

/** Where the time went: reading the request, waiting for the upstream, reading the answer. */
export function TimingPanel({ exchange }: { readonly exchange: ExchangeDetail }) {
  const { timing, start, duration } = exchange;
  const whole = Math.max(1, timing.end ?? duration, timing.first_byte ?? 0, timing.request_end ?? 0);
  const phases = phasesOf(exchange);
  return (
    <div class="timing">
      <p class="quiet">
        Begun {dateTimeText(new Date(start))}. Measured by the agent, from the first byte of the request.
      </p>
      <ul class="phases">
        {phases.map(({ name, style, from, to }) => (
          <li key={name} class="phase">
            <span class="phase-name">{name}</span>
            <svg class="phase-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
              <rect class="phase-track" width="100" height="10" />
              <rect
                class={style}
                x={(from / whole) * 100}
                width={Math.max(0.4, ((to - from) / whole) * 100)}
                height="10"
              />
            </svg>
            <span class="phase-time">{durationText(to - from)}</span>
          </li>
        ))}
      </ul>
      <dl class="facts">
        <Moment name="Request read" at={timing.request_end} />
        <Moment name="First byte of the response" at={timing.first_byte} />
        <Moment name="End" at={timing.end} />
      </dl>
    </div>
  );
}

function Moment({ name, at }: { readonly name: string; readonly at: number | null }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{at === null ? "not yet" : `after ${durationText(at)}`}</dd>
    </div>
  );
}

/** A response may begin before the request ends; then nobody waited. */
function phasesOf({ timing }: ExchangeDetail): readonly Phase[] {
  const { request_end: requestEnd, first_byte: firstByte, end } = timing;
  const phases: Phase[] = [];
  if (requestEnd !== null) phases.push({ name: "Request", style: "phase-request", from: 0, to: requestEnd });
  if (firstByte !== null) {
    const from = Math.min(requestEnd ?? firstByte, firstByte);
    phases.push({ name: "Waiting", style: "phase-waiting", from, to: firstByte });
    if (end !== null)
      phases.push({ name: "Response", style: "phase-response", from: firstByte, to: Math.max(firstByte, end) });
  }
  return phases;
}
