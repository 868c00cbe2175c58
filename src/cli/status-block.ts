/** What a person at a terminal sees of a running agent: a block of rows, label and value (reference.md section 4). */
import { printableText } from "../agent/console/printable-text.ts";
import { regionName } from "../agent/console/region-name.ts";

export interface AgentStatus {
  readonly state: "connecting" | "online" | "reconnecting" | "offline";
  /** Why it is not online. */
  readonly reason: string | undefined;
  readonly version: string;
  readonly region: string;
  /** Undefined until it was measured. */
  readonly latencyMs: number | undefined;
  /** Of the agent's own web pages; undefined while they are not served. */
  readonly webUrl: string | undefined;
  readonly forwardings: readonly { readonly url: string; readonly address: string }[];
}

const LABEL_COLUMNS = 30;
/** Longer values are cut: nobody reads that much of an edge. */
const VALUE_LIMIT = 1_000;

/** The whole block, with a line break at its end. `program` is the name that the user called. */
export function statusBlock(status: AgentStatus, program: string): string {
  const { version, region, latencyMs, webUrl, forwardings } = status;
  const rows = [
    ["Session Status", sessionStatus(status)],
    ["Version", version],
    ...(region === "" ? [] : [["Region", regionName(region)] as const]),
    ["Latency", latencyMs === undefined ? "-" : `${Math.round(latencyMs)}ms`],
    ...(webUrl === undefined ? [] : [["Web Interface", webUrl] as const]),
    ...forwardings
      .toSorted((a, b) => (a.url < b.url ? -1 : 1))
      .map(({ url, address }) => ["Forwarding", `${url} -> ${address}`] as const),
  ] as const;
  const lines = rows.map(([label, value]) => row(label, value));
  return `\n${row(program, "(Ctrl+C to quit)")}\n\n${lines.join("\n")}\n\n`;
}

/** The one row that changes while nothing else does. */
export function sessionStatusLine(status: AgentStatus): string {
  return `${row("Session Status", sessionStatus(status))}\n`;
}

function sessionStatus({ state, reason }: AgentStatus): string {
  return reason === undefined || state === "online" ? state : `${state} (${reason})`;
}

/** Texts of an edge must not steer the terminal. */
function row(label: string, value: string): string {
  return `${label.padEnd(LABEL_COLUMNS)}${printableText(value, VALUE_LIMIT)}`;
}
