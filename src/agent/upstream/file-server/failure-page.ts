/** The pages of the file server for what it does not answer. They say nothing about the machine they come from. */
import type { IncomingMessage, ServerResponse } from "node:http";

const TEXTS = {
  400: "This is not an address of a file.",
  403: "This may not be read.",
  404: "There is no such file or folder.",
  405: "Files can only be read here: GET and HEAD.",
  412: "The file is not the version that was asked for.",
  416: "The file has no such part.",
  500: "The file could not be read.",
  503: "Too many files are being read here. Try again in a moment.",
} as const;

/** Headers that were set before stay. */
export function sendFailure(request: IncomingMessage, response: ServerResponse, status: keyof typeof TEXTS): void {
  const body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${status}</title></head>
<body><h1>${status}</h1><p>${TEXTS[status]}</p></body></html>
`;
  response.writeHead(status, { "Content-Type": "text/html; charset=utf-8", "Content-Length": Buffer.byteLength(body) });
  response.end(request.method === "HEAD" ? undefined : body);
}
