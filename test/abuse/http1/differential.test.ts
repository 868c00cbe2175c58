/**
 * What we accept means to two other parsers what it means to us: as it came, and as the edge sends it on. They may refuse what we
 * accept, and we what they accept. Where they read otherwise stands in excused-differences.ts.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { forwardedRequest, forwardedResponse } from "../../../src/edge/visitors/forwarded-heads.ts";
import { requestCases, responseCases } from "../../support/smuggling-cases.ts";
import {
  type OwnReading,
  readOwnRequests,
  readOwnResponses,
  type Reading,
  sentOn,
} from "../../support/http1-reading.ts";
import { changedOf, NEAR_REQUESTS, NEAR_RESPONSES } from "../../support/near-http1.ts";
import {
  OTHER_PARSERS,
  OtherHttpParsers,
  type OtherParser,
  type OtherReadings,
} from "../../support/other-http-parsers.ts";
import { type Difference, differenceOf } from "../../support/reading-difference.ts";
import { EXCUSES } from "./excused-differences.ts";

const RUNS = { numRuns: process.env["DEEP"] === "1" ? 40_000 : 600 };
const DEEP_TIMEOUT_MS = 300_000;

let others: OtherHttpParsers;
beforeAll(() => {
  others = new OtherHttpParsers();
});
afterAll(() => others[Symbol.asyncDispose]());

/** How messages of one direction are read by everybody, and what the edge makes of them. */
interface Direction {
  readonly own: (wire: string) => OwnReading;
  readonly other: (wire: string) => Promise<OtherReadings>;
  readonly sent: (wire: string) => string;
}

/** A request to CONNECT is never sent on. */
const requests: Direction = {
  own: (wire) => readOwnRequests(wire),
  other: (wire) => others.readRequests(wire),
  sent: (wire) => {
    const { messages } = readOwnRequests(wire);
    return sentOn(
      messages.filter(({ head }) => head.method !== "CONNECT"),
      (head) => forwardedRequest(head, { address: "192.0.2.7:5000", scheme: "https" }),
    );
  },
};

function responsesTo(methods: readonly string[], announcesClose: boolean): Direction {
  return {
    own: (wire) => readOwnResponses(methods, wire),
    other: (wire) => others.readResponses(wire, methods),
    sent: (wire) =>
      sentOn(readOwnResponses(methods, wire).messages, (head, isLast) =>
        forwardedResponse(head, { announcesClose: announcesClose && isLast }),
      ),
  };
}

/** All that is read otherwise and has no excuse. */
async function disagreements(wire: string, { own, other, sent }: Direction): Promise<readonly string[]> {
  const onward = sent(wire);
  const [asReceived, asSent] = await Promise.all([other(wire), other(onward)]);
  const ownOnward = own(onward);
  return OTHER_PARSERS.flatMap((parser) =>
    [
      disagreement(parser, "received", own(wire), asReceived[parser]),
      disagreement(parser, "sent on", ownOnward, asSent[parser]),
      surplus(parser, ownOnward, asSent[parser]),
    ].filter((found) => found !== undefined),
  );
}

function disagreement(parser: OtherParser, when: string, own: OwnReading, theirs: Reading): string | undefined {
  const difference = differenceOf(own, theirs);
  if (difference === undefined || isExcused(parser, own, difference)) return undefined;
  return `${parser}: as ${when}, message ${difference.message} differs in its ${difference.in}`;
}

/** Nothing that the edge sends on is a message more to them than to us. */
function surplus(parser: OtherParser, own: OwnReading, theirs: Reading): string | undefined {
  const count = own.messages.length;
  if (theirs.messages.length <= count || isExcused(parser, own, { message: count, in: "count" })) return undefined;
  return `${parser}: as sent on, there are ${theirs.messages.length} messages in place of ${count}`;
}

/** Behind a message with an excuse everything is read otherwise. */
function isExcused(parser: OtherParser, own: OwnReading, difference: Difference): boolean {
  const before = own.messages.slice(0, difference.message + 1);
  return EXCUSES.some(
    (excuse) => excuse.parsers.includes(parser) && before.some((message) => excuse.holds(message, own)),
  );
}

describe("requests and responses that are nearly HTTP/1", () => {
  test(
    "RequestReader and other parsers read the same of random requests",
    () =>
      fc.assert(
        fc.asyncProperty(NEAR_REQUESTS, async (wire) => {
          expect(await disagreements(wire, requests)).toEqual([]);
        }),
        RUNS,
      ),
    DEEP_TIMEOUT_MS,
  );

  test(
    "ResponseReader and other parsers read the same of random responses",
    () =>
      fc.assert(
        fc.asyncProperty(NEAR_RESPONSES, fc.boolean(), async ({ wire, methods }, announcesClose) => {
          expect(await disagreements(wire, responsesTo(methods, announcesClose))).toEqual([]);
        }),
        RUNS,
      ),
    DEEP_TIMEOUT_MS,
  );

  test(
    "RequestReader and other parsers read the same of smuggling attempts with changes",
    () =>
      fc.assert(
        fc.asyncProperty(changedOf(requestCases().map(({ wire }) => wire)), async (wire) => {
          expect(await disagreements(wire, requests)).toEqual([]);
        }),
        RUNS,
      ),
    DEEP_TIMEOUT_MS,
  );

  test(
    "ResponseReader and other parsers read the same of misleading responses with changes",
    () =>
      fc.assert(
        fc.asyncProperty(
          changedOf(responseCases().map(({ wire }) => wire)),
          fc.boolean(),
          async (wire, announcesClose) => {
            expect(await disagreements(wire, responsesTo(["GET", "HEAD", "POST"], announcesClose))).toEqual([]);
          },
        ),
        RUNS,
      ),
    DEEP_TIMEOUT_MS,
  );
});

describe("smuggling attempts", () => {
  test.each(requestCases())("RequestReader and other parsers read the same of $name: $shown", async ({ wire }) => {
    expect(await disagreements(wire, requests)).toEqual([]);
  });

  test.each(responseCases())(
    "ResponseReader and other parsers read the same of $name: $shown",
    async ({ wire, methods }) => {
      for (const announcesClose of [false, true]) {
        expect(await disagreements(wire, responsesTo(methods, announcesClose))).toEqual([]);
      }
    },
  );
});

test.each(EXCUSES)("$parsers still read $of otherwise", async ({ parsers, example }) => {
  const direction = example.startsWith("HTTP/") ? responsesTo(["GET", "GET"], false) : requests;
  const own = direction.own(example);
  const readings = await direction.other(example);
  for (const parser of parsers) {
    const difference = differenceOf(own, readings[parser]);
    expect(difference !== undefined && isExcused(parser, own, difference)).toBe(true);
  }
});
