/**
 * The full-screen view of a running agent (reference.md section 4). This folder turns what is known about an agent into lines,
 * and keeps a terminal in line with them. Up to the lines everything is pure; `console-screen.ts` drives, and only
 * `process-terminal.ts` with the two files it uses knows a real terminal.
 */
import { exchangeLines } from "./exchange-lines.ts";
import { printableText } from "./printable-text.ts";
import { plainLine, type ScreenLine } from "./screen-line.ts";
import type { ScreenStatus } from "./screen-status.ts";
import { connectionRows, FORWARDING_RANK, forwardingRows, sessionRows, type StatusRow } from "./status-rows.ts";
import { fitted, padded, widthOf, wrapped } from "./text-width.ts";

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

const QUIT_HINT = "(Ctrl+C to quit)";
const LABEL_COLUMNS = 30;
/** Terminals that cannot hold a usual URL beside the wide labels get narrow ones, and below the second number no columns at all. */
const COLUMNS_FOR_WIDE_LABELS = 80;
const NARROW_LABEL_COLUMNS = 16;
const COLUMNS_FOR_LABELS = 40;
/** Of an announcement. */
const MESSAGE_LINES = 3;
/** All announcements together get one line in so many, the newest of them. */
const MESSAGES_SHARE = 4;
/** More of a text is never looked at: an escape or a mark takes several units for a column or none. */
const UNITS_PER_COLUMN = 4;
/** How many requests outlive the rows that hardly ever change. */
const DEAREST_EXCHANGES = 3;

/** What goes first when there is too little room: the highest numbers. Those of labelled rows stand in `status-rows.ts`. */
const RANKS = { title: 2, message: 2, dearExchange: 5, blank: 9, exchange: 10 } as const;

interface RankedLine {
  readonly line: ScreenLine;
  readonly rank: number;
}

/** At most `rows` lines, none wider than `columns`, all of printable text. */
export function screenLines(status: ScreenStatus, { columns, rows }: ScreenSize): readonly ScreenLine[] {
  const blank: RankedLine = { line: [], rank: RANKS.blank };
  // Many tunnels must leave room for the rest.
  const forwardings = forwardingRows(status.forwardings, Math.max(1, Math.floor(rows / 2)));
  const labelled = [...sessionRows(status), ...forwardings].flatMap((row) => rowLines(row, columns));
  const labelColumns = labelColumnsFor(columns);
  const connections = connectionRows(status, { columns: columns - labelColumns, isLabelled: labelColumns > 0 });
  const messages = status.messages
    .slice(-rows)
    .flatMap((message) => messageLines(message, columns))
    .slice(-Math.ceil(rows / MESSAGES_SHARE));
  return withinRows(
    [
      { line: titleLine(status.program, columns), rank: RANKS.title },
      blank,
      ...messages,
      ...(messages.length > 0 ? [blank] : []),
      ...labelled,
      blank,
      ...connections.flatMap((row) => rowLines(row, columns)),
      ...exchangeTable(status, columns, rows),
    ],
    rows,
  );
}

function titleLine(program: string, columns: number): ScreenLine {
  const title = printableText(program, columns * UNITS_PER_COLUMN);
  const gap = columns - widthOf(title) - QUIT_HINT.length;
  if (gap < 1) return [{ text: fitted(title, columns), tone: "title" }];
  return [
    { text: title, tone: "title" },
    { text: `${" ".repeat(gap)}${QUIT_HINT}`, tone: "faint" },
  ];
}

function messageLines(message: string, columns: number): readonly RankedLine[] {
  const text = printableText(message, columns * MESSAGE_LINES * UNITS_PER_COLUMN);
  return wrapped(text, columns, MESSAGE_LINES).map((line) => ({
    line: [{ text: line, tone: "notice" }],
    rank: RANKS.message,
  }));
}

function rowLines({ label, value, tone, rank, lineLimit }: StatusRow, columns: number): readonly RankedLine[] {
  const labelColumns = labelColumnsFor(columns);
  const text = printableText(value, columns * lineLimit * UNITS_PER_COLUMN);
  if (labelColumns === 0) {
    const lines = wrapped(`${label} ${text}`.trimStart(), columns, lineLimit + 1);
    return lines.map((line) => ({ line: plainLine(line), rank }));
  }
  return wrapped(text, columns - labelColumns, lineLimit).map((part, index) => ({
    line: [
      { text: padded(index === 0 ? label : "", labelColumns), tone: "plain" },
      { text: part, tone },
    ],
    rank,
  }));
}

function labelColumnsFor(columns: number): number {
  if (columns >= COLUMNS_FOR_WIDE_LABELS) return LABEL_COLUMNS;
  return columns >= COLUMNS_FOR_LABELS ? NARROW_LABEL_COLUMNS : 0;
}

function exchangeTable({ exchanges }: ScreenStatus, columns: number, rows: number): readonly RankedLine[] {
  if (exchanges === undefined) return [];
  const heading = "HTTP Requests";
  const lines = exchangeLines(exchanges.slice(0, rows), columns);
  return [
    { line: [], rank: RANKS.blank },
    { line: plainLine(fitted(heading, columns)), rank: RANKS.dearExchange },
    { line: plainLine("-".repeat(Math.min(heading.length, columns))), rank: RANKS.blank },
    { line: [], rank: RANKS.blank },
    ...lines.map((line, index) => ({
      line,
      rank: index < DEAREST_EXCHANGES ? RANKS.dearExchange : RANKS.exchange + index,
    })),
  ];
}

/** The lowest ranks that fit: all lines of a rank or none, so that no row stands half; but see {@link FORWARDING_RANK}. */
function withinRows(lines: readonly RankedLine[], rows: number): readonly ScreenLine[] {
  const ranks = [...new Set(lines.map(({ rank }) => rank))].sort((a, b) => a - b);
  const kept = new Set<number>();
  let left = rows;
  for (const rank of ranks) {
    const needed = lines.filter((line) => line.rank === rank).length;
    if (needed > left && rank > FORWARDING_RANK) continue;
    kept.add(rank);
    left = Math.max(0, left - needed);
  }
  return lines
    .filter(({ rank }) => kept.has(rank))
    .slice(0, rows)
    .map(({ line }) => line);
}
