/** Requests that two readers could understand in two ways, and what becomes of each. */
import { expect, test } from "bun:test";
import { BadRequest, type Fault } from "../../../src/protocol/http1/faults.ts";
import { everyCut, octets, readRequests } from "../../support/http-transcript.ts";

const START = "POST / HTTP/1.1\r\n";
const HOST = "Host: a\r\n";
const TE = "Transfer-Encoding:";
const CL = "Content-Length:";
const CHUNKED = `${START}${HOST}${TE} chunked\r\n\r\n`;

type Verdict = Fault | "accepted";

/** Field lines of a POST with a Host. */
const FIELDS: readonly (readonly [lines: string, Verdict])[] = [
  // CL.TE and TE.CL
  [`${CL} 6\r\n${TE} chunked\r\n`, "length-and-coding"],
  [`${TE} chunked\r\n${CL} 6\r\n`, "length-and-coding"],
  [`${CL} 0\r\n${TE} identity\r\n`, "length-and-coding"],
  [`${CL}\r\n${TE}\r\n`, "length-and-coding"],
  // Lengths
  [`${CL} 5\r\n${CL} 6\r\n`, "content-length-repeated"],
  [`${CL} 0\r\n${CL} 0\r\n`, "content-length-repeated"],
  [`${CL} 5\r\ncontent-length: 0\r\n`, "content-length-repeated"],
  [`${CL} 5, 5\r\n`, "content-length-repeated"],
  [`${CL} 0,1\r\n`, "content-length-repeated"],
  [`${CL}\r\n`, "content-length"],
  [`${CL} +0\r\n`, "content-length"],
  [`${CL} -0\r\n`, "content-length"],
  [`${CL} 0x0\r\n`, "content-length"],
  [`${CL} 0 0\r\n`, "content-length"],
  [`${CL} 1_0\r\n`, "content-length"],
  [`${CL} 1e1\r\n`, "content-length"],
  [`${CL} 0.0\r\n`, "content-length"],
  [`${CL} "0"\r\n`, "content-length"],
  [`${CL} \xa00\r\n`, "content-length"],
  [`${CL} \xb2\r\n`, "content-length"],
  [`${CL} 9007199254740992\r\n`, "content-length"],
  [`${CL} 18446744073709551616\r\n`, "content-length"],
  [`${CL} ${"9".repeat(400)}\r\n`, "content-length"],
  [`${CL} 0\r\n`, "accepted"],
  [`${CL}00\r\n`, "accepted"],
  [`${CL} \t0\t \r\n`, "accepted"],
  // TE.TE
  [`${TE} xchunked\r\n`, "unknown-coding"],
  [`${TE} chunkedx\r\n`, "unknown-coding"],
  [`${TE} gzip\r\n`, "unknown-coding"],
  [`${TE} identity\r\n`, "unknown-coding"],
  [`${TE} gzip, chunked\r\n`, "unknown-coding"],
  [`${TE} gzip\r\n${TE} chunked\r\n`, "unknown-coding"],
  [`${TE} chunked, gzip\r\n`, "transfer-coding"],
  [`${TE} chunked, identity\r\n`, "transfer-coding"],
  [`${TE} chunked, chunked\r\n`, "transfer-coding"],
  [`${TE} chunked\r\n${TE} chunked\r\n`, "transfer-coding"],
  [`${TE} chunked\r\n${TE} x\r\n`, "transfer-coding"],
  [`${TE} chunked\r\ntransfer-encoding: identity\r\n`, "transfer-coding"],
  [`${TE} chunked,\r\n`, "transfer-coding"],
  [`${TE} ,chunked\r\n`, "transfer-coding"],
  [`${TE} chunked;q=1\r\n`, "transfer-coding"],
  [`${TE} chunked chunked\r\n`, "transfer-coding"],
  [`${TE} "chunked"\r\n`, "transfer-coding"],
  [`${TE} 'chunked'\r\n`, "unknown-coding"],
  [`${TE} \xa0chunked\r\n`, "transfer-coding"],
  [`${TE} chun\u00e9ked\r\n`, "transfer-coding"],
  [`${TE}\r\n`, "transfer-coding"],
  [`${TE} ,\r\n`, "transfer-coding"],
  [`${TE}\x0bchunked\r\n`, "control-octet"],
  [`${TE} \x0cchunked\r\n`, "control-octet"],
  [`${TE} chunked\x00\r\n`, "control-octet"],
  [`${TE} chunked\x7f\r\n`, "control-octet"],
  [`${TE}\r\n chunked\r\n`, "folded-line"],
  [`${TE}:chunked\r\n`, "transfer-coding"],
  [`${TE}  CHUNKED  \r\n`, "accepted"],
  [`${TE}\tchunked\r\n`, "transfer-coding"],
  [`${TE} chunked\t\r\n`, "transfer-coding"],
  [`${TE}chunked\r\n`, "accepted"],
  // Names
  ["Transfer-Encoding : chunked\r\n", "space-before-colon"],
  ["Transfer-Encoding\t: chunked\r\n", "space-before-colon"],
  [" Transfer-Encoding: chunked\r\n", "folded-line"],
  ["\tX: y\r\n", "folded-line"],
  ["X: a\r\n b\r\n", "folded-line"],
  ["X: a\r\n \r\n", "folded-line"],
  ["Transfer\x00Encoding: chunked\r\n", "field-name"],
  ["Transfer-Encodin\xe9: chunked\r\n", "field-name"],
  [": chunked\r\n", "field-name"],
  ["X\r\n", "field-name"],
  ["X Y: z\r\n", "space-before-colon"],
  ["X(Y): z\r\n", "field-name"],
  ['"X": z\r\n', "field-name"],
  ["X\n", "bare-lf"],
  ["!#$%&'*+-.^_`|~09azAZ: any token\r\n", "accepted"],
  // Line ends and values
  ["X: a\nTransfer-Encoding: chunked\r\n", "bare-lf"],
  ["X: a\rTransfer-Encoding: chunked\r\n", "bare-cr"],
  ["X: a\r\rY: b\r\n", "bare-cr"],
  ["X: a\n", "bare-lf"],
  ["\n", "bare-lf"],
  ["\rX: a\r\n", "bare-cr"],
  ["X: \x00\r\n", "control-octet"],
  ["X: a\x01b\r\n", "control-octet"],
  ["X: \x1b[2J\r\n", "control-octet"],
  ["X: \x08\r\n", "control-octet"],
  ["X: a\tb \xff\x80\r\nY:\r\nZ: \t \r\n", "accepted"],
  // Host
  ["Host: a\r\n", "host-repeated"],
  ["hOST: b\r\n", "host-repeated"],
];

/** Whole Host lines, or what stands in their place. */
const HOSTS: readonly (readonly [line: string, Verdict])[] = [
  ["", "host-missing"],
  ["Host:\r\n", "host-invalid"],
  ["Host: user@a\r\n", "host-invalid"],
  ["Host: user:pw@a\r\n", "host-invalid"],
  ["Host: a b\r\n", "host-invalid"],
  ["Host: a, b\r\n", "host-invalid"],
  ["Host: http://a\r\n", "host-invalid"],
  ["Host: a/b\r\n", "host-invalid"],
  ["Host: a:b\r\n", "host-invalid"],
  ["Host: a:65536\r\n", "host-invalid"],
  ["Host: a:80:80\r\n", "host-invalid"],
  ["Host: a%2eb\r\n", "host-invalid"],
  ["Host: \xe4.example\r\n", "host-invalid"],
  ["Host: [::1\r\n", "host-invalid"],
  ["Host: .a\r\n", "host-invalid"],
  ["Host: a#b\r\n", "host-invalid"],
  ["Host: [::1]:80\r\n", "accepted"],
  ["HOST:A-b_c.Example.:8080\r\n", "accepted"],
];

const START_LINES: readonly (readonly [line: string, Verdict])[] = [
  ["GET / HTTP/1.1", "accepted"],
  ["X-ANY!method / HTTP/1.0", "accepted"],
  ['GET /\xc3\xa9|{}"\\^ HTTP/1.1', "accepted"],
  ["GET /", "start-line"],
  ["GET", "start-line"],
  ["GET HTTP/1.1", "start-line"],
  ["GET  HTTP/1.1", "start-line"],
  ["GET / HTTP/1.1 ", "start-line"],
  [" GET / HTTP/1.1", "method"],
  ["G(T / HTTP/1.1", "method"],
  ["GET\t/ HTTP/1.1", "method"],
  ["GET  / HTTP/1.1", "target"],
  ["GET /  HTTP/1.1", "target"],
  ["GET /a b HTTP/1.1", "target"],
  ["GET /a\tb HTTP/1.1", "target"],
  ["GET /#f HTTP/1.1", "target"],
  ["GET /\x00 HTTP/1.1", "control-octet"],
  ["GET /\x7f HTTP/1.1", "control-octet"],
  ["GET * HTTP/1.1", "target"],
  ["GET a HTTP/1.1", "target"],
  ["GET a:80 HTTP/1.1", "target"],
  ["GET ?q HTTP/1.1", "target"],
  ["OPTIONS ** HTTP/1.1", "target"],
  ["OPTIONS * HTTP/1.1", "accepted"],
  ["GET / http/1.1", "version"],
  ["GET / HTTP/11.", "version"],
  ["GET / HTTP/a.1", "version"],
  ["GET / HTTP/1,1", "version"],
  ["GET / HTTP/0.9", "unsupported-version"],
  ["GET / HTTP/1.2", "unsupported-version"],
  ["PRI * HTTP/2.0", "unsupported-version"],
  ["GET http://a/x HTTP/1.1", "accepted"],
  ["GET HTTP://A:80 HTTP/1.1", "accepted"],
  ["GET http://a./?q HTTP/1.1", "accepted"],
  ["GET http://b/ HTTP/1.1", "host-mismatch"],
  ["GET http://a:8080/ HTTP/1.1", "host-mismatch"],
  ["GET https://a:80/ HTTP/1.1", "host-mismatch"],
  ["GET http://u@a/ HTTP/1.1", "target"],
  ["GET http://a@b/ HTTP/1.1", "target"],
  ["GET http:///a HTTP/1.1", "target"],
  ["GET http:/a HTTP/1.1", "target"],
  ["GET ftp://a/ HTTP/1.1", "target"],
  ["GET http://a\\b/ HTTP/1.1", "target"],
  ["CONNECT a:443 HTTP/1.1", "host-mismatch"],
  ["CONNECT a HTTP/1.1", "target"],
  ["CONNECT / HTTP/1.1", "target"],
  ["CONNECT http://a:80 HTTP/1.1", "target"],
];

/** Octets behind the head of a chunked request; a good body is `0\r\n\r\n`. */
const BODIES: readonly (readonly [body: string, Verdict])[] = [
  ["0\r\n\r\n", "accepted"],
  ["00000000\r\n\r\n", "accepted"],
  ["A\r\n0123456789\r\n0\r\n\r\n", "accepted"],
  ['a;x;y=1;z="\t\xe9"\r\n0123456789\r\n0;last\r\n\r\n', "accepted"],
  ["0\r\nX: y\r\nZ:\r\n\r\n", "accepted"],
  ["\r\n", "chunk-size"],
  [";x\r\n", "chunk-size"],
  ["-1\r\n", "chunk-size"],
  ["+1\r\n", "chunk-size"],
  ["0x1\r\n", "chunk-size"],
  ["g\r\n", "chunk-size"],
  ["1g\r\n", "chunk-size"],
  [" 1\r\n", "chunk-size"],
  ["1 \r\n", "chunk-size"],
  ["1 ;x\r\n", "chunk-size"],
  ["1_0\r\n", "chunk-size"],
  ["1,0\r\n", "chunk-size"],
  ["\xff\r\n", "chunk-size"],
  ["20000000000000\r\n", "chunk-too-large"],
  ["10000000000000000\r\n", "chunk-too-large"],
  ["ffffffffffffffff\r\n", "chunk-too-large"],
  ["00000000000000000\r\n", "chunk-too-large"],
  ["1\na\r\n", "bare-lf"],
  ["1\ra\r\n", "bare-cr"],
  ["1;x\na\r\n", "bare-lf"],
  ["1;x\ra\r\n", "bare-cr"],
  ["1;\x00\r\n", "control-octet"],
  ["1\r\nab\r\n", "chunk-end"],
  ["1\r\na\n", "chunk-end"],
  ["1\r\na\r\r", "chunk-end"],
  ["1\r\na0\r\n\r\n", "chunk-end"],
  ["0\r\n\n", "bare-lf"],
  ["0\r\n\r\r", "bare-cr"],
  ["0\n\r\n", "bare-lf"],
  ["0\r\n x\r\n", "folded-line"],
  ["0\r\nX : y\r\n\r\n", "space-before-colon"],
  ["0\r\nX\r\n\r\n", "field-name"],
  ["0\r\nX\n\r\n", "bare-lf"],
  ["0\r\n: y\r\n\r\n", "field-name"],
  ["0\r\nX: y\n\r\n", "bare-lf"],
  ["0\r\nX: y\rZ: z\r\n\r\n", "bare-cr"],
  ["0\r\nX: \x00\r\n\r\n", "control-octet"],
  ["0\r\nX: y\r\n z\r\n\r\n", "folded-line"],
  ["0\r\nContent-Length: 5\r\n\r\n", "trailer-field"],
  ["0\r\nX: y\r\nTRANSFER-ENCODING: chunked\r\n\r\n", "trailer-field"],
  ["0\r\nhost: b\r\n\r\n", "trailer-field"],
  ["0\r\nX-Host: b\r\nHosts: b\r\n\r\n", "accepted"],
];

const CASES = [
  ...FIELDS.map(([lines, verdict]) => [withBody(`${START}${HOST}${lines}\r\n`), verdict] as const),
  ...HOSTS.map(([line, verdict]) => [`${START}${line}\r\n`, verdict] as const),
  ...START_LINES.map(([line, verdict]) => [`${line}\r\n${HOST}\r\n`, verdict] as const),
  ...BODIES.map(([body, verdict]) => [CHUNKED + body, verdict] as const),
  [`POST / HTTP/1.0\r\n${HOST}${TE} chunked\r\n\r\n`, "coding-in-http10"],
  [`POST / HTTP/1.0\r\n${HOST}${CL} 0\r\n\r\n`, "accepted"],
  [`GET http://a/ HTTP/1.1\r\n\r\n`, "host-missing"],
  [`\n${START}${HOST}\r\n`, "bare-lf"],
  [`\r${START}${HOST}\r\n`, "bare-cr"],
  ["\r\n".repeat(8) + START + HOST + "\r\n", "accepted"],
  ["\r\n".repeat(9) + START + HOST + "\r\n", "empty-lines"],
] as const;

test.each(CASES.map(([wire, verdict]) => ({ shown: JSON.stringify(wire), wire, verdict })))(
  "RequestReader: $shown is $verdict",
  ({ wire, verdict }) => {
    const bytes = octets(wire);
    expect(verdictOf([bytes])).toBe(verdict);
    for (const chunks of everyCut(bytes)) expect(verdictOf(chunks)).toBe(verdict);
  },
);

test.each([
  ["content-length", 400],
  ["head-too-large", 431],
  ["too-many-fields", 431],
  ["trailers-too-large", 431],
  ["unknown-coding", 501],
  ["unsupported-version", 505],
] as const)("BadRequest for %s is answered with %d", (fault, status) => {
  const error = new BadRequest(fault);
  expect(error.status).toBe(status);
  expect(error.message).toStartWith("HTTP request refused: ");
});

function verdictOf(chunks: readonly Uint8Array[]): string {
  const last = readRequests(chunks).at(-1) ?? "nothing";
  return last === "end" ? "accepted" : last.replace("refused ", "");
}

/** An acceptable chunked head needs its body for the request to be whole. */
function withBody(head: string): string {
  return /chunked/i.test(head) ? `${head}0\r\n\r\n` : head;
}
