/** The octets of a message: start line, fields, Content-Length where there is a body, body. */
export function httpMessage(
  startLine: string,
  fields: readonly string[] = [],
  body: string | Uint8Array = "",
): Uint8Array<ArrayBuffer> {
  const content = Buffer.from(body);
  const length = content.length === 0 ? [] : [`Content-Length: ${content.length}`];
  const head = [startLine, ...fields, ...length, "", ""].join("\r\n");
  return new Uint8Array(Buffer.concat([Buffer.from(head), content]));
}
