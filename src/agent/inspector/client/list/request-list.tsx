import { memo, useEffect, useLayoutEffect, useRef, useState } from "hono/jsx/dom";
import type { ExchangeSummary } from "../data/exchange.ts";
import { RequestRow, rowId } from "./request-row.tsx";
import { rowWindow, scrollToShow } from "./row-window.ts";

/** A row has one line where there is room for all columns, else two; style.css asks the same question. */
const ONE_LINE_FROM_PX = 740;
const ONE_LINE_PX = 36;
const TWO_LINES_PX = 58;

export interface RequestListProps {
  readonly exchanges: readonly ExchangeSummary[];
  readonly selected: string | undefined;
  readonly onSelect: (id: string) => void;
}

interface View {
  readonly scrollTop: number;
  readonly height: number;
  readonly rowHeight: number;
}

const Row = memo(RequestRow);

/** The list of exchanges. Only rows in sight are elements, so ten thousand cost no more than fifty. */
export function RequestList({ exchanges, selected, onSelect }: RequestListProps) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<View>({ scrollTop: 0, height: 600, rowHeight: TWO_LINES_PX });
  const first = useRef<string | undefined>(undefined);
  const look = (): void => {
    const element = box.current;
    if (element === null) return;
    const rowHeight = element.clientWidth >= ONE_LINE_FROM_PX ? ONE_LINE_PX : TWO_LINES_PX;
    setView((old) => {
      const { scrollTop, clientHeight: height } = element;
      const isSame = old.scrollTop === scrollTop && old.height === height && old.rowHeight === rowHeight;
      return isSame ? old : { scrollTop, height, rowHeight };
    });
  };
  useEffect(() => {
    const observer = new ResizeObserver(look);
    if (box.current !== null) observer.observe(box.current);
    look();
    return () => observer.disconnect();
  }, []);
  // Whoever has scrolled down keeps seeing the same rows when new ones come in above.
  useLayoutEffect(() => {
    const element = box.current;
    const added = exchanges.findIndex(({ id }) => id === first.current);
    first.current = exchanges[0]?.id;
    if (element !== null && added > 0 && element.scrollTop > 0) element.scrollTop += added * view.rowHeight;
  }, [exchanges]);
  const selectedIndex = exchanges.findIndex(({ id }) => id === selected);
  useEffect(() => {
    const element = box.current;
    if (element === null || selectedIndex < 0) return;
    const scene = { count: exchanges.length, rowHeight: view.rowHeight, viewHeight: element.clientHeight };
    element.scrollTop = scrollToShow(selectedIndex, { ...scene, scrollTop: element.scrollTop });
  }, [selected]);

  const { rowHeight } = view;
  const scene = { count: exchanges.length, rowHeight, scrollTop: view.scrollTop, viewHeight: view.height };
  const { start, end } = rowWindow(scene);
  const isSelectedDrawn = selectedIndex >= start && selectedIndex < end;
  return (
    <div
      ref={box}
      id="requests"
      class="rows"
      role="listbox"
      aria-label="Requests, newest first"
      tabindex={0}
      aria-activedescendant={isSelectedDrawn && selected !== undefined ? rowId(selected) : undefined}
      onScroll={look}
    >
      <div class="rows-space" role="presentation" style={{ height: `${exchanges.length * rowHeight}px` }}>
        {exchanges.slice(start, end).map((exchange, offset) => (
          <Row
            key={exchange.id}
            exchange={exchange}
            index={start + offset}
            count={exchanges.length}
            top={(start + offset) * rowHeight}
            isSelected={exchange.id === selected}
            onSelect={onSelect}
          />
        ))}
      </div>
    </div>
  );
}
