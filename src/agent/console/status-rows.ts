/** The rows with a label and a value (reference.md section 4). A row without anything to say is left out. */
import { regionName } from "./region-name.ts";
import type { Tone } from "./screen-line.ts";
import type { Forwarding, ScreenStatus } from "./screen-status.ts";

export interface StatusRow {
  readonly label: string;
  readonly value: string;
  readonly tone: Tone;
  /** Whoever wants to see less leaves out the highest first. */
  readonly rank: number;
  /** The value may take this many lines. */
  readonly lineLimit: number;
}

const MINUTE_MS = 60_000;
const NANOSECONDS_PER_SECOND = 1e9;
const METERS = ["ttl", "opn", "rt1", "rt5", "p50", "p90"];
const METER_COLUMNS = 8;
const NARROW_METER_COLUMNS = 6;
const REASON_LINES = 3;
const URL_LINES = 3;
const OTHER_LINES = 1;

const STATE_TONES = { online: "good", connecting: "warning", reconnecting: "warning", offline: "bad" } as const;

/** Of the rows that are there once. */
const RANKS = { session: 0, web: 3, connections: 4, latency: 6, account: 7, version: 8 } as const;
/** Of Forwarding rows. They and the state are shown as far as there is room, everything else whole or not at all. */
export const FORWARDING_RANK = 1;

export function sessionRows(status: ScreenStatus): readonly StatusRow[] {
  const { session, expiresInMs, account, version, webUrl } = status;
  const told: readonly (readonly [label: string, value: string | undefined, rank: number, lineLimit?: number])[] = [
    ["Session Expires", expiresInMs === undefined ? undefined : remainingText(expiresInMs), RANKS.account],
    ["Account", accountText(account), RANKS.account],
    ["Version", version, RANKS.version],
    ["Region", regionName(session.region), RANKS.version],
    ["Latency", session.latencyMs === undefined ? "-" : `${Math.round(session.latencyMs)}ms`, RANKS.latency],
    ["Web Interface", webUrl, RANKS.web, URL_LINES],
  ];
  return [
    {
      label: "Session Status",
      value: sessionText(session),
      tone: STATE_TONES[session.state],
      rank: RANKS.session,
      lineLimit: REASON_LINES,
    },
    ...told
      .filter(([, value = ""]) => value !== "")
      .map(([label, value = "", rank, lineLimit = OTHER_LINES]) => ({
        label,
        value,
        tone: "plain" as const,
        rank,
        lineLimit,
      })),
  ];
}

/** Sorted by URL, so that http precedes https; of more than `limit` the last row says how many there are beside. */
export function forwardingRows(forwardings: readonly Forwarding[], limit: number): readonly StatusRow[] {
  const sorted = forwardings.toSorted((a, b) => (a.url < b.url ? -1 : 1));
  const shown = sorted.length > limit ? sorted.slice(0, Math.max(1, limit - 1)) : sorted;
  const values = shown.map(({ url, address }) => `${url} -> ${address}`);
  const left = sorted.length - shown.length;
  if (left > 0) values.push(`and ${left} more`);
  return values.map((value) => ({
    label: "Forwarding",
    value,
    tone: "plain",
    rank: FORWARDING_RANK,
    lineLimit: URL_LINES,
  }));
}

/** A heading and the values below it, as many as fit into these columns; durations in seconds. */
export function connectionRows(
  { connections }: ScreenStatus,
  { columns, isLabelled }: { readonly columns: number; readonly isLabelled: boolean },
): readonly StatusRow[] {
  const { count, gauge, rate1, rate5, p50, p90 } = connections;
  const durations = [p50, p90].map((nanoseconds) => nanoseconds / NANOSECONDS_PER_SECOND);
  const values = [String(count), String(gauge), ...[rate1, rate5, ...durations].map((value) => value.toFixed(2))];
  const cellColumns = columns < METERS.length * METER_COLUMNS ? NARROW_METER_COLUMNS : METER_COLUMNS;
  const fitting = Math.max(1, Math.floor(columns / cellColumns));
  return [
    { label: isLabelled ? "Connections" : "", cells: METERS, tone: "faint" as const },
    { label: "", cells: values, tone: "plain" as const },
  ].map(({ label, cells, tone }) => ({
    label,
    value: cells
      .slice(0, fitting)
      .map((cell) => `${cell} `.padEnd(cellColumns))
      .join("")
      .trimEnd(),
    tone,
    rank: RANKS.connections,
    lineLimit: OTHER_LINES,
  }));
}

function sessionText({ state, reason }: ScreenStatus["session"]): string {
  return reason === undefined || state === "online" ? state : `${state} (${reason})`;
}

function accountText({ name, plan }: ScreenStatus["account"]): string {
  return plan === "" ? name : `${name} (Plan: ${plan})`.trimStart();
}

function remainingText(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / MINUTE_MS));
  const hours = Math.floor(minutes / 60);
  const minutesText = counted(minutes % 60, "minute");
  return hours === 0 ? minutesText : `${counted(hours, "hour")}, ${minutesText}`;
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
