/** Octets that are nearly HTTP/1: messages with odd parts, and any octets with a few changes where the structure is. */
import * as fc from "fast-check";

/** What a smuggler wants to be read as a message. */
const HIDDEN = ["GET /hidden HTTP/1.1\r\nHost: b\r\n\r\n", "HTTP/1.1 200 Hidden\r\nContent-Length: 0\r\n\r\n"];

function mostly<T>(usual: readonly T[], odd: readonly T[], weight = 12): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: fc.constantFrom(...usual), weight }, { arbitrary: fc.constantFrom(...odd), weight: 1 });
}

const METHOD = mostly(["GET", "POST", "PUT", "HEAD", "OPTIONS"], ["CONNECT", "PURGE", "M-SEARCH", "get", "G T", ""]);
const TARGET = mostly(
  ["/", "/a?b=c", "/%0d%0a", "http://a/x", "/\xe9"],
  ["*", "", "a", "//b/", "/a b", "http://b/", "http://u@a/", "HTTP://A?x", "http://a", "/#", "a:80", "/\x7f", "/\0"],
);
const VERSION = mostly(
  ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0"],
  ["HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1.1 ", "HTTP/01.1", "HTTP/1.10", ""],
);
const HOST = mostly(["Host: a", "host:a", "Host: a:80"], ["", "Host: b", "Host:", "Host: a\r\nHost: a", "Host : a"]);
const PLAIN_FIELD = mostly(
  ["X: y", "x-y:\t z \t", "Accept: */*", "Expect: 100-continue", "Connection: close", "Connection: keep-alive"],
  [
    " X: y",
    "X : y",
    "X",
    ": y",
    "X: \0",
    "X: a\rb",
    "X: a\nb: c",
    "X:\x0by",
    "X: y\r\n z",
    "X: \xff\x8d\x85",
    "Connection: upgrade\r\nUpgrade: h2c",
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: websocket",
    "Connection: content-length, transfer-encoding",
    "Keep-Alive: timeout=1",
    "Content_Length: 5",
    "Transfer-Encoding\0: chunked",
  ],
);

const DATA = fc.oneof(
  fc.constantFrom("", "abc", "0\r\n\r\n", "\r\n", ...HIDDEN),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => String.fromCharCode(...bytes)),
);
const ODD_LENGTHS = [
  "Content-Length: +3",
  "Content-Length: -3",
  "Content-Length: 0x3",
  "Content-Length: 3, 3",
  "Content-Length: 3\r\nContent-Length: 5",
  "Content-Length: 3\r\nContent-Length: 3",
  "Content-Length: 3\r\nTransfer-Encoding: chunked",
  "Transfer-Encoding: chunked\r\nContent-Length: 3",
  "Content-Length:",
  "Content-Length: 3 ",
  "Content-Length: 3;",
  "Content-Length: 9007199254740993",
  "Content-Length: 18446744073709551619",
  "Content-Length : 3",
];
const ODD_CODINGS = [
  "Transfer-Encoding: xchunked",
  "Transfer-Encoding: chunked, identity",
  "Transfer-Encoding: identity, chunked",
  "Transfer-Encoding: chunked,",
  "Transfer-Encoding: ,chunked",
  "Transfer-Encoding: chunked, chunked",
  "Transfer-Encoding:\tchunked",
  "Transfer-Encoding: CHUNKED",
  'Transfer-Encoding: "chunked"',
  "Transfer-Encoding: chunked;a=b",
  "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
  "Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
  "Transfer-Encoding:\x0bchunked",
  "Transfer-Encoding:\r\n chunked",
  "Transfer-Encoding : chunked",
  "TE: chunked",
];

interface Framed {
  readonly field: string;
  readonly body: string;
}

const UNFRAMED: fc.Arbitrary<Framed> = DATA.map((body) => ({ field: "", body }));
const MEASURED: fc.Arbitrary<Framed> = fc
  .tuple(DATA, mostly([0], [1, -1, 7]), mostly([""], ODD_LENGTHS))
  .map(([body, lie, odd]) => ({ field: odd || `Content-Length: ${Math.max(0, body.length + lie)}`, body }));

const SIZE_TAIL = mostly(
  ["\r\n", "\r\n", ";x=y\r\n", ';x="y z"\r\n'],
  ["\n", "\r", "\r\r\n", " \r\n", ";\n", ";x\n", ";\rx\r\n", ";\0\r\n", `;${"x".repeat(30)}\r\n`, "x\r\n", ""],
);
const SIZE_HEAD = mostly(["", "0", "000"], ["0x", "+", "-", " ", "1", "\t", "_", "00000000000000000", "\r\n"]);
const CHUNK = fc
  .tuple(SIZE_HEAD, DATA, mostly([0], [1, -1]), SIZE_TAIL, mostly(["\r\n"], ["\n", "\r", "", "\r\n\r\n"]))
  .map(([before, data, lie, tail, end]) =>
    data === "" ? "" : `${before}${Math.max(0, data.length + lie).toString(16)}${tail}${data}${end}`,
  );
const LAST_CHUNK = mostly(
  ["0\r\n\r\n", "0\r\n\r\n", "000\r\n\r\n", "0;last\r\n\r\n", "0\r\nX: y\r\n\r\n"],
  [
    "",
    "0\n\n",
    "0\r\n",
    "0\r\n\n",
    "0\r\r\n\r\n",
    "0\r\nContent-Length: 5\r\n\r\n",
    "0\r\nX\r\n\r\n",
    "0\r\n X: y\r\n\r\n",
    "0\r\nX: y\n\r\n",
    "-0\r\n\r\n",
    "0x\r\n\r\n",
    "\r\n0\r\n\r\n",
  ],
);
const CHUNKED: fc.Arbitrary<Framed> = fc
  .tuple(fc.array(CHUNK, { maxLength: 3 }), LAST_CHUNK, mostly(["Transfer-Encoding: chunked"], ODD_CODINGS))
  .map(([chunks, last, field]) => ({ field, body: chunks.join("") + last }));

const LINE_END = mostly(["\r\n"], ["\n", "\r", "\r\r\n", " \r\n", "\0\r\n", "\r\n\r\n"], 60);

function message(startLine: fc.Arbitrary<string>, first: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const framed = fc.oneof(UNFRAMED, MEASURED, CHUNKED);
  const plain = fc.array(PLAIN_FIELD, { maxLength: 2 });
  return fc
    .tuple(startLine, first, plain, framed, plain, fc.infiniteStream(LINE_END))
    .map(([start, firstField, before, { field, body }, after, ends]) => {
      const lines = [start, ...[firstField, ...before, field, ...after].filter((line) => line !== "")];
      return `${[...lines, ""].map((line) => line + String(ends.next().value)).join("")}${body}`;
    });
}

const REQUEST = message(
  fc.tuple(METHOD, TARGET, VERSION).map((parts) => parts.join(" ")),
  HOST,
);
const STATUS_LINE = fc
  .tuple(
    mostly(["HTTP/1.1", "HTTP/1.1", "HTTP/1.0"], ["HTTP/1.2", "http/1.1", "ICY", "HTTP/1.1 "]),
    mostly(["200", "200", "404", "100", "103", "204", "304"], ["101", "099", "1000", "20", "+200", "2 0"], 20),
    mostly([" OK", "", " "], [" \xe9", "\tOK", " a\0", " a\rb", "-"]),
  )
  .map(([version, status, reason]) => `${version} ${status}${reason}`);
const RESPONSE = message(STATUS_LINE, fc.constant(""));

const STRUCTURE = /[\r\n:;, ]|HTTP|^/g;
const ODD_OCTETS = [
  "\r",
  "\n",
  "\r\n",
  " ",
  "\t",
  "\0",
  "\x0b",
  "\x7f",
  "\x85",
  "\xa0",
  ":",
  ";",
  ",",
  "0",
  "1",
  "+",
  "-",
  "_",
];

interface Change {
  readonly at: number;
  readonly isStructural: boolean;
  readonly drops: number;
  readonly puts: string;
}

const CHANGE: fc.Arbitrary<Change> = fc.record({
  at: fc.nat({ max: 100_000 }),
  isStructural: fc.boolean(),
  drops: mostly([0, 1], [2, 5]),
  puts: fc.oneof(
    fc.constantFrom("", ...ODD_OCTETS),
    fc.constantFrom(...HIDDEN, ...ODD_LENGTHS, ...ODD_CODINGS).map((line) => `\r\n${line}`),
    fc.nat({ max: 255 }).map((octet) => String.fromCharCode(octet)),
  ),
});

function changed(wire: string, changes: readonly Change[]): string {
  return changes.reduce((text, { at, isStructural, drops, puts }) => {
    const places = isStructural ? Array.from(text.matchAll(STRUCTURE), ({ index }) => index) : [];
    const place = places.length > 0 ? (places[at % places.length] ?? 0) : at % (text.length + 1);
    return text.slice(0, place) + puts + text.slice(place + drops);
  }, wire);
}

function changedNowAndThen(wire: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(wire, fc.array(CHANGE, { maxLength: 2 })).map(([text, changes]) => changed(text, changes));
}

/** Requests of one connection. */
export const NEAR_REQUESTS = changedNowAndThen(
  fc.array(REQUEST, { minLength: 1, maxLength: 3 }).map((messages) => messages.join("")),
);

export interface NearResponses {
  /** Of the requests that are answered. */
  readonly methods: readonly string[];
  readonly wire: string;
}

const METHODS = fc.array(fc.constantFrom("GET", "GET", "HEAD", "POST"), { minLength: 1, maxLength: 3 });

export const NEAR_RESPONSES: fc.Arbitrary<NearResponses> = fc.record({
  methods: METHODS,
  wire: changedNowAndThen(fc.array(RESPONSE, { minLength: 1, maxLength: 4 }).map((messages) => messages.join(""))),
});

/** One of these, with at least one change. */
export function changedOf(corpus: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...corpus), fc.array(CHANGE, { minLength: 1, maxLength: 3 }))
    .map(([wire, changes]) => changed(wire, changes));
}
