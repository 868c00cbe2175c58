/**
 * Steps spent on the search for the shortest difference in all. What is left then is shown as removed and added as a whole,
 * which is true, only not as short as could be.
 */
export const WORK_LIMIT = 4_000_000;
/** Few differences in a gap are searched even when the work is spent: the cost is small, and most gaps are so. */
const FREE_EDITS = 16;
/** Differences in one gap beyond which the search for the shortest would cost more memory than it is worth. */
const EDIT_LIMIT = 1000;

/** What is left of `WORK_LIMIT`, shared by all gaps of two texts; counted down by the search. */
export interface Budget {
  work: number;
}

/** A stretch of both texts: lines from `left` up to `leftEnd`, and from `right` up to `rightEnd`, not included. */
export interface Gap {
  readonly left: number;
  readonly leftEnd: number;
  readonly right: number;
  readonly rightEnd: number;
}

/** The number of a line's text, the same for equal lines of both sides. */
export interface Numbered {
  readonly left: Int32Array;
  readonly right: Int32Array;
}

/** Lines that both texts have at these places. */
export interface SameLines {
  readonly left: number;
  readonly right: number;
  readonly count: number;
}

/**
 * The runs of equal lines on the shortest path through the gap; none when a limit is met. `furthest` holds, for each
 * diagonal, how far on the left side a path of so many edits gets; a copy for each number of edits leads back at the end.
 */
export function shortestPath({ left, right }: Numbered, gap: Gap, budget: Budget): readonly SameLines[] {
  const leftCount = gap.leftEnd - gap.left;
  const rightCount = gap.rightEnd - gap.right;
  if (leftCount === 0 || rightCount === 0) return [];
  const most = Math.min(leftCount + rightCount, EDIT_LIMIT);
  const furthest = new Int32Array(2 * most + 3);
  const middle = most + 1;
  const history: Int32Array[] = [];
  for (let edits = 0; edits <= most && (budget.work > 0 || edits < FREE_EDITS); edits++) {
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const down = furthest[middle + diagonal + 1] ?? 0;
      const across = furthest[middle + diagonal - 1] ?? 0;
      const isDown = diagonal === -edits || (diagonal !== edits && across < down);
      const start = isDown ? down : across + 1;
      let x = start;
      while (x < leftCount && x - diagonal < rightCount && left[gap.left + x] === right[gap.right + x - diagonal]) x++;
      furthest[middle + diagonal] = x;
      budget.work -= x - start + 1;
      if (x >= leftCount && x - diagonal >= rightCount) return wayBack(history, { leftCount, rightCount }, gap);
    }
    // Only the diagonals reached so far, so that all copies together stay within the square of the edits.
    history.push(furthest.slice(middle - edits, middle + edits + 1));
  }
  return [];
}

/** Walks from the end to the start over the copies of `furthest`, and collects the runs of equal lines. */
function wayBack(
  history: readonly Int32Array[],
  { leftCount, rightCount }: { readonly leftCount: number; readonly rightCount: number },
  gap: Gap,
): readonly SameLines[] {
  const runs: SameLines[] = [];
  let x = leftCount;
  let y = rightCount;
  for (let edits = history.length; edits >= 0; edits--) {
    const diagonal = x - y;
    const before = edits === 0 ? undefined : history[edits - 1];
    const reached = (at: number): number => before?.[at + edits - 1] ?? -1;
    const isDown = diagonal === -edits || (diagonal !== edits && reached(diagonal - 1) < reached(diagonal + 1));
    const fromDiagonal = isDown ? diagonal + 1 : diagonal - 1;
    const fromX = edits === 0 ? 0 : reached(fromDiagonal);
    const startX = edits === 0 ? 0 : isDown ? fromX : fromX + 1;
    const startY = startX - diagonal;
    if (x > startX) runs.push({ left: gap.left + startX, right: gap.right + startY, count: x - startX });
    x = fromX;
    y = fromX - fromDiagonal;
  }
  return runs.toReversed();
}
