/** Rows of which some open a group that can be folded; `json-tree.ts` and `xml-tree.ts` make such rows. */
export interface FoldableRows {
  readonly count: number;
  /** The last row of the group that this row opens; the row itself when it opens none. Groups nest and never overlap. */
  foldEnd(index: number): number;
  /** Nesting of a row, from 0. */
  depth(index: number): number;
}

/** Rows `start + 1` to `end` are hidden; `hiddenBefore` more are hidden by the groups before this one. */
interface HiddenRange {
  readonly start: number;
  readonly end: number;
  readonly hiddenBefore: number;
}

/**
 * Which rows of a tree a virtual list shows while some groups are folded. Never changes: each step gives a new view, so a
 * page can tell by identity that it has to draw. A look-up costs the logarithm of the number of folded groups.
 */
export class FoldView {
  readonly rows: FoldableRows;
  readonly #folded: ReadonlySet<number>;
  readonly #hidden: readonly HiddenRange[];
  /** How many rows are shown. */
  readonly count: number;

  constructor(rows: FoldableRows, folded: ReadonlySet<number> = new Set()) {
    this.rows = rows;
    this.#folded = folded;
    this.#hidden = hiddenRanges(rows, folded);
    const last = this.#hidden.at(-1);
    this.count = rows.count - (last === undefined ? 0 : last.hiddenBefore + last.end - last.start);
  }

  /** Index in the tree of the row shown at `position`, which is from 0 to `count` - 1. */
  rowAt(position: number): number {
    let low = 0;
    let high = this.#hidden.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const range = this.#hidden[middle];
      if (range !== undefined && range.start - range.hiddenBefore < position) low = middle + 1;
      else high = middle;
    }
    const before = this.#hidden[low - 1];
    return before === undefined ? position : position + before.hiddenBefore + before.end - before.start;
  }

  /** Where a row of the tree is shown; for a hidden row the place of the folded row that hides it. */
  positionOf(index: number): number {
    let low = 0;
    let high = this.#hidden.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#hidden[middle]?.start ?? Infinity) < index) low = middle + 1;
      else high = middle;
    }
    const before = this.#hidden[low - 1];
    if (before === undefined) return index;
    if (index <= before.end) return before.start - before.hiddenBefore;
    return index - before.hiddenBefore - (before.end - before.start);
  }

  isFolded(index: number): boolean {
    return this.#folded.has(index);
  }

  /** Folds an open group, opens a folded one; the same view for a row that opens no group. */
  toggle(index: number): FoldView {
    if (this.rows.foldEnd(index) <= index) return this;
    const folded = new Set(this.#folded);
    if (!folded.delete(index)) folded.add(index);
    return new FoldView(this.rows, folded);
  }

  /** Folds every group that lies at `depth` or deeper and opens all others: 0 folds everything, `Infinity` opens it. */
  foldFrom(depth: number): FoldView {
    const folded = new Set<number>();
    for (let i = 0; i < this.rows.count; i++) {
      if (this.rows.depth(i) >= depth && this.rows.foldEnd(i) > i) folded.add(i);
    }
    return new FoldView(this.rows, folded);
  }

  /** Opens every group around a row, so that it is shown. */
  reveal(index: number): FoldView {
    const folded = [...this.#folded].filter((start) => start >= index || this.rows.foldEnd(start) < index);
    return folded.length === this.#folded.size ? this : new FoldView(this.rows, new Set(folded));
  }
}

function hiddenRanges(rows: FoldableRows, folded: ReadonlySet<number>): readonly HiddenRange[] {
  const ranges: HiddenRange[] = [];
  let hiddenBefore = 0;
  let hiddenTo = -1;
  for (const start of [...folded].sort((a, b) => a - b)) {
    const end = rows.foldEnd(start);
    // A folded group inside a folded group hides nothing more.
    if (start <= hiddenTo || end <= start) continue;
    ranges.push({ start, end, hiddenBefore });
    hiddenBefore += end - start;
    hiddenTo = end;
  }
  return ranges;
}
