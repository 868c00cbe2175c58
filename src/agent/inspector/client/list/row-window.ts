/** Which rows of a long list have to be there: those in sight, and a few on either side. */
export interface RowWindow {
  /** Index of the first row. */
  readonly start: number;
  /** Index behind the last row. */
  readonly end: number;
}

export interface RowScene {
  readonly count: number;
  readonly rowHeight: number;
  readonly scrollTop: number;
  readonly viewHeight: number;
}

/** Rows drawn beyond each edge, so that scrolling a little shows no gap. */
const MARGIN_ROWS = 8;

/** 0 <= start <= end <= count, whatever the browser reports. */
export function rowWindow({ count, rowHeight, scrollTop, viewHeight }: RowScene): RowWindow {
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight) - MARGIN_ROWS;
  const last = Math.ceil((Math.max(0, scrollTop) + viewHeight) / rowHeight) + MARGIN_ROWS;
  const start = Math.min(count, Math.max(0, first));
  return { start, end: Math.max(start, Math.min(count, last)) };
}

/** Where to scroll so that this row is in sight, moving as little as possible. */
export function scrollToShow(index: number, { rowHeight, scrollTop, viewHeight }: RowScene): number {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  return top + rowHeight > scrollTop + viewHeight ? top + rowHeight - viewHeight : scrollTop;
}
