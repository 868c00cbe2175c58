/** What a person at a terminal sees of a running agent: a block of rows, label and value (reference.md section 4). */

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

/** The whole block, with a line break at its end. `program` is the name that the user called. */
export function statusBlock(status: AgentStatus, program: string): string {
  const { version, region, latencyMs, webUrl, forwardings } = status;
  const rows = [
    ["Session Status", sessionStatus(status)],
    ["Version", version],
    ...(region === "" ? [] : [["Region", region] as const]),
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
  return reason === undefined || state === "online" ? state : `${state} (${printable(reason)})`;
}

function row(label: string, value: string): string {
  return `${label.padEnd(LABEL_COLUMNS)}${printable(value)}`;
}

/** Texts of an edge must not steer the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}
