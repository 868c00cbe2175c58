import type { Env, Hono } from "hono";
import { ResourceNotFound } from "../management/resource-not-found.ts";
import { shellAnswer } from "../../web-ui/server/page-shell.ts";

const SHELL = {
  title: "ginnel dashboard",
  withoutScript: "The dashboard needs JavaScript. The management API and <code>ginnel api</code> do the same.",
  assetsPath: "/dashboard/assets/",
} as const;

/** Adds the pages to the app of the dashboard, behind everything else below its path. The files are read when somebody asks first. */
export function pageRoutes<E extends Env>(app: Hono<E>): void {
  app.get("/assets/:name", async ({ req }) => {
    const { ASSETS } = await import("./assets.ts");
    const answer = ASSETS.answer(req.param("name"));
    if (answer === undefined) throw new ResourceNotFound();
    return answer;
  });
  app.get("/*", async ({ req }) => {
    // Relative addresses would lead elsewhere.
    if (new URL(req.url).pathname === "/dashboard")
      return new Response(null, { status: 302, headers: { Location: "/dashboard/" } });
    const { ASSETS } = await import("./assets.ts");
    return shellAnswer(SHELL, ASSETS);
  });
}
