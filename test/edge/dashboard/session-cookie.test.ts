import { describe, expect, test } from "bun:test";
import { sessionIdIn } from "../../../src/edge/dashboard/session-cookie.ts";

describe("sessionIdIn", () => {
  test.each([
    [null, undefined],
    ["", undefined],
    ["__Secure-ginnel=a", "a"],
    ["other=1; __Secure-ginnel=a; more=2", "a"],
    ["other=1;__Secure-ginnel=a", "a"],
    ["__Secure-ginnel=a=b", "a=b"],
    ["__Secure-ginnel=", ""],
    ["__Secure-ginnel", undefined],
    ["=__Secure-ginnel", undefined],
    ["x__Secure-ginnel=a", undefined],
    ["__secure-ginnel=a", undefined],
    ["ginnel=a", undefined],
    ["__Secure-ginnel=a; __Secure-ginnel=b", undefined],
    ["__Secure-ginnel=a; __Secure-ginnel=a", undefined],
    ["__Secure-ginnel=a; ginnel=b", "a"],
  ])("sessionIdIn finds in %j the id %j", (cookies, id) => {
    expect(sessionIdIn(cookies, true)).toBe(id);
  });

  test("sessionIdIn has another name without TLS", () => {
    expect(sessionIdIn("__Secure-ginnel=a; ginnel=b", false)).toBe("b");
  });
});
