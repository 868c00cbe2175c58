import { expect, test } from "bun:test";
import { HeaderIndex } from "../../../../../src/agent/inspector/client/data/header-index.ts";
import { Traffic } from "../../../../../src/agent/inspector/client/data/traffic.ts";
import { exchangeSummary } from "../../../../support/exchange-summary.ts";
import { playFetch } from "../../../../support/played-fetch.ts";

const LIST = "/api/requests/http";

test("HeaderIndex asks for each exchange once, and forgets those that are gone", async () => {
  const asked: string[] = [];
  using _ = playFetch((address) => {
    asked.push(address);
    return address.includes("?") ? { requests: [] } : withHeaders(address.slice(LIST.length + 1));
  });
  const traffic = new Traffic();
  const index = new HeaderIndex(traffic);
  /** The headers of its request, once they have arrived. */
  const filtered = async (id: string) => {
    const exchange = exchangeSummary(id);
    traffic.changed(exchange);
    const arrived = Promise.withResolvers<void>();
    const stop = index.version.listen(arrived.resolve);
    if (index.withHeaders(exchange).request.headers === undefined) await arrived.promise;
    stop();
    return index.withHeaders(exchange).request.headers;
  };
  await index.fill();
  expect(await filtered("a")).toEqual({ "X-Of": ["a"] });
  expect(await filtered("a")).toEqual({ "X-Of": ["a"] });
  traffic.removed(["a"]);
  await filtered("b");
  expect(index.withHeaders(exchangeSummary("a")).request.headers).toBeUndefined();
  expect(asked).toEqual([`${LIST}?view=heads`, `${LIST}/a`, `${LIST}/b`]);
});

function withHeaders(id: string) {
  const { request, response, ...rest } = exchangeSummary(id);
  return { ...rest, request: { ...request, headers: { "X-Of": [id] } }, response: { ...response, headers: {} } };
}
