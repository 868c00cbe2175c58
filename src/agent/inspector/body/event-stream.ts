/** One server-sent event. */
export interface StreamEvent {
  /** Undefined where the sender named none: browsers call it "message". */
  readonly name: string | undefined;
  /** Of this event, not of one before it. */
  readonly id: string | undefined;
  readonly data: string;
}

export interface StreamEvents {
  readonly events: readonly StreamEvent[];
  /** Further ones, beyond the limit. */
  readonly omitted: number;
}

/** A body of a few MiB can have hundreds of thousands. */
const EVENT_LIMIT = 20_000;

/**
 * The events of a text of the type text/event-stream, as browsers read it (HTML standard, section 9.2.6): one that no empty
 * line ends is none. A byte order mark must be gone.
 */
export function readEvents(text: string): StreamEvents {
  const events: StreamEvent[] = [];
  let omitted = 0;
  let data: string[] = [];
  let name: string | undefined;
  let id: string | undefined;
  for (const line of linesOf(text)) {
    if (line === "") {
      if (data.length > 0 && events.length === EVENT_LIMIT) omitted += 1;
      else if (data.length > 0) events.push({ name, id, data: data.join("\n") });
      data = [];
      name = undefined;
      id = undefined;
      continue;
    }
    const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "data") data.push(value);
    else if (field === "event") name = value === "" ? undefined : value;
    else if (field === "id") id = value;
  }
  return { events, omitted };
}

/** Those that are ended. Lines end as the sender likes. */
function* linesOf(text: string): Generator<string> {
  const ends = /\r\n|\n|\r/g;
  let start = 0;
  for (let end = ends.exec(text); end !== null; end = ends.exec(text)) {
    yield text.slice(start, end.index);
    start = ends.lastIndex;
  }
}
