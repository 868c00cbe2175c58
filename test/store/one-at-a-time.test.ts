import { expect, test } from "bun:test";
import { OneAtATime } from "../../src/store/one-at-a-time.ts";

test("OneAtATime begins a work when the one before has ended, well or not", async () => {
  const works = new OneAtATime();
  const events: string[] = [];
  const first = Promise.withResolvers<void>();
  const outcomes = Promise.allSettled([
    works.run(async () => {
      events.push("first begins");
      await first.promise;
      events.push("first fails");
      throw new Error("first");
    }),
    works.run(() => {
      events.push("second");
      return Promise.resolve(2);
    }),
  ]);
  first.resolve();
  await works.idle();
  expect(events).toEqual(["first begins", "first fails", "second"]);
  expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
});

test("OneAtATime refuses a work that would wait for itself, and goes on with others", async () => {
  const works = new OneAtATime();
  const nested = works.run(async () => {
    await Promise.resolve();
    return works.run(() => Promise.resolve("never"));
  });
  const next = works.run(() => Promise.resolve("next"));
  expect(await nested.catch(String)).toContain("called from within a change");
  expect(await next).toBe("next");
  expect(await works.run(() => Promise.resolve("later"))).toBe("later");
});
