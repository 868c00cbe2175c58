/** Compact JSON and a newline at the end (reference.md 3.1, 8.2; clients.md K-110, K-111). */
export function jsonAnswer(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  const json = `${JSON.stringify(value)}\n`;
  // The length is that of GET also where HEAD takes the body away.
  const length = String(Buffer.byteLength(json));
  return new Response(json, {
    status,
    headers: { ...headers, "Content-Type": "application/json", "Content-Length": length },
  });
}

/** The same, of JSON that is made while it is sent. */
export function jsonStreamAnswer(json: ReadableStream<Uint8Array>): Response {
  return new Response(json, { headers: { "Content-Type": "application/json" } });
}

/** Done, and nothing to say. */
export function emptyAnswer(): Response {
  return new Response(null, { status: 204 });
}
