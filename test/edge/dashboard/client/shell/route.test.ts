import { expect, test } from "bun:test";
import { formatRoute, parseRoute } from "../../../../../src/edge/dashboard/client/shell/route.ts";

test.each([
  ["/dashboard/", "overview", undefined],
  ["/dashboard/agents", "agents", undefined],
  ["/dashboard/domains/rd_1", "domains", "rd_1"],
  ["/dashboard/domains/a%2Fb", "domains", "a/b"],
] as const)("parseRoute reads %s, and formatRoute writes it", (pathname, page, id) => {
  expect(parseRoute({ pathname })).toEqual({ page, id });
  expect(formatRoute({ page, id })).toBe(pathname);
});

test.each([
  ["/dashboard", { page: "overview", id: undefined }],
  ["/dashboard/nowhere", { page: undefined, id: undefined }],
  ["/dashboard/domains/a/b", { page: undefined, id: undefined }],
  ["/dashboard/domains/%zz", { page: "domains", id: "%zz" }],
] as const)("parseRoute makes the best of %s", (pathname, route) => {
  expect(parseRoute({ pathname })).toEqual(route);
});
