import { type Child, useState } from "hono/jsx/dom";
import { type FoldableRows, FoldView } from "../../body/fold-view.ts";
import { FoldButtons, FoldToggle } from "./fold-toggle.tsx";
import { LineBox } from "./line-box.tsx";

interface TreeViewProps {
  readonly rows: FoldableRows;
  readonly label: string;
  /** What stands in a row behind its indent and its button. */
  readonly content: (index: number, isFolded: boolean) => Child;
}

/** Rows as a tree of which the groups can be folded. */
export function TreeView({ rows, label, content }: TreeViewProps) {
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
          const isGroup = rows.foldEnd(index) > index;
          const isFolded = isGroup && drawn.isFolded(index);
          return (
            <span class="tree-line" style={{ paddingLeft: `${rows.depth(index) * 16 + 18}px` }}>
              {isGroup && <FoldToggle isFolded={isFolded} onToggle={() => setView(drawn.toggle(index))} />}
              {content(index, isFolded)}
            </span>
          );
        }}
      />
    </>
  );
}
