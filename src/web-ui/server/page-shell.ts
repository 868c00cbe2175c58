/**
 * The one HTML text that all pages of a face are: it names the files, and everything else the pages do in the browser. Nothing in it comes
 * from outside.
 */
import type { PageAssets } from "./page-assets.ts";

/** What strangers sent is shown on pages, so nothing may run, load or be framed but what the program itself serves. */
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

/** HTML, all of it ours. */
export interface ShellTexts {
  readonly title: string;
  /** For who has no JavaScript. */
  readonly withoutScript: string;
  /** Where the files are, with a slash at the end. */
  readonly assetsPath: string;
}

export function shellAnswer({ title, withoutScript, assetsPath }: ShellTexts, assets: PageAssets): Response {
  const shell = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${assetsPath}${assets.icon.name}">
<link rel="stylesheet" href="${assetsPath}${assets.style.name}">
<script type="module" src="${assetsPath}${assets.script.name}"></script>
</head>
<body>
<div id="app"></div>
<noscript>${withoutScript}</noscript>
</body>
</html>
`;
  return new Response(shell, {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": CONTENT_SECURITY_POLICY,
      "Cache-Control": "no-cache",
    },
  });
}
