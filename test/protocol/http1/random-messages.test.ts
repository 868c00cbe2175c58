/** Random messages, cut at random, are handed on octet for octet; random octets end in calls or in a refusal. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { octets, readRequests, readResponses } from "../../support/http-transcript.ts";

const RUNS = { numRuns: process.env["DEEP"] === "1" ? 30_000 : 300 };
const DEEP_TIMEOUT_MS = 120_000;

interface Message {
  readonly head: string;
  readonly body: string;
}

const TOKEN = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/);
const OWS = fc.stringMatching(/^[ \t]{0,3}$/);
const TEXT = fc.stringMatching(/^[!-~\u0080-\u00ff]([\t -~\u0080-\u00ff]{0,20}[!-~\u0080-\u00ff])?$/);
const FIELD = fc
  .tuple(TOKEN, OWS, fc.oneof(TEXT, fc.constant("")), OWS)
  .map(([name, before, value, after]) => `x-${name}:${before}${value}${after}\r\n`);
const FIELDS = fc.array(FIELD, { maxLength: 8 }).map((lines) => lines.join(""));
const DATA = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => String.fromCharCode(...bytes));
const EXTENSION = fc.oneof(
  fc.constant(""),
  TOKEN.map((name) => `;${name}=1`),
);

const PLAIN = fc.record({ framing: fc.constant(""), body: fc.constant("") });
const MEASURED = fc
  .tuple(OWS, fc.oneof(DATA, fc.constant("")))
  .map(([space, body]) => ({ framing: `content-LENGTH:${space}${body.length}\r\n`, body }));
const CHUNKED = fc
  .tuple(fc.array(fc.tuple(DATA, EXTENSION), { maxLength: 5 }), EXTENSION, FIELDS)
  .map(([chunks, lastExtension, trailers]) => ({
    framing: "Transfer-encoding: chunked\r\n",
    body:
      chunks.map(([data, extension]) => `${data.length.toString(16)}${extension}\r\n${data}\r\n`).join("") +
      `0${lastExtension}\r\n${trailers}\r\n`,
  }));

const REQUEST: fc.Arbitrary<Message> = fc
  .tuple(TOKEN, fc.stringMatching(/^\/[!"$-~\u0080-\u00ff]{0,20}$/), FIELDS, FIELDS, fc.oneof(PLAIN, MEASURED, CHUNKED))
  .filter(([method]) => method !== "CONNECT")
  .map(([method, target, before, after, { framing, body }]) => ({
    head: `${method} ${target} HTTP/1.1\r\n${before}Host: a.example\r\n${framing}${after}\r\n`,
    body,
  }));
const RESPONSE: fc.Arbitrary<Message> = fc
  .tuple(fc.integer({ min: 200, max: 203 }), TEXT, FIELDS, fc.oneof(MEASURED, CHUNKED))
  .map(([status, reason, fields, { framing, body }]) => ({
    head: `HTTP/1.1 ${status} ${reason}\r\n${fields}${framing}\r\n`,
    body,
  }));
const INTERIM: fc.Arbitrary<string> = FIELDS.map((fields) => `HTTP/1.1 103 Hints\r\n${fields}\r\n`);
const CUTS = fc.array(fc.nat({ max: 10_000 }), { maxLength: 12 });

test(
  "RequestReader hands on random pipelines octet for octet",
  () => {
    fc.assert(
      fc.property(fc.array(REQUEST, { maxLength: 4 }), CUTS, (requests, cuts) => {
        const wire = octets(requests.map(({ head, body }) => head + body).join(""));
        expect(readRequests(cutAt(wire, cuts))).toEqual([...requests.flatMap(callsOf), "end"]);
      }),
      RUNS,
    );
  },
  DEEP_TIMEOUT_MS,
);

test(
  "ResponseReader hands on random responses, with interim heads, octet for octet",
  () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.array(INTERIM, { maxLength: 2 }), RESPONSE), { minLength: 1, maxLength: 3 }),
        CUTS,
        (all, cuts) => {
          const wire = octets(all.map(([interim, { head, body }]) => interim.join("") + head + body).join(""));
          const calls = all.flatMap(([interim, response]) => [
            ...interim.map((head) => `head ${head}`),
            ...callsOf(response),
          ]);
          const methods = all.map(() => "GET");
          expect(readResponses(cutAt(wire, cuts), methods)).toEqual(calls);
        },
      ),
      RUNS,
    );
  },
  DEEP_TIMEOUT_MS,
);

/** Octets that look like HTTP now and then, so that random ones get further than the first line. */
const SCRAP = fc.oneof(
  fc.constantFrom(
    "GET / HTTP/1.1\r\n",
    "HTTP/1.1 200 OK\r\n",
    "Host: a\r\n",
    "\r\n",
    "\r",
    "\n",
    ":",
    " ",
    "0\r\n",
    "\r\n\r\n",
  ),
  fc.constantFrom(
    "Content-Length: 3\r\n",
    "Transfer-Encoding: chunked\r\n",
    "3\r\nabc\r\n",
    "ffffffffffffff",
    ";",
    "X: y\r\n",
  ),
  fc.uint8Array({ maxLength: 6 }).map((bytes) => String.fromCharCode(...bytes)),
);
const SCRAPS = fc.array(SCRAP, { maxLength: 20 }).map((scraps) => scraps.join(""));

test(
  "RequestReader comes to one end with random octets, wherever they are cut",
  () => {
    fc.assert(
      fc.property(SCRAPS, CUTS, (wire, cuts) => {
        const calls = readRequests([octets(wire)]);
        expect(calls.at(-1)).toMatch(/^(end|cut|refused [a-z0-9-]+)$/);
        expect(readRequests(cutAt(octets(wire), cuts))).toEqual([...calls]);
      }),
      RUNS,
    );
  },
  DEEP_TIMEOUT_MS,
);

test(
  "ResponseReader comes to one end with random octets, wherever they are cut",
  () => {
    fc.assert(
      fc.property(SCRAPS, CUTS, (scraps, cuts) => {
        const wire = octets(`HTTP/1.1 200 OK\r\n${scraps}`);
        const calls = readResponses([wire], ["GET"]);
        expect(calls.at(-1)).toMatch(/^(complete|cut|refused [a-z0-9-]+|rest [^]*)$/);
        expect(readResponses(cutAt(wire, cuts), ["GET"])).toEqual([...calls]);
      }),
      RUNS,
    );
  },
  DEEP_TIMEOUT_MS,
);

function callsOf({ head, body }: Message): string[] {
  return [`head ${head}`, ...(body === "" ? [] : [`body ${body}`]), "complete"];
}

function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return places.slice(1).map((end, i) => bytes.slice(places[i], end));
}
