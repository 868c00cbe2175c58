import { expect, test } from "bun:test";
import { allOrNothing } from "../../src/store/all-or-nothing.ts";
import type { Run } from "../../src/store/database.ts";

const FULL = new Error("the disk is full");

/** Fails at one statement, and keeps the others. */
function database(): { readonly run: Run; readonly made: string[] } {
  const made: string[] = [];
  const run: Run = (statement) => {
    if (statement === "fails") return Promise.reject(FULL);
    made.push(statement);
    return Promise.resolve([{ statement }]);
  };
  return { run, made };
}

test("allOrNothing answers what the work answers", async () => {
  const { run, made } = database();
  expect(await allOrNothing(run, async (statement) => (await statement("one"))[0])).toEqual({ statement: "one" });
  expect(made).toEqual(["one"]);
});

test("allOrNothing makes no statement after one that failed, and fails although the work goes on", async () => {
  const { run, made } = database();
  const later: unknown[] = [];
  const outcome = allOrNothing(run, async (statement) => {
    await statement("one");
    await statement("fails").catch(() => {});
    await statement("two").catch((error: unknown) => later.push(error));
    return "done";
  });
  expect(await outcome.catch((error: unknown) => error)).toBe(FULL);
  expect([made, later]).toEqual([["one"], [FULL]]);
});

test("allOrNothing lets the work fail for its own reasons", async () => {
  const own = new Error("of the work");
  expect(await allOrNothing(database().run, () => Promise.reject(own)).catch((error: unknown) => error)).toBe(own);
});
