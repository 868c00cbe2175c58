/** The verdict on every known way to hide a message, wherever its octets are cut. */
import { describe, expect, test } from "bun:test";
import { BadRequest, type Fault } from "../../../src/protocol/http1/faults.ts";
import type { MessageHead } from "../../../src/protocol/http1/message-head.ts";
import { type OwnReading, readOwnRequests, readOwnResponses } from "../../support/http1-reading.ts";
import { requestCases, responseCases } from "../../support/smuggling-cases.ts";

const MOST_CUTS = 300;

describe.each(named(requestCases()))("%s", (_, cases) => {
  test.each([...cases])("RequestReader makes of $shown: $verdict", ({ wire, verdict }) => {
    for (const pieces of cutsOf(wire)) {
      expect(verdictOn(readOwnRequests(...pieces), (fault) => new BadRequest(fault).status)).toBe(verdict);
    }
  });
});

describe.each(named(responseCases()))("%s", (_, cases) => {
  test.each([...cases])("ResponseReader makes of $shown: $verdict", ({ wire, methods, verdict }) => {
    for (const pieces of cutsOf(wire)) {
      expect(verdictOn(readOwnResponses(methods, ...pieces), () => 502)).toBe(verdict);
    }
  });
});

function named<Case extends { readonly name: string }>(
  cases: readonly Case[],
): [name: string, cases: readonly Case[]][] {
  return [...Map.groupBy(cases, ({ name }) => name)];
}

/** Whole, octet by octet, and in two at every place; long ones at some. */
function cutsOf(wire: string): readonly (readonly string[])[] {
  const step = Math.ceil(wire.length / MOST_CUTS);
  const places = Array.from({ length: Math.floor(wire.length / Math.max(1, step)) }, (_, at) => at * step);
  return [[wire], wire.split(""), ...places.map((at) => [wire.slice(0, at), wire.slice(at)])];
}

/** In the words of smuggling-cases.ts. */
function verdictOn({ messages, fault, readsOn, isCut }: OwnReading, statusOf: (fault: Fault) => number): string {
  const end = fault !== undefined ? `${statusOf(fault)} ${fault}` : isCut ? "cut" : readsOn ? "end" : "no more";
  return [...messages.map(({ start, head }) => `${start} ${shown(head)}`), end].join(", ");
}

function shown({ framing }: MessageHead): string {
  return framing.type === "length" ? `length ${framing.bytes}` : framing.type;
}
