import { describe, expect, test } from "bun:test";
import { ASSETS } from "../../../src/agent/inspector/assets.ts";
import { ApiScene } from "../../support/api-scene.ts";

const { app } = new ApiScene();
const HOST = { headers: { Host: "localhost" } };

describe("inspectorRoutes", () => {
  test.each(["/", "/inspect"])("sends %s to the list", async (path) => {
    const answer = await app.request(path, HOST);
    expect(answer.status).toBe(302);
    expect(answer.headers.get("location")).toBe("/inspect/http");
  });

  test.each(["/inspect/http", "/inspect/http/airt_1", "/status"])(
    "answers %s with a page that runs no stranger's code",
    async (path) => {
      const answer = await app.request(path, HOST);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
      expect(answer.headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(answer.headers.get("content-security-policy")).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      );
      const html = await answer.text();
      expect(html).not.toMatch(/<script(?![^>]* src="\/)|style=|https?:/);
    },
  );

  test("serves every file that the page names, for ever", async () => {
    const html = await (await app.request("/status", HOST)).text();
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? "");
    expect(files).toHaveLength(3);
    for (const file of files) {
      const answer = await app.request(file, HOST);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      expect((await answer.text()).length).toBeGreaterThan(10);
    }
  });

  test("names no image that its policy forbids", () => {
    for (const { content } of ASSETS.all) expect(content).not.toMatch(/data:image|url\(["']?data:/);
  });

  test("knows no other file", async () => {
    expect((await app.request("/inspect/assets/inspector.js", HOST)).status).toBe(404);
    expect((await app.request("/inspect/assets/..%2Fpages.ts", HOST)).status).toBe(404);
  });
});
