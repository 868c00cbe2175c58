import { describe, expect, test } from "bun:test";
import { Hono } from "hono";
import { inspectorRoutes } from "../../../src/agent/inspector/pages.ts";

const app = new Hono();
inspectorRoutes(app);

describe("inspectorRoutes", () => {
  test.each(["/", "/inspect"])("sends %s to the list", async (path) => {
    const answer = await app.request(path);
    expect(answer.status).toBe(302);
    expect(answer.headers.get("location")).toBe("/inspect/http");
  });

  test.each(["/inspect/http", "/inspect/http/airt_1", "/status"])(
    "answers %s with a page that runs no stranger's code",
    async (path) => {
      const answer = await app.request(path);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
      expect(answer.headers.get("content-security-policy")).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      );
      const html = await answer.text();
      expect(html).not.toMatch(/<script(?![^>]* src="\/)|style=|https?:/);
    },
  );

  test("serves every file that the page names, for ever", async () => {
    const html = await (await app.request("/status")).text();
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? "");
    expect(files).toHaveLength(3);
    for (const file of files) {
      const answer = await app.request(file);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect((await answer.text()).length).toBeGreaterThan(10);
    }
  });

  test("knows no other file", async () => {
    expect((await app.request("/inspect/assets/inspector.js")).status).toBe(404);
    expect((await app.request("/inspect/assets/..%2Fpages.ts")).status).toBe(404);
  });
});
