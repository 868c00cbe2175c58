import { describe, expect, test } from "bun:test";
import { sessionIdIn } from "../../../src/edge/dashboard/session-cookie.ts";

describe("sessionIdIn", () => {
  test.each([
    [null, undefined],
    ["", undefined],
    ["__Host-ginnel=a", "a"],
    ["other=1; __Host-ginnel=a; more=2", "a"],
    ["other=1;__Host-ginnel=a", "a"],
    ["__Host-ginnel=a=b", "a=b"],
    ["__Host-ginnel=", ""],
    ["__Host-ginnel", undefined],
    ["=__Host-ginnel", undefined],
    ["x__Host-ginnel=a", undefined],
    ["__host-ginnel=a", undefined],
    ["ginnel=a", undefined],
    ["__Host-ginnel=a; __Host-ginnel=b", undefined],
    ["__Host-ginnel=a; __Host-ginnel=a", undefined],
    ["__Host-ginnel=a; ginnel=b", "a"],
  ])("sessionIdIn finds in %j the id %j", (cookies, id) => {
    expect(sessionIdIn(cookies, true)).toBe(id);
  });

  test("sessionIdIn has another name without TLS", () => {
    expect(sessionIdIn("__Host-ginnel=a; ginnel=b", false)).toBe("b");
  });
});
