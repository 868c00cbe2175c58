/** Points in time as log lines spell them, on the reader's wall clock. */

interface Moment {
  readonly date: Date;
  readonly utcOffsetMinutes: number;
}

/** `2023-09-14T08:33:25-0500`: seconds, and the offset without a colon (reference.md 6.1). */
export function secondsWithOffset(moment: Moment): string {
  return `${shifted(moment).slice(0, 19)}${offset(moment.utcOffsetMinutes, "")}`;
}

/** RFC 3339 with milliseconds: `2023-09-14T08:33:25.042-05:00`, `Z` at offset zero. */
export function rfc3339(moment: Moment): string {
  const zone = moment.utcOffsetMinutes === 0 ? "Z" : offset(moment.utcOffsetMinutes, ":");
  return `${shifted(moment).slice(0, 23)}${zone}`;
}

/** `09-14|08:33:25`, for a terminal. */
export function shortMoment(moment: Moment): string {
  return shifted(moment).slice(5, 19).replace("T", "|");
}

function shifted({ date, utcOffsetMinutes }: Moment): string {
  return new Date(date.getTime() + utcOffsetMinutes * 60_000).toISOString();
}

function offset(minutes: number, separator: string): string {
  const size = Math.abs(minutes);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}${separator}${two(size % 60)}`;
}
