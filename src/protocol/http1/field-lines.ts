/** Names as spelled and values, in their order; one character per octet. */
export type FieldLines = readonly (readonly [name: string, value: string])[];

/** Lines `name: value` up to an empty one, without the white space around values; lines without a colon are left out. */
export function readFieldLines(text: string): FieldLines {
  const fields: (readonly [string, string])[] = [];
  for (const line of text.split("\r\n")) {
    if (line === "") break;
    const colon = line.indexOf(":");
    if (colon > 0) fields.push([line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "")]);
  }
  return fields;
}
