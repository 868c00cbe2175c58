/** Why the body of a call cannot be read. */
export type BodyFault = "tooLarge" | "notUtf8";

/** The text of a body of at most `limitBytes`; the rest of a larger one is not read. Empty when there is none. */
export async function readBodyText(
  request: Request,
  limitBytes: number,
): Promise<{ readonly text: string } | BodyFault> {
  if (Number(request.headers.get("Content-Length")) > limitBytes) return "tooLarge";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length;
    if (bytes > limitBytes) return "tooLarge";
    chunks.push(chunk);
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)) };
  } catch {
    return "notUtf8";
  }
}
