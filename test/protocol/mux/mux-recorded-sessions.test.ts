/** Every recorded session, both directions, fed to the role that received it. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { MuxRole } from "../../../src/protocol/mux/stream-ids.ts";
import { framesOf } from "../../support/frame-recorder.ts";
import { type HeardStream, MuxEnd } from "../../support/mux-end.ts";
import { SESSION_VECTORS, type Direction, type SessionVector } from "../../support/session-vectors.ts";

const RUNS = process.env["DEEP"] === undefined ? 20 : 2_000;
const OTHER = { "agent->edge": "edge->agent", "edge->agent": "agent->edge" } as const;
const RECEIVER = { "agent->edge": "edge", "edge->agent": "agent" } as const satisfies Record<Direction, MuxRole>;

const CASES = SESSION_VECTORS.flatMap((vector) =>
  (["agent->edge", "edge->agent"] as const).map(
    (direction) => [`${vector.name} ${direction}`, vector, direction] as const,
  ),
);

interface Outcome {
  readonly text: string;
  readonly events: readonly string[];
  readonly resetCode: number | undefined;
}

function byId(outcomes: ReadonlyMap<number, Outcome>): [number, Outcome][] {
  return [...outcomes].sort(([a], [b]) => a - b);
}

/** What the listeners of the receiving side hear, by stream id. */
function replay(vector: SessionVector, direction: Direction, pieces: readonly Uint8Array[]): Map<number, Outcome> {
  const end = new MuxEnd(RECEIVER[direction]);
  const streams: HeardStream[] = [];
  for (const frame of framesOf(Buffer.concat(vector.frames(OTHER[direction])))) {
    if (frame.type !== "data" || !frame.syn) continue;
    let opened = end.open();
    while (opened.stream.id < frame.id) opened = end.open(); // some recordings begin within a session
    opened.stream.write(Buffer.from("x"));
    streams.push(opened);
  }
  end.output();
  for (const piece of pieces) end.mux.receive(piece, 0);
  expect(end.sent().filter(({ type }) => type !== "increment")).toEqual([]);
  expect(end.goAways).toEqual(
    framesOf(Buffer.concat(vector.frames(direction))).flatMap((frame) =>
      frame.type === "goAway" ? [[frame.code, frame.message]] : [],
    ),
  );
  return new Map(
    [...streams, ...end.accepted].map(({ stream, heard }) => [
      stream.id,
      { text: heard.text, events: heard.events, resetCode: heard.cause?.resetCode },
    ]),
  );
}

/** The same, read off the frames. */
function expected(vector: SessionVector, direction: Direction): Map<number, Outcome> {
  const outcomes = new Map<number, { text: string; events: string[]; resetCode: number | undefined }>();
  const outcome = (id: number): { text: string; events: string[]; resetCode: number | undefined } => {
    const known = outcomes.get(id) ?? { text: "", events: [], resetCode: undefined };
    outcomes.set(id, known);
    return known;
  };
  for (const frame of framesOf(Buffer.concat(vector.frames(OTHER[direction])))) {
    if (frame.type === "data" && frame.syn) outcome(frame.id);
  }
  for (const frame of framesOf(Buffer.concat(vector.frames(direction)))) {
    if (frame.type === "data") {
      const of = outcome(frame.id);
      of.text += frame.payload.toString("latin1");
      if (frame.payload.length > 0 && of.events.length === 0) of.events.push("data");
      if (frame.fin) of.events.push("end");
    } else if (frame.type === "reset") {
      const of = outcome(frame.id);
      of.events.push("close");
      of.resetCode = frame.code;
    }
  }
  return outcomes;
}

test.each(CASES)("Mux hears what was recorded: %s", (_, vector, direction) => {
  const bytes = Buffer.concat(vector.frames(direction));
  const heard = replay(vector, direction, [bytes]);
  expect(heard.size).toBeGreaterThan(0);
  expect(byId(heard)).toEqual(byId(expected(vector, direction)));
});

test.each(CASES)("Mux hears the same wherever the bytes are cut: %s", (_, vector, direction) => {
  const bytes = Buffer.concat(vector.frames(direction));
  const whole = expected(vector, direction);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (places) => {
      const cuts = [0, ...places.toSorted((a, b) => a - b), bytes.length];
      const pieces = cuts.slice(1).map((cut, i) => bytes.subarray(cuts[i], cut));
      expect(byId(replay(vector, direction, pieces))).toEqual(byId(whole));
    }),
    { numRuns: RUNS },
  );
});
