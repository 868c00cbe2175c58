import { expect, test } from "bun:test";
import { failureOf, failureText } from "../../../../../src/edge/dashboard/client/data/call-failure.ts";

test.each([
  [
    { error_code: "ERR_NGROK_1", status_code: 400, msg: "It is wrong.", details: { hint: "Mend it." } },
    "It is wrong. Mend it. (ERR_NGROK_1)",
  ],
  [{ status_code: 404, msg: "Resource not found", details: {} }, "Resource not found"],
  [undefined, "The edge answered with status 502."],
  ["<html>", "The edge answered with status 502."],
  [{ msg: { x: 1 }, details: null, error_code: 7 }, "The edge answered with status 502."],
])("failureText says %j in one line", (body, text) => {
  expect(failureText(failureOf(502, body))).toBe(text);
});

test("failureText says other failures too", () => {
  expect(failureText(new Error("offline"))).toBe("offline");
  expect(failureText("what")).toBe("what");
});
