/** Lengths of time as people write them, in Go's spelling: `10s`, `1m30s`, `500ms`, `-1.5h`. */

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/** Milliseconds of a duration text; `undefined` when it is none. A number without a unit is one only when it is 0. */
export function parseDurationMs(text: string): number | undefined {
  const sign = text.startsWith("-") ? -1 : 1;
  const body = /^[+-]/.test(text) ? text.slice(1) : text;
  if (body === "0") return 0;
  let totalMs = 0;
  PART.lastIndex = 0;
  for (let at = 0; at < body.length; at = PART.lastIndex) {
    PART.lastIndex = at;
    const [, amount, unit] = PART.exec(body) ?? [];
    if (amount === undefined || unit === undefined) return undefined;
    totalMs += Number(amount) * (UNIT_MS[unit] ?? 0);
  }
  return body === "" ? undefined : sign * totalMs;
}

/** The spelling Go prints: `1m30s`, `1h0m0s`, `1.5s`, `87ms`, `0s`. Exact to the microsecond. */
export function formatDuration(durationMs: number): string {
  const microseconds = Math.round(Math.abs(durationMs) * 1000);
  const sign = durationMs < 0 && microseconds > 0 ? "-" : "";
  if (microseconds === 0) return "0s";
  if (microseconds < 1000) return `${sign}${microseconds}µs`;
  if (microseconds < 1_000_000) return `${sign}${microseconds / 1000}ms`;
  const hours = Math.floor(microseconds / 3_600_000_000);
  const minutes = Math.floor((microseconds % 3_600_000_000) / 60_000_000);
  const seconds = (microseconds % 60_000_000) / 1_000_000;
  const head = hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : "";
  return `${sign}${head}${seconds}s`;
}
