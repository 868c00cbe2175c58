import { useEffect, useLayoutEffect, useRef, useState } from "hono/jsx/dom";
import type { Child } from "hono/jsx/dom";
import { rowWindow } from "../list/row-window.ts";

export interface LineBoxProps {
  readonly label: string;
  readonly count: number;
  /** Of the line at this index. */
  readonly line: (index: number) => Child;
  /** Brought into sight when it changes. */
  readonly target?: number | undefined;
  readonly targetClass?: string;
  /** Whoever has the last line in sight has it in sight when more come. */
  readonly isFollowing?: boolean;
}

const LINE_PX = 20;
/** Elements of any browser may be this tall; what is longer cannot be scrolled to, and is said to be cut. */
const LINE_LIMIT = 800_000;

/** A box of lines of equal height, of which only those in sight are elements: a body of a megabyte costs no more than a page. */
export function LineBox(props: LineBoxProps) {
  const { label, count, line, target, targetClass = "line-target", isFollowing = false } = props;
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ scrollTop: 0, viewHeight: 600 });
  const isEndInSight = useRef(true);
  const look = (): void => {
    const element = box.current;
    if (element === null) return;
    isEndInSight.current = element.scrollHeight - element.scrollTop - element.clientHeight < LINE_PX;
    setView((old) => {
      const { scrollTop, clientHeight: viewHeight } = element;
      return old.scrollTop === scrollTop && old.viewHeight === viewHeight ? old : { scrollTop, viewHeight };
    });
  };
  useEffect(() => {
    const observer = new ResizeObserver(look);
    if (box.current !== null) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const element = box.current;
    if (element === null || target === undefined) return;
    element.scrollTop = Math.max(0, target * LINE_PX - element.clientHeight / 2);
  }, [target]);
  useLayoutEffect(() => {
    const element = box.current;
    if (isFollowing && isEndInSight.current && element !== null) element.scrollTop = element.scrollHeight;
  }, [count]);
  const shown = Math.min(count, LINE_LIMIT);
  const { start, end } = rowWindow({ count: shown, rowHeight: LINE_PX, ...view });
  const indexes = Array.from({ length: end - start }, (_, offset) => start + offset);
  return (
    <>
      <div ref={box} class="lines" role="region" aria-label={label} tabindex={0} onScroll={look}>
        <div class="lines-space" style={{ height: `${shown * LINE_PX}px` }}>
          {indexes.map((index) => (
            <div
              key={index}
              class={index === target ? `line ${targetClass}` : "line"}
              style={{ transform: `translateY(${index * LINE_PX}px)` }}
            >
              {line(index)}
            </div>
          ))}
        </div>
      </div>
      {count > shown && <p class="quiet">{(count - shown).toLocaleString("en")} more lines are not shown.</p>}
    </>
  );
}
