import { useMemo } from "hono/jsx/dom";
import { TextLines } from "../../body/text-lines.ts";
import { LineBox } from "./line-box.tsx";
import { Shown } from "../../../../web-ui/client/shown-text.tsx";

/** A place in a text to look at, in UTF-16 units. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

export interface TextViewProps {
  readonly text: string;
  readonly label: string;
  readonly fault?: Place | undefined;
}

/** Any text, with numbers of its lines; a faulty place stands out and is scrolled to. */
export function TextView({ text, label, fault }: TextViewProps) {
  const lines = useMemo(() => new TextLines(text), [text]);
  const faulty = fault === undefined ? undefined : lines.rowOf(fault.offset);
  return (
    <LineBox
      label={label}
      count={lines.count}
      target={faulty}
      targetClass="line-faulty"
      line={(index) => {
        const row = lines.row(index);
        return (
          <>
            <span class="line-number" aria-hidden="true">
              {row.isContinuation ? "" : row.line}
            </span>
            {index === faulty && fault !== undefined ? (
              <Marked text={row.text} from={fault.offset - row.offset} length={fault.length} />
            ) : (
              <Shown text={row.text} />
            )}
          </>
        );
      }}
    />
  );
}

/** At the end of a text, where something is missing, there is nothing to mark: then the place itself is drawn. */
function Marked({ text, from, length }: { readonly text: string; readonly from: number; readonly length: number }) {
  const to = from + length;
  return (
    <>
      <Shown text={text.slice(0, from)} />
      <mark class="fault-place">{from >= text.length ? " " : <Shown text={text.slice(from, to)} />}</mark>
      <Shown text={text.slice(to)} />
    </>
  );
}
