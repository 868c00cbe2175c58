import { expect, test } from "bun:test";
import type { ExchangeSummary } from "../../../../../src/agent/inspector/client/data/exchange.ts";
import { HeaderIndex } from "../../../../../src/agent/inspector/client/data/header-index.ts";
import { Subject } from "../../../../../src/web-ui/client/subject.ts";
import { Traffic } from "../../../../../src/agent/inspector/client/data/traffic.ts";
import { exchangeSummary } from "../../../../support/exchange-summary.ts";
import { playFetch } from "../../../../support/played-fetch.ts";

const HEADS = "/api/requests/http?view=heads";

/** An index whose agent has nothing at first, and what it is asked for. */
function played() {
  const asked: string[] = [];
  const traffic = new Traffic();
  const agent = { returns: new Subject(0), isGone: false };
  const index = new HeaderIndex(traffic, agent.returns);
  const fetching = playFetch((address) => {
    asked.push(address);
    if (agent.isGone) throw new TypeError("fetch failed");
    const ids = new URL(address, "http://agent.test").searchParams.get("ids")?.split(",") ?? [];
    const found = ids.map((id) => traffic.find(id)).filter((exchange) => exchange !== undefined);
    return { requests: found.map(withHeaders) };
  });
  /** The exchanges with their headers, once those have arrived. */
  const filtered = async (...ids: readonly string[]) => {
    const shown = ids.map((id) => traffic.find(id) ?? exchangeSummary(id));
    const arrived = Promise.withResolvers<void>();
    const stop = index.version.listen(arrived.resolve);
    const isAsked = shown.map(index.withHeaders).some(({ request }) => request.headers === undefined);
    if (isAsked) await arrived.promise;
    stop();
    return shown.map(index.withHeaders);
  };
  return { asked, agent, traffic, index, filtered, [Symbol.dispose]: () => fetching[Symbol.dispose]() };
}

function withHeaders({ id, request, response, ...rest }: ExchangeSummary) {
  const answered = response === null ? null : { ...response, headers: { "X-Answer": [id] } };
  return { id, ...rest, request: { ...request, headers: { "X-Of": [id] } }, response: answered };
}

test("HeaderIndex asks for each exchange once, and forgets those that are gone", async () => {
  using scene = played();
  const { asked, traffic, index, filtered } = scene;
  await index.fill();
  traffic.changed(exchangeSummary("a"));
  expect(await filtered("a")).toMatchObject([{ request: { headers: { "X-Of": ["a"] } } }]);
  expect(await filtered("a")).toMatchObject([{ response: { headers: { "X-Answer": ["a"] } } }]);
  traffic.removed(["a"]);
  traffic.changed(exchangeSummary("b"));
  await filtered("b");
  expect(index.withHeaders(exchangeSummary("a")).request.headers).toBeUndefined();
  expect(asked).toEqual([HEADS, `${HEADS}&ids=a`, `${HEADS}&ids=b`]);
});

test("HeaderIndex asks for many in one call", async () => {
  using scene = played();
  const { asked, traffic, index, filtered } = scene;
  await index.fill();
  const ids = Array.from({ length: 201 }, (_, number) => `id${number}`);
  for (const id of ids) traffic.changed(exchangeSummary(id));
  await filtered(...ids);
  expect(asked.slice(1, 2)).toEqual([`${HEADS}&ids=${ids.slice(0, 200).join(",")}`]);
});

test("HeaderIndex knows what was asked while the answer is open, and asks again when it is there", async () => {
  using scene = played();
  const { asked, traffic, index, filtered } = scene;
  await index.fill();
  traffic.changed(exchangeSummary("a", "open"));
  expect(await filtered("a")).toMatchObject([{ request: { headers: { "X-Of": ["a"] } }, response: null }]);
  const arrived = Promise.withResolvers<void>();
  index.version.listen(arrived.resolve);
  const answered = exchangeSummary("a");
  traffic.changed(answered);
  // Not that it has none: that would let it through a filter for its absence.
  expect(index.withHeaders(answered).response).not.toHaveProperty("headers");
  await arrived.promise;
  expect(index.withHeaders(answered)).toMatchObject({ response: { headers: { "X-Answer": ["a"] } } });
  expect(asked).toEqual([HEADS, `${HEADS}&ids=a`, `${HEADS}&ids=a`]);
});

test.each([
  ["a new exchange", false],
  ["one that was answered since", true],
])("HeaderIndex asks again for %s when the agent that was gone is back, and not before", async (_, wasOpen) => {
  using scene = played();
  const { asked, agent, traffic, index, filtered } = scene;
  await index.fill();
  if (wasOpen) {
    traffic.changed(exchangeSummary("a", "open"));
    await filtered("a");
  }
  const before = asked.length;
  traffic.changed(exchangeSummary("a"));
  agent.isGone = true;
  const failed = Promise.withResolvers<void>();
  const stop = index.version.listen(failed.resolve);
  index.withHeaders(exchangeSummary("a"));
  await failed.promise;
  stop();
  index.withHeaders(exchangeSummary("a"));
  expect(asked).toHaveLength(before + 1);
  agent.isGone = false;
  const { value: version } = index.version;
  agent.returns.set(1);
  // So that those who filter look again, also at a list that is paused.
  expect(index.version.value).toBe(version + 1);
  const arrived = Promise.withResolvers<void>();
  index.version.listen(arrived.resolve);
  index.withHeaders(exchangeSummary("a"));
  await arrived.promise;
  expect(index.withHeaders(exchangeSummary("a"))).toMatchObject({ response: { headers: { "X-Answer": ["a"] } } });
  expect(asked).toHaveLength(before + 2);
});
