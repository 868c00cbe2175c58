import { expect, test } from "bun:test";
import { formatRoute, parseRoute, type Route } from "../../../../../src/agent/inspector/client/shell/route.ts";

const LIST: Route = { page: "traffic", id: undefined, filter: "", tab: undefined };

test.each<readonly [string, Route]>([
  ["/inspect/http", LIST],
  ["/inspect/http?q=status%3A4xx+hook", { ...LIST, filter: "status:4xx hook" }],
  ["/inspect/http/airt_1", { ...LIST, id: "airt_1" }],
  ["/inspect/http/airt_1?q=a&tab=raw", { ...LIST, id: "airt_1", filter: "a", tab: "raw" }],
  ["/inspect/http/a%2Fb", { ...LIST, id: "a/b" }],
  ["/status", { ...LIST, page: "status" }],
])("parseRoute and formatRoute agree on %s", (address, route) => {
  const { pathname, search } = new URL(address, "http://127.0.0.1:4040");
  expect(parseRoute({ pathname, search })).toEqual(route);
  expect(formatRoute(route)).toBe(address);
});

test("parseRoute takes an id that is no text as it stands", () => {
  expect(parseRoute({ pathname: "/inspect/http/%ff", search: "" }).id).toBe("%ff");
});
