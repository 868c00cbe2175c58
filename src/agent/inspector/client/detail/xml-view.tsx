import { useState } from "hono/jsx/dom";
import { FoldView } from "../../body/fold-view.ts";
import type { XmlRows } from "../../body/xml-rows.ts";
import { FoldButtons, FoldToggle } from "./fold-toggle.tsx";
import { LineBox } from "./line-box.tsx";
import { Shown } from "./shown-text.tsx";

/** An XML text as a tree that can be folded. */
export function XmlView({ rows, label }: { readonly rows: XmlRows; readonly label: string }) {
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
          const { kind, depth, text, inside, closing } = rows.row(index);
          const isGroup = rows.foldEnd(index) > index;
          const isFolded = isGroup && drawn.isFolded(index);
          return (
            <span class="tree-line" style={{ paddingLeft: `${depth * 16 + 18}px` }}>
              {isGroup && <FoldToggle isFolded={isFolded} onToggle={() => setView(drawn.toggle(index))} />}
              <span class={`tree-xml-${kind}`}>
                <Shown text={text} />
              </span>
              {isFolded && (
                <>
                  <span class="quiet"> … {inside} </span>
                  <Shown text={closing} />
                </>
              )}
            </span>
          );
        }}
      />
    </>
  );
}
