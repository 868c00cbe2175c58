/**
 * The web inspector: pages that show what passed through the tunnels, and replay it. The server's part is here: one HTML
 * shell for every page, and the files it names. The pages get their data from the agent API alone; client/ holds what runs in
 * the browser, body/ how the body of a message is read to be shown. This folder knows neither tunnels nor captures.
 */
import type { Context, Hono } from "hono";

/** What visitors sent is shown there, so nothing may run, load or be framed but what the agent itself serves. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const PAGES = ["/inspect/http", "/inspect/http/:id", "/status"];
const ONE_YEAR_SECONDS = 31_536_000;

/**
 * Adds the inspector's pages to the agent API (reference.md 5.1), which keeps strangers out and protects every answer; only what
 * differs for pages is set here. The files are read when somebody asks first.
 */
export function inspectorRoutes(app: Hono): void {
  app.get("/", (context) => context.redirect("/inspect/http"));
  app.get("/inspect", (context) => context.redirect("/inspect/http"));
  for (const page of PAGES) app.get(page, (context) => sendShell(context));
  app.get("/inspect/assets/:name", (context) => sendAsset(context, context.req.param("name")));
}

async function sendShell(context: Context): Promise<Response> {
  const { ICON_IMAGE, SCRIPT, STYLE } = await import("./assets.ts");
  const shell = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>ginnel inspector</title>
<link rel="icon" href="/inspect/assets/${ICON_IMAGE.name}">
<link rel="stylesheet" href="/inspect/assets/${STYLE.name}">
<script type="module" src="/inspect/assets/${SCRIPT.name}"></script>
</head>
<body>
<div id="app"></div>
<noscript>The inspector needs JavaScript. The same data is at /api/requests/http and /api/tunnels.</noscript>
</body>
</html>
`;
  return context.body(shell, 200, {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-cache",
  });
}

async function sendAsset(context: Context, name: string): Promise<Response> {
  const { ASSETS } = await import("./assets.ts");
  const asset = ASSETS.get(name);
  if (asset === undefined) return context.notFound();
  return context.body(asset.content, 200, {
    "Content-Type": asset.contentType,
    "Cache-Control": `public, max-age=${ONE_YEAR_SECONDS}, immutable`,
  });
}
