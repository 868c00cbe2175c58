/** The newest requests with what became of them, as a table (reference.md section 4). */
import { printableText } from "./printable-text.ts";
import type { ScreenLine, Span, Tone } from "./screen-line.ts";
import type { ShownExchange } from "./screen-status.ts";
import { fitted, padded, widthOf } from "./text-width.ts";

/** Narrower terminals show no time, and those below the second number no words beside the status code. */
const COLUMNS_WITH_TIME = 60;
const COLUMNS_WITH_PHRASE = 44;
/** Short paths are followed by the status at this place, so that it does not jump with every request. */
const USUAL_REQUEST_COLUMNS = 28;
/** What the status may take. */
const STATUS_SHARE = 0.4;
const GAP = "  ";
/** Of one character (RFC 3629). */
const MAX_UTF8_OCTETS = 4;

const NO_STATUS: Readonly<Record<ShownExchange["outcome"], string>> = {
  open: "",
  complete: "",
  visitorCut: "cut by the visitor",
  upstreamCut: "cut by the upstream",
  unreachable: "upstream unreachable",
  unreadable: "not readable",
};

/** One line for each, none wider than `columns`. */
export function exchangeLines(exchanges: readonly ShownExchange[], columns: number): readonly ScreenLine[] {
  const rows = exchanges.map((exchange) => ({
    time: columns < COLUMNS_WITH_TIME ? "" : `${timeText(exchange.startedAt)} `,
    request: requestText(exchange, columns),
    status: statusText(exchange, columns),
    tone: toneOf(exchange),
  }));
  const statusColumns = Math.min(Math.floor(columns * STATUS_SHARE), widest(rows.map(({ status }) => status)));
  const gap = statusColumns > 0 ? GAP : "";
  const room = Math.max(0, columns - (rows[0]?.time.length ?? 0) - gap.length - statusColumns);
  const requestColumns = Math.min(room, Math.max(USUAL_REQUEST_COLUMNS, widest(rows.map(({ request }) => request))));
  return rows.map(({ time, request, status, tone }) => {
    const line: readonly Span[] = [
      { text: time, tone: "faint" },
      { text: `${padded(request, requestColumns)}${gap}`, tone: "plain" },
      { text: fitted(status, statusColumns), tone },
    ];
    return line.filter(({ text }) => text !== "");
  });
}

/** `09:43:38.708 GMT` */
function timeText(time: Date): string {
  return `${time.toISOString().slice(11, 23)} GMT`;
}

/** Without the query, where secrets stand. */
function requestText({ request: { method, target } }: ShownExchange, columns: number): string {
  return octetText(`${method} ${target.split("?", 1)[0] ?? ""}`, columns);
}

function statusText({ outcome, response }: ShownExchange, columns: number): string {
  if (response === undefined || response.statusCode === 0) return NO_STATUS[outcome];
  const status = columns < COLUMNS_WITH_PHRASE ? String(response.statusCode) : response.status;
  const isCut = outcome === "visitorCut" || outcome === "upstreamCut";
  return octetText(isCut ? `${status} (cut)` : status, columns);
}

/** Captures have a character for each octet. What senders mean is UTF-8; what is none stands there octet by octet. */
function octetText(latin1: string, columns: number): string {
  const start = latin1.slice(0, (columns + 1) * MAX_UTF8_OCTETS);
  return printableText(utf8Text(start, start.length < latin1.length) ?? start, columns + 1);
}

/** Undefined for what is no UTF-8. Of a text that goes on the last character may be cut. */
function utf8Text(latin1: string, goesOn: boolean): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(latin1, "latin1"), { stream: goesOn });
  } catch {
    return undefined;
  }
}

function toneOf({ outcome, response }: ShownExchange): Tone {
  const code = response?.statusCode ?? 0;
  if (code >= 500) return "bad";
  if (code >= 400 || code === 0 || (outcome !== "open" && outcome !== "complete")) return "warning";
  return code >= 300 ? "notice" : "good";
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(widthOf));
}
