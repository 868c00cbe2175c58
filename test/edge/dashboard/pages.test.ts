import { describe, expect, test } from "bun:test";
import { ASSETS } from "../../../src/edge/dashboard/assets.ts";
import { DashboardCalls } from "../../support/dashboard-calls.ts";

const MARK = "<script>alert(1)</script>";

describe("pageRoutes", () => {
  test("pageRoutes answers every page with the same text, in which nothing of a stranger is", async () => {
    await using scene = await DashboardCalls.open();
    await scene.management.create("credentials", { description: MARK });
    const cookie = await scene.signIn();
    const shells = new Set<string>();
    for (const path of [
      "/dashboard/",
      "/dashboard/agents",
      `/dashboard/agents/${encodeURIComponent(MARK)}`,
      `/dashboard/x?q=${encodeURIComponent(MARK)}`,
    ]) {
      const headers = { "User-Agent": MARK, "Accept-Language": MARK, Referer: `https://api.e.test/${MARK}` };
      for (const options of [{ headers }, { headers, cookie }]) {
        const answer = await scene.send("GET", path, options);
        expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "text/html; charset=utf-8"]);
        expect(answer.headers.get("Set-Cookie")).toBeNull();
        shells.add(await answer.text());
      }
    }
    expect(shells.size).toBe(1);
    const [shell = ""] = shells;
    expect(shell).not.toMatch(/alert|<script(?![^>]* src="\/)|style=|https?:/);
  });

  test("pageRoutes protects pages", async () => {
    await using scene = await DashboardCalls.open();
    const { headers } = await scene.send("GET", "/dashboard/");
    expect(headers.get("Content-Security-Policy")).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
    const names = ["X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cache-Control"];
    expect(names.map((name) => headers.get(name))).toEqual(["nosniff", "no-referrer", "same-origin", "no-cache"]);
  });

  test("pageRoutes leads to where relative addresses fit", async () => {
    await using scene = await DashboardCalls.open();
    const answer = await scene.send("GET", "/dashboard");
    expect([answer.status, answer.headers.get("Location")]).toEqual([302, "/dashboard/"]);
  });

  test("pageRoutes serves every file that the pages name, for ever", async () => {
    await using scene = await DashboardCalls.open();
    const html = await (await scene.send("GET", "/dashboard/")).text();
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? "");
    expect(files).toHaveLength(3);
    for (const file of files) {
      const answer = await scene.send("GET", file);
      expect([answer.status, answer.headers.get("Cache-Control")]).toEqual([
        200,
        "public, max-age=31536000, immutable",
      ]);
      expect((await answer.text()).length).toBeGreaterThan(10);
    }
  });

  test.each(["/dashboard/assets/dashboard.js", "/dashboard/assets/..%2Fpages.ts", "/dashboard/assets/constructor"])(
    "pageRoutes knows no file %s",
    async (path) => {
      await using scene = await DashboardCalls.open();
      expect((await scene.send("GET", path)).status).toBe(404);
    },
  );

  test("pageRoutes has no image that the policy forbids", () => {
    for (const { content } of ASSETS.all) expect(content).not.toMatch(/data:image|url\(["']?data:/);
  });
});
