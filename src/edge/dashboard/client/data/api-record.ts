/** One record as the management API answers it. */
export interface ApiRecord {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** What stands at a path such as `certificate.id`; `undefined` when there is nothing. */
export function fieldAt(record: ApiRecord, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (value, name) =>
        typeof value === "object" && value !== null
          ? Object.entries(value).find(([key]) => key === name)?.[1]
          : undefined,
      record,
    );
}

/** As text; empty for what is not there, and for what is no text. */
export function textAt(record: ApiRecord, path: string): string {
  const value = fieldAt(record, path);
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** The texts of a list; of other records their ids. */
export function listAt(record: ApiRecord, path: string): readonly string[] {
  const value = fieldAt(record, path);
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown) => {
    if (typeof one === "string") return [one];
    return typeof one === "object" && one !== null && "id" in one && typeof one.id === "string" ? [one.id] : [];
  });
}

/** The edge and this page come from the same program, but lists are taken only as far as they hold records. */
export function recordsIn(answer: unknown, listKey: string): readonly ApiRecord[] {
  if (typeof answer !== "object" || answer === null) return [];
  const list: unknown = Object.entries(answer).find(([key]) => key === listKey)?.[1];
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

export function isRecord(value: unknown): value is ApiRecord {
  return typeof value === "object" && value !== null && "id" in value && typeof value.id === "string";
}
