import type { XmlRows } from "../../body/xml-rows.ts";
import { Shown } from "../../../../web-ui/client/shown-text.tsx";
import { TreeView } from "./tree-view.tsx";

/** An XML text as a tree that can be folded. */
export function XmlView({ rows, label }: { readonly rows: XmlRows; readonly label: string }) {
  return <TreeView rows={rows} label={label} content={(index, isFolded) => content(rows, index, isFolded)} />;
}

function content(rows: XmlRows, index: number, isFolded: boolean) {
  const { kind, text, inside, closing } = rows.row(index);
  return (
    <>
      <span class={`tree-xml-${kind}`}>
        <Shown text={text} />
      </span>
      {isFolded && (
        <>
          <span class="quiet"> … {inside} </span>
          <Shown text={closing} />
        </>
      )}
    </>
  );
}
