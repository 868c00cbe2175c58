/** A line of the log in logfmt, taken apart as the Python wrapper does: like the words of a POSIX shell. */

/** The fields of a line. */
export type LogFields = Readonly<Record<string, string>>;

/** Throws at what a POSIX shell could not split: the wrapper would stop reading (clients.md K-072). */
export function fieldsOf(line: string): LogFields {
  const fields: Record<string, string> = {};
  const rest = line.replaceAll(/(\w+)=("(?:[^"\\]|\\.)*"|[^\s"']*)(?: |$)/g, (_, key: string, value: string) => {
    fields[key] = value.startsWith('"') ? (JSON.parse(value) as string) : value; // the same escapes
    return "";
  });
  if (rest !== "") throw new Error(`the line cannot be split: ${line}`);
  return fields;
}
