/** What a stranger can make grow in a reader, at each limit and one beyond it. */
import { expect, test } from "bun:test";
import {
  CHUNK_EXTENSION_EXCESS_BYTES,
  CHUNK_LINE_LIMIT_BYTES,
  TRAILER_LIMIT_BYTES,
} from "../../../src/protocol/http1/chunked-scanner.ts";
import { FIELD_LIMIT, HEAD_LIMIT_BYTES } from "../../../src/protocol/http1/head-scanner.ts";
import { RequestReader } from "../../../src/protocol/http1/request-reader.ts";
import { octets, readRequests, readResponses } from "../../support/http-transcript.ts";

const START = "GET / HTTP/1.1\r\nHost: a\r\n";
const CHUNKED = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

test("RequestReader takes a head of 1 MB, whole and in pieces", () => {
  const head = headOf(HEAD_LIMIT_BYTES);
  expect(head).toHaveLength(1_048_576);
  expect(readRequests([octets(head)])).toEqual([`head ${head}`, "complete", "end"]);
  expect(readRequests(pieces(octets(head), 1_000))).toEqual([`head ${head}`, "complete", "end"]);
});

test("RequestReader refuses a head of one octet more, whole and in pieces", () => {
  const head = octets(headOf(HEAD_LIMIT_BYTES + 1));
  expect(readRequests([head])).toEqual(["refused head-too-large"]);
  expect(readRequests(pieces(head, 1_000))).toEqual(["refused head-too-large"]);
});

test("RequestReader refuses an endless line without waiting for its end", () => {
  const line = octets(`GET /${"a".repeat(HEAD_LIMIT_BYTES)}`);
  expect(readRequests([line])).toEqual(["refused head-too-large"]);
});

test("ResponseReader has the same limit for a head", () => {
  const start = "HTTP/1.1 204 X\r\nX: ";
  const fill = (bytes: number) => octets(`${start}${"a".repeat(bytes - start.length - 4)}\r\n\r\n`);
  expect(readResponses([fill(HEAD_LIMIT_BYTES)], ["GET"]).at(-1)).toBe("complete");
  expect(readResponses([fill(HEAD_LIMIT_BYTES + 1)], ["GET"])).toEqual(["refused head-too-large"]);
});

test("RequestReader looks at each octet of a head once, however it is cut", () => {
  // A rescan per octet would take minutes here.
  const head = headOf(HEAD_LIMIT_BYTES);
  expect(readRequests(pieces(octets(head), 1))).toEqual([`head ${head}`, "complete", "end"]);
});

test.each(["Connection", "Upgrade", "Transfer-Encoding"])(
  "RequestReader looks at each octet of white space within %s once",
  (name) => {
    // Looking again from each octet would take minutes here.
    const gap = " ".repeat(HEAD_LIMIT_BYTES / 2);
    const others = name === "Upgrade" ? "Connection: upgrade\r\n" : "";
    let upgrade: readonly string[] | undefined;
    const reader = new RequestReader({
      onHead: (head) => {
        upgrade = head.upgrade;
      },
      onBody: () => {},
      onComplete: () => {},
      onNoMore: () => {},
      onCut: () => {},
      onRefused: () => {},
    });
    reader.receive(octets(`${START}${others}${name}: a${gap}b, c \t\r\n\r\n`));
    expect(upgrade).toEqual(name === "Upgrade" ? [`a${gap}b`, "c"] : undefined);
  },
);

test("RequestReader counts field lines", () => {
  const withLines = (count: number) => octets(`${START}${"a:\r\n".repeat(count - 1)}\r\n`);
  expect(readRequests([withLines(FIELD_LIMIT)]).at(-1)).toBe("end");
  expect(readRequests([withLines(FIELD_LIMIT + 1)])).toEqual(["refused too-many-fields"]);
});

test("RequestReader takes smaller limits", () => {
  const head = `${START}\r\n`;
  expect(readRequests([octets(head)], { headBytes: head.length, fields: 1 }).at(-1)).toBe("end");
  expect(readRequests([octets(head)], { headBytes: head.length - 1 })).toEqual(["refused head-too-large"]);
  expect(readRequests([octets(head)], { fields: 0 })).toEqual(["refused too-many-fields"]);
});

test("RequestReader limits one chunk line", () => {
  const body = (bytes: number) => `1;${"x".repeat(bytes - 2)}\r\na\r\n0\r\n\r\n`;
  expect(bodyVerdict(body(CHUNK_LINE_LIMIT_BYTES))).toBe("end");
  expect(bodyVerdict(body(CHUNK_LINE_LIMIT_BYTES + 1))).toBe("refused chunk-line-too-long");
});

test("RequestReader limits chunk extensions that bring no data", () => {
  const chunk = `1;${"x".repeat(1_000)}\r\na\r\n`; // 1,001 octets of extension, 1 of data
  const enough = Math.floor(CHUNK_EXTENSION_EXCESS_BYTES / 1_000);
  expect(bodyVerdict(`${chunk.repeat(enough)}0\r\n\r\n`)).toBe("end");
  expect(bodyVerdict(`${chunk.repeat(enough + 1)}0\r\n\r\n`)).toBe("refused chunk-extensions");
});

test("RequestReader lets extensions pass for ever that bring as much data", () => {
  const chunk = `40;${"x".repeat(60)}\r\n${"a".repeat(64)}\r\n`;
  expect(bodyVerdict(`${chunk.repeat(2_000)}0\r\n\r\n`)).toBe("end");
});

test("RequestReader limits the trailer section", () => {
  const line = `X: ${"y".repeat(59)}\r\n`; // 64 octets
  const lines = TRAILER_LIMIT_BYTES / line.length - 1;
  const body = (more: number) => `0\r\n${line.repeat(lines)}X: ${"y".repeat(57 + more)}\r\n\r\n`;
  expect(bodyVerdict(body(0))).toBe("end");
  expect(bodyVerdict(body(1))).toBe("refused trailers-too-large");
});

function headOf(bytes: number): string {
  const line = `Cookie: ${"c".repeat(502)}\r\n`;
  const count = Math.floor((bytes - START.length - 6) / line.length) - 1;
  const start = START + line.repeat(count) + "X: ";
  return `${start}${"x".repeat(bytes - start.length - 4)}\r\n\r\n`;
}

function bodyVerdict(body: string): string | undefined {
  const whole = readRequests([octets(CHUNKED + body)]).at(-1);
  expect(readRequests(pieces(octets(CHUNKED + body), 7)).at(-1)).toBe(whole ?? "");
  return whole;
}

function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}
