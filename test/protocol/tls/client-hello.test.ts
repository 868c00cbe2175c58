import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ProtocolError } from "../../../src/base/errors.ts";
import {
  CLIENT_HELLO_LIMIT_BYTES,
  type ClientHello,
  ClientHelloReader,
} from "../../../src/protocol/tls/client-hello.ts";
import recorded from "../../vectors/client-hellos.json";

const RUNS = process.env["DEEP"] === undefined ? 200 : 20_000;

/** What each recorded hello asks for, by its name in the vectors. */
const EXPECTED: Readonly<Record<string, ClientHello>> = {
  "openssl s_client with a name and two protocols": {
    serverName: "app.example.com",
    alpn: ["h2", "http/1.1"],
    supportsTls13: true,
  },
  "openssl s_client without a name": { alpn: [], supportsTls13: true },
  "openssl s_client TLS 1.2 only": { serverName: "old.example.com", alpn: [], supportsTls13: false },
  "openssl s_client in small records": { serverName: "small.example.com", alpn: [], supportsTls13: true },
  curl: { serverName: "curl.example.com", alpn: ["h2", "http/1.1"], supportsTls13: true },
  "node tls.connect": { serverName: "node.example.com", alpn: ["http/1.1"], supportsTls13: true },
  "bun fetch": { serverName: "localhost", alpn: ["http/1.1"], supportsTls13: true },
  "bun tls.connect to an address": { alpn: [], supportsTls13: true },
};

const RECORDED = recorded.map(({ name, hex }) => ({ name, bytes: Uint8Array.from(Buffer.from(hex, "hex")) }));
const NAMES = RECORDED.map(({ name }) => name);

function recordedHello(name: string): Uint8Array {
  const found = RECORDED.find((hello) => hello.name === name);
  if (found === undefined) throw new Error(`no vector ${name}`);
  return found.bytes;
}

/** Feeds the parts and answers the first result that is not "more", with the number of the part that gave it. */
function readParts(parts: readonly Uint8Array[]): { readonly result: "more" | ClientHello; readonly part: number } {
  const reader = new ClientHelloReader();
  for (const [part, bytes] of parts.entries()) {
    const result = reader.receive(bytes);
    if (result !== "more") return { result, part };
  }
  return { result: "more", part: parts.length };
}

const read = (bytes: Uint8Array): "more" | ClientHello => readParts([bytes]).result;

const u16 = (value: number): number[] => [value >> 8, value & 0xff];
const vector8 = (content: readonly number[]): number[] => [content.length, ...content];
const vector16 = (content: readonly number[]): number[] => [...u16(content.length), ...content];
const ascii = (text: string): number[] => [...Buffer.from(text, "latin1")];
const extension = (type: number, content: readonly number[]): number[] => [...u16(type), ...vector16(content)];
const serverNameExtension = (name: string): number[] => extension(0, vector16([0, ...vector16(ascii(name))]));

/** The body of a minimal hello; without `extensions` the block is absent. */
function body(extensions?: readonly number[]): number[] {
  return [
    3,
    3,
    ...Array(32).fill(7),
    0,
    ...vector16([0x13, 0x01]),
    ...vector8([0]),
    ...(extensions ? vector16(extensions) : []),
  ];
}

function message(content: readonly number[], type = 1): number[] {
  return [type, 0, ...u16(content.length), ...content];
}

function records(bytes: readonly number[], size = 16_384): Uint8Array {
  const out: number[] = [];
  for (let start = 0; start < bytes.length; start += size) {
    out.push(22, 3, 1, ...vector16(bytes.slice(start, start + size)));
  }
  return Uint8Array.from(out);
}

const hello = (extensions?: readonly number[]): Uint8Array => records(message(body(extensions)));

describe("ClientHelloReader", () => {
  test("ClientHelloReader is tried with every recorded hello", () => {
    expect(NAMES.toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });

  test.each(NAMES)("ClientHelloReader reads the hello of %s, wherever it is cut", (name) => {
    const bytes = recordedHello(name);
    const expected = EXPECTED[name] ?? { alpn: [], supportsTls13: false };
    expect(read(bytes)).toEqual(expected);
    for (let cut = 0; cut < bytes.length; cut++) {
      expect(readParts([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual({ result: expected, part: 1 });
    }
  });

  test.each(NAMES)("ClientHelloReader reads the hello of %s byte by byte", (name) => {
    const bytes = recordedHello(name);
    const parts = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(readParts(parts)).toEqual({ result: EXPECTED[name] ?? "more", part: bytes.length - 1 });
  });

  test.each([1, 2, 3, 5, 64])("ClientHelloReader joins records of %d bytes", (size) => {
    const whole = message(body(serverNameExtension("a.example.com")));
    expect(read(records(whole, size))).toEqual({ serverName: "a.example.com", alpn: [], supportsTls13: false });
  });

  test("ClientHelloReader does not look at what follows the hello", () => {
    const bytes = Uint8Array.from([...hello(serverNameExtension("a.example.com")), 99, 98, 97]);
    expect(read(bytes)).toMatchObject({ serverName: "a.example.com" });
  });

  test.each([
    ["no extensions block", undefined, { alpn: [], supportsTls13: false }],
    ["an empty extensions block", [], { alpn: [], supportsTls13: false }],
    [
      "upper case and a trailing dot",
      serverNameExtension("A.Example.COM."),
      { serverName: "a.example.com", alpn: [], supportsTls13: false },
    ],
    [
      "an underscore",
      serverNameExtension("my_app.example.com"),
      { serverName: "my_app.example.com", alpn: [], supportsTls13: false },
    ],
    ["a single label", serverNameExtension("localhost"), { serverName: "localhost", alpn: [], supportsTls13: false }],
    ["an IPv4 address for a name", serverNameExtension("127.0.0.1"), { alpn: [], supportsTls13: false }],
    [
      "protocols that are not text",
      extension(16, vector16([...vector8([0x0a, 0xfa]), ...vector8(ascii("h2"))])),
      { alpn: ["\x0a\xfa", "h2"], supportsTls13: false },
    ],
    ["TLS 1.3 between others", extension(43, vector8([0x7a, 0x7a, 3, 4, 3, 3])), { alpn: [], supportsTls13: true }],
    ["TLS 1.2 as its best", extension(43, vector8([3, 3])), { alpn: [], supportsTls13: false }],
  ] as const)("ClientHelloReader accepts %s", (_, extensions, expected) => {
    expect(read(hello(extensions))).toEqual(expected);
  });

  const longName = `${"a".repeat(60)}.`.repeat(5);
  test.each([
    ["a request line", Buffer.from("GET / HTTP/1.1\r\n")],
    ["another record type", Uint8Array.of(23)],
    ["another major version", Uint8Array.of(22, 2)],
    ["an empty record", Uint8Array.of(22, 3, 1, 0, 0)],
    ["a record over the limit", Uint8Array.of(22, 3, 1, 0x40, 1)],
    ["another message", records(message(body(), 2))],
    ["an empty message", records(message([]))],
    ["a message longer than the limit", records([1, 0, ...u16(CLIENT_HELLO_LIMIT_BYTES + 1)])],
    ["a message of 16 MB", records([1, 255, 255, 255])],
    ["an alert between two halves", Uint8Array.from([...records(message(body()), 10).slice(0, 5 + 10), 21])],
    ["another legacy version", records(message([2, ...body().slice(1)]))],
    [
      "a long session id",
      records(message([3, 3, ...Array(32).fill(0), ...vector8(Array(33).fill(0)), ...body().slice(35)])),
    ],
    ["half a cipher suite", records(message([3, 3, ...Array(32).fill(0), 0, ...vector16([1, 2, 3]), 1, 0]))],
    ["no cipher suite", records(message([3, 3, ...Array(32).fill(0), 0, ...vector16([]), 1, 0]))],
    ["no compression method", records(message([3, 3, ...Array(32).fill(0), 0, ...vector16([1, 2]), 0]))],
    ["stray bytes", records(message([...body([]), 1]))],
    ["an extension twice", hello([...serverNameExtension("a.example"), ...serverNameExtension("b.example")])],
    ["two names", hello(extension(0, vector16([0, ...vector16(ascii("a")), 0, ...vector16(ascii("b"))])))],
    ["an unknown type of name", hello(extension(0, vector16([1, ...vector16(ascii("a"))])))],
    ["an empty list of names", hello(extension(0, vector16([])))],
    ["an empty name", hello(serverNameExtension(""))],
    ["a name of dots", hello(serverNameExtension(".a..b"))],
    ["a name with a zero byte", hello(serverNameExtension("a.example\0.com"))],
    ["a name with a slash", hello(serverNameExtension("a/b"))],
    ["a name with a letter outside ASCII", hello(serverNameExtension("\xe9.example"))],
    ["an IPv6 address for a name", hello(serverNameExtension("::1"))],
    ["a name that is too long", hello(serverNameExtension(longName))],
    ["a label that is too long", hello(serverNameExtension("a".repeat(64)))],
    ["a wildcard for a name", hello(serverNameExtension("*.example.com"))],
    ["an empty application protocol", hello(extension(16, vector16([0, 1, 65])))],
    ["half a version", hello(extension(43, vector8([3, 4, 3])))],
    ["an extension that ends too early", hello([0, 0, 0, 9, 1])],
  ])("ClientHelloReader refuses %s", (_, bytes) => {
    expect(() => read(bytes)).toThrow(ProtocolError);
  });

  test("ClientHelloReader stops at its limit when one-byte records hide the length", () => {
    const bytes = records(message(body(extension(21, Array(4000).fill(0)))), 1);
    expect(bytes.length).toBeGreaterThan(CLIENT_HELLO_LIMIT_BYTES);
    expect(() => read(bytes)).toThrow(ProtocolError);
  });

  test("ClientHelloReader ends in a hello, a wait or a ProtocolError, whatever comes", () => {
    const base = recordedHello("curl");
    const garbled = fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { maxLength: 4 }).map((changes) => {
      const bytes = base.slice();
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(garbled, fc.uint8Array({ maxLength: 200 })), fc.array(fc.nat(600)), (bytes, cuts) => {
        const edges = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const parts = edges.slice(1).map((end, i) => bytes.subarray(edges[i], end));
        expect(outcomeOf(() => readParts(parts).result)).toEqual(outcomeOf(() => read(bytes)));
      }),
      { numRuns: RUNS },
    );
  });
});

/** The answer, or "refused" for a ProtocolError; another error is a fault and passes on. */
function outcomeOf(run: () => "more" | ClientHello): "more" | "refused" | ClientHello {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof ProtocolError) return "refused";
    throw cause;
  }
}
