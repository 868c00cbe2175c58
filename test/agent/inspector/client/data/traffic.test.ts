import { expect, test } from "bun:test";
import { Traffic } from "../../../../../src/agent/inspector/client/data/traffic.ts";
import { exchangeSummary } from "../../../../support/exchange-summary.ts";
import { playFetch } from "../../../../support/played-fetch.ts";

test("Traffic.load keeps to the answer of the latest call, whichever comes last", async () => {
  const answers: PromiseWithResolvers<unknown>[] = [];
  using _ = playFetch(() => {
    const answer = Promise.withResolvers<unknown>();
    answers.push(answer);
    return answer.promise;
  });
  const traffic = new Traffic();
  const first = traffic.load();
  const second = traffic.load();
  traffic.changed(exchangeSummary("c"));
  answers[1]?.resolve({ requests: [exchangeSummary("b")] });
  await second;
  traffic.changed(exchangeSummary("d"));
  answers[0]?.resolve({ requests: [exchangeSummary("a")] });
  await first;
  expect(["a", "b", "c", "d"].filter((id) => traffic.find(id) !== undefined)).toEqual(["b", "c", "d"]);
});

test("Traffic tells watchers what is new, also while the list is paused", () => {
  const traffic = new Traffic();
  const told: (readonly [string, boolean])[] = [];
  traffic.pause(true);
  traffic.changed(exchangeSummary("a", "open"));
  traffic.watch(({ id }, isNew) => {
    told.push([id, isNew]);
    return isNew;
  });
  traffic.changed(exchangeSummary("a"));
  traffic.changed(exchangeSummary("b", "open"));
  traffic.changed(exchangeSummary("c"));
  expect(told).toEqual([
    ["a", false],
    ["b", true],
  ]);
});
