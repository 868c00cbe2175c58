import { expect, test } from "bun:test";
import { SmallTalk } from "../../../src/protocol/mux/small-talk.ts";

type Heard = readonly [id: number, atMs: number];

test.each<[string, readonly Heard[], number, number, boolean]>([
  ["never was", [], 1, 1000, false],
  ["was just heard", [[2, 1000]], 1, 1000, true],
  ["was heard 499 ms ago", [[2, 1000]], 1, 1499, true],
  ["was heard 500 ms ago", [[2, 1000]], 1, 1500, false],
  ["is of the stream itself", [[2, 1000]], 2, 1000, false],
  [
    "is of the stream itself, again and again",
    [
      [2, 1000],
      [2, 1100],
    ],
    2,
    1100,
    false,
  ],
  [
    "is of another one too",
    [
      [2, 1000],
      [3, 1100],
    ],
    3,
    1400,
    true,
  ],
  [
    "was of another one too",
    [
      [2, 1000],
      [3, 1100],
      [3, 1400],
    ],
    3,
    1500,
    false,
  ],
])("SmallTalk that %s", (_, heard, id, nowMs, isGoingOn) => {
  const talk = new SmallTalk();
  for (const [talker, atMs] of heard) talk.heard(talker, atMs);
  expect(talk.isGoingOnBeside(id, nowMs)).toBe(isGoingOn);
});
