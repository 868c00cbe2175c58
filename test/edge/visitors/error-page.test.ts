import { describe, expect, test } from "bun:test";
import { PublicError } from "../../../src/base/errors.ts";
import { errorAnswer } from "../../../src/edge/visitors/error-page.ts";

const error = new PublicError("ERR_NGROK_3200", { host: `<script>"&'` });
const text = (accept?: string): string => new TextDecoder().decode(errorAnswer(error, accept).body);

describe("errorAnswer", () => {
  test.each([
    ["text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"],
    ["application/json", "application/json"],
    ["application/problem+json, */*", "application/json"],
    ["*/*", "text/plain; charset=utf-8"],
    [undefined, "text/plain; charset=utf-8"],
  ])("answers Accept %p with %s", (accept, type) => {
    const answer = errorAnswer(error, accept);
    expect(new Map(answer.fields).get("Content-Type")).toBe(type);
    expect(new Map(answer.fields).get("Ngrok-Error-Code")).toBe("ERR_NGROK_3200");
    expect(answer.status).toBe(404);
  });

  test("escapes what comes from outside", () => {
    expect(text("text/html")).toContain("<h1>Tunnel &lt;script&gt;&quot;&amp;&#39; not found</h1>");
    expect(text("text/html")).not.toContain("<script>");
  });

  test("says what happened, what to do and the code in each format", () => {
    for (const accept of ["text/html", "application/json", "*/*"]) {
      expect(text(accept)).toContain("No endpoint of this name");
      expect(text(accept)).toContain("ERR_NGROK_3200");
      expect(text(accept)).toContain("not found");
    }
    expect(JSON.parse(text("application/json"))).toMatchObject({ error_code: "ERR_NGROK_3200", status_code: 404 });
  });
});
