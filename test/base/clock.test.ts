import { expect, test } from "bun:test";
import { systemClock } from "../../src/base/clock.ts";

test("systemClock.after does not wake early from a delay that no timer of the runtime can hold", async () => {
  const woken: string[] = [];
  const cancel = systemClock.after(1_000 * 3_600_000, () => woken.push("after 1000 hours"));
  const shortly = Promise.withResolvers<void>();
  systemClock.after(20, () => {
    woken.push("after 20 ms");
    shortly.resolve();
  });
  await shortly.promise;
  cancel();
  expect(woken).toEqual(["after 20 ms"]);
});
