import { expect, test } from "bun:test";
import { BindPace, MAX_BINDS, MAX_POLICY_CHARACTERS } from "../../../src/edge/sessions/bind-pace.ts";

const WINDOW_MS = 60_000;

test("BindPace lets each account bind so often in a minute", () => {
  const pace = new BindPace();
  for (let bind = 0; bind < MAX_BINDS; bind++) pace.take("a", 0, WINDOW_MS);
  expect(() => pace.take("a", 0, 2 * WINDOW_MS - 1)).toThrow("brings too many endpoints");
  pace.take("b", 0, 2 * WINDOW_MS - 1);
  pace.take("a", 0, 2 * WINDOW_MS);
});

test("BindPace lets each account bring so much of policies in a minute", () => {
  const pace = new BindPace();
  pace.take("a", MAX_POLICY_CHARACTERS - 10, 0);
  expect(() => pace.take("a", 11, 0)).toThrow("brings too many endpoints");
  pace.take("a", 10, 0); // what was refused is not counted
  pace.take("b", 11, 0);
});
