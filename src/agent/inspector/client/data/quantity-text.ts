/** How durations, sizes and times are written. Every text has few digits, so that columns stay calm. */

const DURATION_STEPS = [
  { unit: "s", ns: 1e9 },
  { unit: "ms", ns: 1e6 },
  { unit: "µs", ns: 1e3 },
] as const;

/** "12.3 ms" of nanoseconds; minutes from 100 seconds on. */
export function durationText(ns: number): string {
  if (ns >= 100e9) return `${Math.floor(ns / 60e9)} min ${Math.floor((ns % 60e9) / 1e9)} s`;
  const step = DURATION_STEPS.find((one) => ns >= one.ns);
  return step === undefined ? `${Math.round(ns)} ns` : `${threeDigits(ns / step.ns)} ${step.unit}`;
}

const SIZE_STEPS = [
  { unit: "GB", bytes: 1e9 },
  { unit: "MB", bytes: 1e6 },
  { unit: "kB", bytes: 1e3 },
] as const;

/** "1.24 kB", in steps of 1000. */
export function sizeText(bytes: number): string {
  const step = SIZE_STEPS.find((one) => bytes >= one.bytes);
  return step === undefined ? `${bytes} B` : `${threeDigits(bytes / step.bytes)} ${step.unit}`;
}

/** "14:03:09.120" in the zone of whoever looks. */
export function timeText(rfc3339: string): string {
  const time = new Date(rfc3339);
  if (Number.isNaN(time.getTime())) return rfc3339;
  const [hours, minutes, seconds] = [time.getHours(), time.getMinutes(), time.getSeconds()].map(twoDigits);
  return `${hours}:${minutes}:${seconds}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}

/** "5 seconds ago". */
export function ageText(rfc3339: string, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - Date.parse(rfc3339)) / 1000));
  if (seconds < 2) return "just now";
  if (seconds < 60) return `${seconds} seconds ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes === 1 ? "1 minute ago" : `${minutes} minutes ago`;
  const hours = Math.floor(minutes / 60);
  return hours === 1 ? "1 hour ago" : `${hours} hours ago`;
}

/** "1 request", "2 requests". */
export function countText(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? noun : `${noun}s`}`;
}

function threeDigits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
