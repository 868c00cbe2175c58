import { useState } from "hono/jsx/dom";
import { FoldView } from "../../body/fold-view.ts";
import type { JsonRow, JsonRows } from "../../body/json-rows.ts";
import { FoldButtons, FoldToggle } from "./fold-toggle.tsx";
import { LineBox } from "./line-box.tsx";
import { Shown } from "./shown-text.tsx";

/** A JSON text as a tree that can be folded. */
export function JsonView({ rows, label }: { readonly rows: JsonRows; readonly label: string }) {
  const [view, setView] = useState(() => new FoldView(rows));
  const drawn = view.rows === rows ? view : new FoldView(rows);
  return (
    <>
      <FoldButtons view={drawn} onView={setView} />
      <LineBox
        label={label}
        count={drawn.count}
        line={(position) => {
          const index = drawn.rowAt(position);
          return <Line row={rows.row(index)} index={index} view={drawn} onView={setView} />;
        }}
      />
    </>
  );
}

interface LineProps {
  readonly row: JsonRow;
  readonly index: number;
  readonly view: FoldView;
  readonly onView: (view: FoldView) => void;
}

function Line({ row, index, view, onView }: LineProps) {
  const { kind, depth, name, text, members, closing, hasComma } = row;
  const isGroup = view.rows.foldEnd(index) > index;
  const isFolded = isGroup && view.isFolded(index);
  return (
    <span class="tree-line" style={{ paddingLeft: `${depth * 16 + 18}px` }}>
      {isGroup && <FoldToggle isFolded={isFolded} onToggle={() => onView(view.toggle(index))} />}
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
    </span>
  );
}

/** The comma behind an empty object; a filled one has it behind its end. */
function emptyComma({ kind, members, hasComma }: JsonRow): string {
  return hasComma && (kind === "object" || kind === "array") && members === 0 ? "," : "";
}
