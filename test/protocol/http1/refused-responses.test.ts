/** Responses that the edge turns into a 502, and those that it must not. */
import { expect, test } from "bun:test";
import { BadResponse, type Fault } from "../../../src/protocol/http1/faults.ts";
import { everyCut, octets, readResponses } from "../../support/http-transcript.ts";

const OK = "HTTP/1.1 200 OK\r\n";

const CASES: readonly (readonly [wire: string, verdict: Fault | "complete"])[] = [
  [`${OK}Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n`, "length-and-coding"],
  [`${OK}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`, "content-length-repeated"],
  [`${OK}Content-Length: 5, 5\r\n\r\nhello`, "content-length-repeated"],
  [`${OK}Content-Length: -1\r\n\r\n`, "content-length"],
  [`${OK}Transfer-Encoding: gzip\r\n\r\n`, "unknown-coding"],
  [`${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`, "unknown-coding"],
  [`${OK}Transfer-Encoding: chunked, chunked\r\n\r\n`, "transfer-coding"],
  ["HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "coding-in-http10"],
  ["HTTP/1.1 204 No\r\nContent-Length: x\r\n\r\n", "content-length"],
  ["HTTP/1.1 100 Go\r\nContent-Length: 5\r\n\r\n", "framed-interim"],
  ["HTTP/1.1 103 Hints\r\nTransfer-Encoding: chunked\r\n\r\n", "framed-interim"],
  [`HTTP/1.1 100 Go\r\nContent-Length: 0\r\n\r\n${OK}Content-Length: 0\r\n\r\n`, "complete"],
  [`${OK}X : y\r\n\r\n`, "space-before-colon"],
  [`${OK}X: y\r\n z\r\n\r\n`, "folded-line"],
  [`${OK}X: y\n\r\n`, "bare-lf"],
  [`${OK}X: y\rZ: z\r\n\r\n`, "bare-cr"],
  [`${OK}X: \x00\r\n\r\n`, "control-octet"],
  ["\r\nHTTP/1.1 200 OK\r\n\r\n", "version"],
  ["HTTP/1.1\r\n\r\n", "start-line"],
  ["HTTP/1.1 20\r\n\r\n", "start-line"],
  ["HTTP/1.1\t200 OK\r\n\r\n", "start-line"],
  ["HTTP/1.1 2000\r\n\r\n", "status"],
  ["HTTP/1.1 099 X\r\n\r\n", "status"],
  ["HTTP/1.1 2x0 X\r\n\r\n", "status"],
  ["HTTP/1.1  200 X\r\n\r\n", "status"],
  ["HTTP/2.0 200 X\r\n\r\n", "unsupported-version"],
  ["http/1.1 200 X\r\n\r\n", "version"],
  ["ICY 200 OK\r\n\r\n", "version"],
  ["SSH-2.0-OpenSSH_9.2\r\n", "version"],
  ["\x16\x03\x01", "version"],
  ["HTTQ", "version"],
  ["<html>no head at all</html>\r\n\r\n", "version"],
  ["HTTP/1.1 200 caf\xe9\tau lait \r\nContent-Length: 0\r\n\r\n", "complete"],
  ["HTTP/1.1 999 Denied\r\n\r\n", "complete"],
  ["HTTP/1.1 200\r\n\r\n", "complete"],
  ["HTTP/1.1 200 \r\n\r\n", "complete"],
];

test.each(CASES.map(([wire, verdict]) => ({ shown: JSON.stringify(wire), wire, verdict })))(
  "ResponseReader: $shown is $verdict",
  ({ wire, verdict }) => {
    const bytes = octets(wire);
    for (const chunks of [[bytes], ...everyCut(bytes)]) {
      expect(readResponses(chunks, ["GET"]).at(-1)?.replace("refused ", "")).toBe(verdict);
    }
  },
);

test("BadResponse says what is wrong", () => {
  expect(new BadResponse("bare-lf").message).toBe("HTTP response refused: a line ends in LF without CR");
});
