import { expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { readJson } from "../../../../src/agent/inspector/body/json-tree.ts";
import { readXml } from "../../../../src/agent/inspector/body/xml-tree.ts";
import type { SyntaxFault } from "../../../../src/agent/inspector/body/syntax-fault.ts";

const GOLDEN = join(import.meta.dir, "../../../golden/body");
const RULE = "----------\n";

/** The rows as a page shows them, folded ones in brackets at the end; then the error with its place underlined. */
function drawn(name: string, text: string): string {
  return name.startsWith("json") ? drawnJson(text) : drawnXml(text);
}

function drawnJson(text: string): string {
  const { rows, syntaxError } = readJson(text);
  const lines = Array.from({ length: rows.count }, (_, index) => {
    const { depth, name, text: value, hasComma, closing, members } = rows.row(index);
    const shown = `${name === undefined ? "" : `${name}: `}${value}${hasComma ? "," : ""}`;
    return `${"  ".repeat(depth)}${shown}${closing === "" ? "" : `   [… ${closing} ${members}]`}`;
  });
  return [...lines, ...fault(text, syntaxError), ""].join("\n");
}

function drawnXml(text: string): string {
  const { rows, syntaxError } = readXml(text);
  const lines = Array.from({ length: rows.count }, (_, index) => {
    const { depth, text: shown, closing, inside } = rows.row(index);
    return `${"  ".repeat(depth)}${shown}${closing === "" ? "" : `   [… ${closing} ${inside}]`}`;
  });
  return [...lines, ...fault(text, syntaxError), ""].join("\n");
}

function fault(text: string, found: SyntaxFault | undefined): readonly string[] {
  if (found === undefined) return [];
  const { offset, length, line, column, reason } = found;
  const shown = text.split("\n")[line - 1] ?? "";
  return [
    "",
    `line ${line}, column ${column}: ${reason}`,
    shown,
    " ".repeat(column - 1) + "^".repeat(Math.max(1, length)),
    `(${offset})`,
  ];
}

test.each([...new Glob("*.txt").scanSync(GOLDEN)].sort())("readJson and readXml show %s as ever", async (name) => {
  const [input = "", expected = ""] = (await Bun.file(join(GOLDEN, name)).text()).split(RULE);
  expect(drawn(name, input)).toBe(expected);
});
