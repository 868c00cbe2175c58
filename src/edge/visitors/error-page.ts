/** What a visitor sees when the edge itself has to answer: a page, JSON or plain text, by what the visitor accepts. */
import { STATUS_CODES } from "node:http";
import { PublicError } from "../../base/errors.ts";
import { BASIC_REALM } from "../../policy/basic-auth.ts";
import type { RequestHead } from "../../protocol/http1/request-head.ts";
import type { OwnAnswer } from "./own-answer.ts";

/** Asks for the credentials of a protected endpoint (RFC 7617 section 2). */
export function unauthorizedAnswer(): OwnAnswer {
  return {
    status: 401,
    reason: "Unauthorized",
    fields: [
      ["WWW-Authenticate", `Basic realm="${BASIC_REALM}"`],
      ["Content-Type", "text/plain; charset=utf-8"],
      ["Cache-Control", "no-store"],
    ],
    body: new TextEncoder().encode("401 Unauthorized\n"),
  };
}

/** Too many wait already for agents that are on their way back; they are there in a moment. */
export function returningAnswer(request: RequestHead): OwnAnswer {
  const error = new PublicError("ERR_GINNEL_RETURNING", { host: request.host.name });
  const answer = errorAnswer(error, request.get("accept"));
  return { ...answer, fields: [...answer.fields, ["Retry-After", "1"]] };
}

type Format = "html" | "json" | "text";

/**
 * Renders a failure. `accept` is the visitor's Accept header; everything that comes from outside is escaped. `status` is for
 * failures that have several.
 */
export function errorAnswer(error: PublicError, accept: string | undefined, status = error.status): OwnAnswer {
  const format = formatFor(accept);
  const { type, body } = RENDER[format](error, status);
  return {
    status,
    reason: STATUS_CODES[status] ?? "",
    fields: [
      ["Content-Type", type],
      ["Ngrok-Error-Code", error.code],
      ["Cache-Control", "no-store"],
      ...(format === "html" ? PAGE_HEADERS : []),
    ],
    body: new TextEncoder().encode(body),
  };
}

/** It may stand in a frame: there is nothing on it to be clicked, and it takes the place of pages whose owners may have framed them. */
const PAGE_HEADERS = [
  ["Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"],
  ["X-Content-Type-Options", "nosniff"],
] as const;

/** Browsers name text/html; programs that take anything (curl) get text they can read. */
function formatFor(accept = ""): Format {
  const lower = accept.toLowerCase();
  if (lower.includes("text/html")) return "html";
  return lower.includes("json") ? "json" : "text";
}

type Render = (error: PublicError, status: number) => { readonly type: string; readonly body: string };

const RENDER: Readonly<Record<Format, Render>> = {
  text: ({ code, message, hint }) => ({
    type: "text/plain; charset=utf-8",
    body: `${message}\n${hint}\n\n${code}\n`,
  }),
  json: ({ code, message, hint }, status) => ({
    type: "application/json",
    body: `${JSON.stringify({ error_code: code, status_code: status, msg: message, details: { hint } })}\n`,
  }),
  html: ({ code, message, hint }) => ({
    type: "text/html; charset=utf-8",
    body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(message)}</title>
<style>
:root { color-scheme: light dark; }
body { font: 1.05rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 15vh auto 0; padding: 0 1.5rem; }
h1 { font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere; }
code { font-size: 0.9rem; opacity: 0.75; }
</style>
</head>
<body>
<main>
<h1>${escapeHtml(message)}</h1>
<p>${escapeHtml(hint)}</p>
<p><code>${code}</code></p>
</main>
</body>
</html>
`,
  }),
};

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char);
}
