import { describe, expect, test } from "bun:test";
import type { ApiRecord } from "../../../../../src/edge/dashboard/client/data/api-record.ts";
import { failureOf } from "../../../../../src/edge/dashboard/client/data/call-failure.ts";
import { OneRecord } from "../../../../../src/edge/dashboard/client/data/one-record.ts";

/** An edge that answers when it is told to. */
function playedEdge() {
  const asked: PromiseWithResolvers<ApiRecord>[] = [];
  const one = new OneRecord(async () => {
    const answer = Promise.withResolvers<ApiRecord>();
    asked.push(answer);
    return await answer.promise;
  });
  const look = async (answer: ApiRecord | Error): Promise<void> => {
    const looked = one.load();
    if (answer instanceof Error) asked.at(-1)?.reject(answer);
    else asked.at(-1)?.resolve(answer);
    await looked;
  };
  return { one, asked, look };
}

describe("OneRecord", () => {
  test("shows what the last look found", async () => {
    const { one, look } = playedEdge();
    expect(one.shown.value).toEqual({ record: undefined, isGone: false, failure: "" });
    await look({ id: "a", version: 1 });
    await look({ id: "a", version: 2 });
    expect(one.shown.value).toEqual({ record: { id: "a", version: 2 }, isGone: false, failure: "" });
  });

  test.each([
    ["is gone", failureOf(404, { msg: "Resource not found" }), { isGone: true, failure: "" }],
    ["cannot be had", failureOf(503, undefined), { isGone: false, failure: "The edge answered with status 503." }],
    ["is nonsense", new Error("nonsense"), { isGone: false, failure: "nonsense" }],
  ])("keeps what it knew last when it %s, until it can be had again", async (_, failure, shown) => {
    const { one, look } = playedEdge();
    await look({ id: "a" });
    await look(failure);
    expect(one.shown.value).toEqual({ record: { id: "a" }, ...shown });
    await look({ id: "a", isBack: true });
    expect(one.shown.value).toEqual({ record: { id: "a", isBack: true }, isGone: false, failure: "" });
  });

  test("does not look while it is looking", async () => {
    const { one, asked } = playedEdge();
    const looks = [one.load(), one.load()];
    expect(asked.length).toBe(1);
    asked[0]?.resolve({ id: "a" });
    await Promise.all(looks);
    expect(one.shown.value.record).toEqual({ id: "a" });
  });

  test("does not go back behind what was changed while it was looking", async () => {
    const { one, asked } = playedEdge();
    const looked = one.load();
    one.put({ id: "a", description: "changed" });
    asked[0]?.resolve({ id: "a", description: "before" });
    await looked;
    expect(one.shown.value.record).toEqual({ id: "a", description: "changed" });
  });
});
