/** Addresses of records, as answers name them (reference.md 8.2). */
export class Links {
  readonly baseUrl: string;

  constructor(baseUrl: string) {
    this.baseUrl = baseUrl;
  }

  uri(path: string, id: string): string {
    return `${this.baseUrl}/${path}/${id}`;
  }

  ref(path: string, id: string): { readonly id: string; readonly uri: string } {
    return { id, uri: this.uri(path, id) };
  }
}

/** RFC 3339 in UTC, whole seconds. */
export function timeText(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}
