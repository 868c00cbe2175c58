/**
 * What is typed into the filter bar. Words are looked for anywhere; `field:value` asks one field; `-` in front turns a term
 * round; all terms have to hold. Values with spaces stand in double quotes.
 */
import type { ExchangeSummary, Field } from "../data/exchange.ts";
import { durationRange, type NumberRange, sizeRange, statusRange } from "./number-range.ts";

/** Of both sides of an exchange; undefined while they are not known. */
export type HeadersOf = (id: string) => readonly Field[] | undefined;

export interface ExchangeFilter {
  readonly matches: (exchange: ExchangeSummary, headersOf: HeadersOf) => boolean;
  readonly needsHeaders: boolean;
  /** What cannot be understood, in words; such terms hold for everything. */
  readonly problems: readonly string[];
  readonly isEmpty: boolean;
}

export interface FilterField {
  readonly name: string;
  readonly example: string;
  readonly meaning: string;
}

/** In the order in which they are offered. */
export const FILTER_FIELDS: readonly FilterField[] = [
  { name: "method", example: "method:POST,PUT", meaning: "one of these methods" },
  { name: "status", example: "status:4xx", meaning: "code, class, range or comparison: 404, 5xx, 200-299, >=400" },
  { name: "path", example: "path:/hooks/*", meaning: "part of the path and query; with * the whole path" },
  { name: "header", example: "header:user-agent=curl", meaning: "a header of either side, and part of its value" },
  { name: "duration", example: "duration:>500ms", meaning: "us, ms, s or m: <20ms, 1s-5s" },
  { name: "size", example: "size:>10kB", meaning: "of the response: B, kB, MB" },
  { name: "tunnel", example: "tunnel:web", meaning: "part of the tunnel's name" },
  { name: "is", example: "is:failed", meaning: "open, failed, replay, websocket, events or cut" },
];

type Test = (exchange: ExchangeSummary, headersOf: HeadersOf) => boolean;

/** Never throws. */
export function parseFilter(text: string): ExchangeFilter {
  const tests: Test[] = [];
  const problems: string[] = [];
  let needsHeaders = false;
  for (const token of tokensOf(text)) {
    const isNegated = token.length > 1 && token.startsWith("-");
    const term = isNegated ? token.slice(1) : token;
    const [, field = "", value = ""] = /^([a-z]+):(.*)$/is.exec(term) ?? [];
    const makeTest = TESTS.get(field.toLowerCase());
    if (makeTest !== undefined && value === "") continue; // somebody is still typing
    const test = makeTest === undefined ? textTest(term) : makeTest(value);
    if (test === undefined) {
      problems.push(`"${value}" says no ${field.toLowerCase()}`);
      continue;
    }
    needsHeaders ||= field.toLowerCase() === "header";
    tests.push(isNegated ? (exchange, headersOf) => !test(exchange, headersOf) : test);
  }
  return {
    matches: (exchange, headersOf) => tests.every((test) => test(exchange, headersOf)),
    needsHeaders,
    problems,
    isEmpty: tests.length === 0,
  };
}

const TESTS: ReadonlyMap<string, (value: string) => Test | undefined> = new Map([
  ["method", methodTest],
  ["status", statusTest],
  ["path", pathTest],
  ["header", headerTest],
  ["duration", (value) => numberTest(durationRange(value), ({ duration }) => duration)],
  ["size", (value) => numberTest(sizeRange(value), ({ response }) => response?.bytes)],
  [
    "tunnel",
    (value) =>
      ({ tunnel_name }) =>
        contains(tunnel_name, value),
  ],
  ["is", stateTest],
]);

function textTest(text: string): Test {
  return ({ request, response, tunnel_name, remote_addr }) =>
    contains(request.uri, text) ||
    contains(request.method, text) ||
    contains(response?.status ?? "", text) ||
    contains(request.content_type ?? "", text) ||
    contains(response?.content_type ?? "", text) ||
    contains(tunnel_name, text) ||
    contains(remote_addr, text);
}

function methodTest(value: string): Test {
  const methods = new Set(value.toUpperCase().split(","));
  return ({ request }) => methods.has(request.method.toUpperCase());
}

function statusTest(value: string): Test | undefined {
  if (value.toLowerCase() === "none") return ({ response }) => response === null;
  return numberTest(statusRange(value), ({ response }) => response?.status_code);
}

function pathTest(value: string): Test {
  if (!value.includes("*")) return ({ request }) => contains(request.uri, value);
  const pattern = value
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  const whole = new RegExp(`^${pattern}$`, "is");
  return ({ request }) => whole.test(request.uri);
}

function headerTest(value: string): Test {
  const equals = value.indexOf("=");
  const name = (equals < 0 ? value : value.slice(0, equals)).toLowerCase();
  const part = equals < 0 ? "" : value.slice(equals + 1);
  return ({ id }, headersOf) =>
    headersOf(id)?.some((field) => field[0].toLowerCase() === name && contains(field[1], part)) ?? false;
}

function numberTest(
  range: NumberRange | undefined,
  numberOf: (exchange: ExchangeSummary) => number | undefined,
): Test | undefined {
  if (range === undefined) return undefined;
  return (exchange) => {
    const number = numberOf(exchange);
    return number !== undefined && range(number);
  };
}

function stateTest(value: string): Test | undefined {
  switch (value.toLowerCase()) {
    case "open":
      return ({ outcome }) => outcome === "open";
    case "failed":
      return ({ outcome, response }) =>
        (outcome !== "open" && outcome !== "complete") || (response !== null && response.status_code >= 500);
    case "cut":
      return ({ outcome }) => outcome === "visitorCut" || outcome === "upstreamCut";
    case "replay":
      return ({ replay_of }) => replay_of !== null;
    case "websocket":
      return ({ stream }) => stream?.kind === "websocket";
    case "events":
      return ({ stream }) => stream?.kind === "events";
    default:
      return undefined;
  }
}

/** Without regard to case; `*` stands for itself. */
function contains(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

/** Cuts at spaces, but for those in double quotes; the quotes go. */
function tokensOf(text: string): readonly string[] {
  const tokens = text.match(/(?:[^\s"]+|"[^"]*"?)+/g) ?? [];
  return tokens.map((token) => token.replaceAll('"', "")).filter((token) => token !== "");
}
