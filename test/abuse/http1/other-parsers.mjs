/**
 * Two parsers of HTTP/1 that are not ours, in a process of Node: llhttp, as Node's own `http` drives it, and http-parser-js, written
 * to the same interface. Takes one JSON question a line on stdin and answers each with one on stdout. Ends with its stdin.
 *
 * `{requests: wire}` or `{responses: wire, methods}`, one character per octet, becomes `{llhttp: Reading, "http-parser-js": Reading}`,
 * see test/support/http1-reading.ts.
 */
import { createRequire } from "node:module";
import { METHODS } from "node:http";
import { createInterface } from "node:readline";
import { HTTPParser as ScriptParser } from "http-parser-js";

const { HTTPParser: NativeParser } = createRequire(import.meta.url)("_http_common");

const HEAD_LIMIT_BYTES = 2 ** 21;
const SKIP_BODY = 1;

// Otherwise it reads ASCII, in which a high octet is a low one.
ScriptParser.encoding = "latin1";
ScriptParser.maxHeaderSize = HEAD_LIMIT_BYTES;
// It goes back and reads the same octets for ever when a length is below zero, and stands still when it is no number.
for (const state of ["BODY_CHUNK", "BODY_SIZED"]) {
  const read = ScriptParser.prototype[state];
  ScriptParser.prototype[state] = function () {
    if (!(this.body_bytes > 0)) throw new Error(`a length of ${this.body_bytes}`);
    return read.call(this);
  };
}

const parsers = { llhttp: NativeParser, "http-parser-js": ScriptParser };
/** Numbers that stand for methods, which is how parsers name them. */
const methodNames = Object.fromEntries(
  Object.entries(parsers).map(([name, Parser]) => [
    name,
    new Map(METHODS.map((method) => [methodNumber(Parser, method), method])),
  ]),
);

function newParser(Parser, type) {
  const parser = new Parser(type);
  parser.initialize?.(type, {}, HEAD_LIMIT_BYTES, 0);
  return parser;
}

function methodNumber(Parser, method) {
  const parser = newParser(Parser, Parser.REQUEST);
  let number;
  onHead(Parser, parser, (head) => {
    number = head.method;
    return 0;
  });
  parser.execute(Buffer.from(`${method} ${method === "CONNECT" ? "a:1" : "/"} HTTP/1.1\r\nHost: a\r\n\r\n`));
  return number;
}

/** Both ways to be told of a head. */
function onHead(Parser, parser, take) {
  parser[Parser.kOnHeadersComplete | 0] = (first, _minor, headers, method, url, statusCode) =>
    take(typeof first === "object" ? first : { headers, method, url, statusCode });
}

function read(name, type, wire, methods) {
  const Parser = parsers[name];
  const parser = newParser(Parser, Parser[type]);
  const messages = [];
  const waiting = methods?.slice();
  let early = { lines: [], url: "" };
  let current;
  parser[Parser.kOnHeaders | 0] = (lines, url) => {
    // Fields that are many come in parts before the head is told of, with the target, and trailers behind it.
    if (current === undefined) early = { lines: early.lines.concat(lines), url: early.url + url };
    else current.trailers.push(...pairs(lines));
  };
  onHead(Parser, parser, ({ headers, method, url, statusCode }) => {
    const fields = pairs([...early.lines, ...(headers ?? [])]);
    const start = waiting === undefined ? `${methodNames[name].get(method)} ${url ?? early.url}` : String(statusCode);
    early = { lines: [], url: "" };
    current = { start, fields, body: "", trailers: [], isWhole: false };
    messages.push(current);
    if (waiting === undefined) return 0;
    const asked = statusCode < 200 ? undefined : waiting.shift();
    return asked === "HEAD" ? SKIP_BODY : 0;
  });
  parser[Parser.kOnBody | 0] = (bytes, start = 0, length = bytes.length) => {
    current.body += bytes.latin1Slice(start, start + length);
  };
  parser[Parser.kOnMessageComplete | 0] = () => {
    current.isWhole = true;
    current = undefined;
  };
  return { messages, fault: feed(parser, Buffer.from(wire, "latin1")) };
}

/** What it refuses the octets with, if it does. It may stop behind a message that offers an upgrade, and is sent on. */
function feed(parser, bytes) {
  for (let rest = bytes; rest.length > 0;) {
    const taken = parser.execute(rest);
    if (typeof taken !== "number") return taken.code ?? taken.message;
    if (taken <= 0) return "stuck";
    rest = rest.subarray(taken);
  }
  parser.finish();
  return undefined;
}

function pairs(lines) {
  const all = [];
  for (let i = 0; i < lines.length; i += 2) all.push([lines[i], lines[i + 1]]);
  return all;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { requests, responses, methods } = JSON.parse(line);
  const [type, wire] = requests === undefined ? ["RESPONSE", responses] : ["REQUEST", requests];
  const readings = Object.keys(parsers).map((name) => [name, read(name, type, wire, methods)]);
  process.stdout.write(`${JSON.stringify(Object.fromEntries(readings))}\n`);
}
