/**
 * The web inspector: pages that show what passed through the tunnels, and replay it. The server's part is here: one HTML
 * shell for every page, and the files it names. The pages get their data from the agent API alone; client/ holds what runs in
 * the browser, body/ how the body of a message is read to be shown. This folder knows neither tunnels nor captures.
 */
import type { Hono } from "hono";
import { shellAnswer } from "../../web-ui/server/page-shell.ts";

const PAGES = ["/inspect/http", "/inspect/http/:id", "/status"];

const SHELL = {
  title: "ginnel inspector",
  withoutScript: "The inspector needs JavaScript. The same data is at /api/requests/http and /api/tunnels.",
  assetsPath: "/inspect/assets/",
} as const;

/**
 * Adds the inspector's pages to the agent API (reference.md 5.1), which keeps strangers out and protects every answer; only what
 * differs for pages is set here. The files are read when somebody asks first.
 */
export function inspectorRoutes(app: Hono): void {
  app.get("/", (context) => context.redirect("/inspect/http"));
  app.get("/inspect", (context) => context.redirect("/inspect/http"));
  for (const page of PAGES) app.get(page, () => sendShell());
  app.get("/inspect/assets/:name", async (context) => {
    const { ASSETS } = await import("./assets.ts");
    return ASSETS.answer(context.req.param("name")) ?? context.notFound();
  });
}

async function sendShell(): Promise<Response> {
  const { ASSETS } = await import("./assets.ts");
  return shellAnswer(SHELL, ASSETS);
}
