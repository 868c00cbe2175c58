/** The titles of the tests of a file, told from its text. It relies on the formatter: what ends a call stands as far in as what begins it. */

/** What would make a test that is there not count. */
const LEFT_OUT = /\b(?:test|describe)(?:\.\w+)*\.(?:skip|skipIf|todo|todoIf|if|only|failing)\b/;
const TEST = /^( *)test(?:\.(?:concurrent|serial))?(\.each)?[(<]/;
/** The first argument of a call, or nothing where it stands on the next line. */
const ARGUMENT = /\((["'].*)?$/;
/** Behind a table. */
const SECOND_CALL = /\)\((?:["'].*)?$/;

/** Titles as they are written, with their placeholders; those of groups (`describe`) are none. @throws Error for a file that leaves tests out */
export function testTitles(source: string): readonly string[] {
  const left = LEFT_OUT.exec(source);
  if (left !== null) throw new Error(`the file has ${left[0]}, so that a test which it names may not run`);
  const lines = source.split("\n");
  return lines.flatMap((line, at) => {
    const [, indent, table] = TEST.exec(line) ?? [];
    if (indent === undefined) return [];
    const titleAt = table === undefined ? at : endOfTable(lines, at, indent);
    const call = lines[titleAt]?.slice(table === undefined ? 0 : (SECOND_CALL.exec(lines[titleAt] ?? "")?.index ?? 0));
    const title = literalIn(ARGUMENT.exec(call ?? "")?.[1] ?? lines[titleAt + 1] ?? "");
    return title === undefined ? [] : [title];
  });
}

/** The line of the call behind `test.each(…)`; -1: there is none. */
function endOfTable(lines: readonly string[], from: number, indent: string): number {
  return lines.findIndex(
    (line, at) =>
      at >= from &&
      SECOND_CALL.test(line) &&
      (at === from || (line.startsWith(indent) && /^[\])}]/.test(line.slice(indent.length)))),
  );
}

function literalIn(text: string): string | undefined {
  const [literal] = /^\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/.exec(text) ?? [];
  return literal?.trim().slice(1, -1).replaceAll(/\\(.)/g, "$1");
}
