const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** The point in time that a text in RFC 3339 or a Date stands for; `undefined` for everything else. */
export function instantOf(value: unknown): Date | undefined {
  const time = typeof value === "string" && RFC_3339.test(value) ? new Date(value) : value;
  return time instanceof Date && Number.isFinite(time.getTime()) ? time : undefined;
}
