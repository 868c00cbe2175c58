import { parseByteSize } from "../../../base/byte-size.ts";
import { parseDurationMs } from "../../../base/duration.ts";
import { headerValues, isEventStream, type FilterSubject, type FilterTest } from "./filter-subject.ts";
import { textPattern } from "./text-pattern.ts";

/** The operators as they are read; `≥` and `≤` are other spellings. */
export type FilterOperator = ":" | "=" | "!=" | ">" | ">=" | "<" | "<=";

/** One field of the filter language. `!=` is not listed: it is the negation of `=`. */
export interface FilterField {
  readonly operators: readonly FilterOperator[];
  /** A right use, for messages. */
  readonly example: string;
  /** Whether summaries do not hold what it looks at. */
  readonly wantsHeaders?: true;
  /** `undefined` when the value is none for this field. */
  readonly compile: (operator: FilterOperator, value: string) => FilterTest | undefined;
}

const MATCHES = [":", "="] as const;
const COMPARISONS = [">", ">=", "<", "<="] as const;
const NS_PER_MS = 1e6;
const HIGHEST_STATUS = 999;

/** The fields by name, in the order in which help lists them. */
export const FILTER_FIELDS: ReadonlyMap<string, FilterField> = new Map<string, FilterField>([
  ["method", { operators: MATCHES, example: "method:POST,PUT", compile: (_, value) => methodTest(value) }],
  [
    "status",
    { operators: [...MATCHES, ...COMPARISONS], example: "status:404,5xx or status>=400", compile: statusTest },
  ],
  ["path", textField("path:/api", (subject) => [subject.request.uri])],
  ["header", headerField("header:x-id=value", (subject) => [subject.request, subject.response])],
  ["request-header", headerField("request-header:x-id=value", (subject) => [subject.request])],
  ["response-header", headerField("response-header:x-id=value", (subject) => [subject.response])],
  ["duration", amountField("duration>100ms", durationNs, (subject) => subject.duration)],
  ["size", amountField("size>1kB", parseByteSize, (subject) => subject.response?.bytes)],
  ["request-size", amountField("request-size>1kB", parseByteSize, (subject) => subject.request.bytes)],
  ["tunnel", textField("tunnel:web", (subject) => [subject.tunnel_name])],
  ["ip", textField("ip:10.0.0.", (subject) => [subject.remote_addr])],
  ["type", textField("type:json", contentTypes)],
  [
    "is",
    {
      operators: [":"],
      example: "is:open, replay, websocket, events or failed",
      compile: (_, value) => stateTest(value),
    },
  ],
  ["text", textField('text:"two words"', shownWords)],
]);

function textField(example: string, words: (subject: FilterSubject) => readonly string[]): FilterField {
  return {
    operators: MATCHES,
    example,
    compile: (operator, value) => {
      const fits = textPattern(value, operator === "=");
      return (subject) => words(subject).some(fits);
    },
  };
}

function amountField(
  example: string,
  parse: (text: string) => number | undefined,
  amount: (subject: FilterSubject) => number | undefined,
): FilterField {
  return {
    operators: COMPARISONS,
    example,
    compile: (operator, value) => {
      const limit = parse(value);
      if (limit === undefined) return undefined;
      return (subject) => compares(amount(subject), operator, limit);
    },
  };
}

function headerField(
  example: string,
  messages: (subject: FilterSubject) => readonly (FilterSubject["request"] | FilterSubject["response"])[],
): FilterField {
  return {
    operators: [":"],
    example,
    wantsHeaders: true,
    compile: (_, value) => {
      const [, name, sign, wanted = ""] = /^([^:=]+)(?:([:=])(.*))?$/s.exec(value) ?? [];
      if (name === undefined) return undefined;
      const fits = sign === undefined ? () => true : textPattern(wanted, sign === "=");
      return (subject) => anyHeader(messages(subject), name, fits);
    },
  };
}

function anyHeader(
  messages: readonly (FilterSubject["request"] | FilterSubject["response"])[],
  name: string,
  fits: (value: string) => boolean,
): boolean | undefined {
  const lists = messages.map((message) => headerValues(message, name));
  if (lists.some((values) => values?.some(fits))) return true;
  return lists.includes(undefined) ? undefined : false;
}

function methodTest(value: string): FilterTest {
  const methods = new Set(value.toLowerCase().split(","));
  return (subject) => methods.has(subject.request.method.toLowerCase());
}

function statusTest(operator: FilterOperator, value: string): FilterTest | undefined {
  if (operator !== ":" && operator !== "=") {
    if (!/^\d{1,3}$/.test(value)) return undefined;
    const limit = Number(value);
    return (subject) => compares(subject.response?.status_code, operator, limit);
  }
  const tests = value.split(",").map(statusMemberTest);
  if (tests.includes(undefined)) return undefined;
  return (subject) => tests.some((test) => test?.(subject) === true);
}

/** `404`, `4xx`, `50x`, `200-299`, or `none` while there is no answer. */
function statusMemberTest(member: string): FilterTest | undefined {
  if (member.toLowerCase() === "none") return (subject) => subject.response === null;
  const digits = /^[1-9](?:\d\d|\dx|xx)$/i.test(member) ? member.toLowerCase() : undefined;
  const [, from = digits?.replaceAll("x", "0"), to = digits?.replaceAll("x", "9")] =
    /^(\d{3})-(\d{3})$/.exec(member) ?? [];
  if (from === undefined || to === undefined || Number(to) > HIGHEST_STATUS) return undefined;
  return ({ response }) =>
    response !== null && response.status_code >= Number(from) && response.status_code <= Number(to);
}

function stateTest(value: string): FilterTest | undefined {
  switch (value.toLowerCase()) {
    case "open":
      return (subject) => subject.outcome === "open";
    case "replay":
      return (subject) => subject.replay_of !== null;
    case "websocket":
      return (subject) => subject.stream?.kind === "websocket";
    case "events":
      return isEventStream;
    case "failed":
      return (subject) => subject.outcome !== "open" && subject.outcome !== "complete";
    default:
      return undefined;
  }
}

function compares(amount: number | undefined, operator: FilterOperator, limit: number): boolean {
  if (amount === undefined) return false;
  switch (operator) {
    case ">":
      return amount > limit;
    case ">=":
      return amount >= limit;
    case "<":
      return amount < limit;
    case "<=":
      return amount <= limit;
    case "!=":
      return amount !== limit;
    case ":":
    case "=":
      return amount === limit;
    default:
      return operator satisfies never;
  }
}

function durationNs(text: string): number | undefined {
  const durationMs = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : parseDurationMs(text);
  return durationMs === undefined || durationMs < 0 ? undefined : durationMs * NS_PER_MS;
}

function contentTypes({ request, response }: FilterSubject): readonly string[] {
  return [...(headerValues(response, "content-type") ?? []), ...(headerValues(request, "content-type") ?? [])];
}

function shownWords(subject: FilterSubject): readonly string[] {
  const { request, response } = subject;
  return [
    `${request.method} ${request.uri}`,
    response?.status ?? "",
    subject.tunnel_name,
    subject.remote_addr,
    ...contentTypes(subject),
  ];
}
