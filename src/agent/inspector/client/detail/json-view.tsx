import type { JsonRow, JsonRows } from "../../body/json-rows.ts";
import { Shown } from "../../../../web-ui/client/shown-text.tsx";
import { TreeView } from "./tree-view.tsx";

/** A JSON text as a tree that can be folded. */
export function JsonView({ rows, label }: { readonly rows: JsonRows; readonly label: string }) {
  return <TreeView rows={rows} label={label} content={(index, isFolded) => content(rows.row(index), isFolded)} />;
}

function content(row: JsonRow, isFolded: boolean) {
  const { kind, name, text, members, closing, hasComma } = row;
  return (
    <>
      {name !== undefined && (
        <>
          <span class="tree-name">
            <Shown text={name} />
          </span>
          {": "}
        </>
      )}
      <span class={`tree-${kind}`}>
        <Shown text={text} />
      </span>
      {isFolded && <span class="quiet"> … {members} </span>}
      {isFolded ? closing : hasComma && kind !== "object" && kind !== "array" ? "," : emptyComma(row)}
    </>
  );
}

/** The comma behind an empty object; a filled one has it behind its end. */
function emptyComma({ kind, members, hasComma }: JsonRow): string {
  return hasComma && (kind === "object" || kind === "array") && members === 0 ? "," : "";
}
