/** Durations, sizes and times in few characters, for people. Units and digits are the same in every locale. */

const NS_PER_US = 1e3;
const NS_PER_MS = 1e6;
const NS_PER_S = 1e9;
const AGES: readonly (readonly [unit: string, ms: number])[] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

/** `850 ns`, `3.9 ms`, `1.23 s`, `2 min 5 s`, `1 h 3 min`; `-` for what is not known yet. */
export function durationText(ns: number | null | undefined): string {
  if (ns === null || ns === undefined || !Number.isFinite(ns) || ns < 0) return "-";
  if (ns < NS_PER_US) return `${Math.round(ns)} ns`;
  // 999.6 µs would round to 1000: the unit is chosen by what will be written.
  if (ns < 999.5 * NS_PER_US) return `${threeDigits(ns / NS_PER_US)} µs`;
  if (ns < 999.5 * NS_PER_MS) return `${threeDigits(ns / NS_PER_MS)} ms`;
  if (ns < 59.95 * NS_PER_S) return `${threeDigits(ns / NS_PER_S)} s`;
  const seconds = Math.round(ns / NS_PER_S);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `0 B`, `999 B`, `1.5 kB`, `12.3 MB`: in thousands, as the filter reads them. */
export function sizeText(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes) || bytes < 0) return "-";
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let amount = bytes / 1000;
  let unit = 0;
  for (; amount >= 999.5 && unit < units.length - 1; unit++) amount /= 1000;
  return `${threeDigits(amount)} ${units[unit] ?? ""}`;
}

/** `just now`, `5 seconds ago`, `1 hour ago`. */
export function ageText(ageMs: number): string {
  const [unit, unitMs] = AGES.find(([, ms]) => ageMs >= ms) ?? [];
  if (unit === undefined || unitMs === undefined) return "just now";
  const count = Math.floor(ageMs / unitMs);
  return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
}

/** `14:03:05.042` in the zone of the reader. */
export function timeOfDayText(time: Date): string {
  if (Number.isNaN(time.getTime())) return "-";
  const [hours, minutes, seconds] = [time.getHours(), time.getMinutes(), time.getSeconds()].map(twoDigits);
  return `${hours}:${minutes}:${seconds}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}

/** `2026-11-23 14:03:05.042 +01:00` in the zone of the reader. */
export function dateTimeText(time: Date): string {
  if (Number.isNaN(time.getTime())) return "-";
  const zone = -time.getTimezoneOffset();
  const sign = zone < 0 ? "-" : "+";
  const offset = `${sign}${twoDigits(Math.floor(Math.abs(zone) / 60))}:${twoDigits(Math.abs(zone) % 60)}`;
  const date = [String(time.getFullYear()).padStart(4, "0"), twoDigits(time.getMonth() + 1), twoDigits(time.getDate())];
  return `${date.join("-")} ${timeOfDayText(time)} ${offset}`;
}

/** `2026-11-23 14:03` in the zone of the reader. */
export function minuteText(time: Date): string {
  return dateTimeText(time).slice(0, "2026-11-23 14:03".length);
}

/** Three significant digits, trailing zeros left out: 1.23, 12.3, 123, 4. */
function threeDigits(amount: number): string {
  return String(Number(amount.toPrecision(3)));
}

function twoDigits(amount: number): string {
  return String(amount).padStart(2, "0");
}
