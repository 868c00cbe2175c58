import { shortestPath, WORK_LIMIT, type Budget, type Gap, type Numbered } from "./shortest-path.ts";

/** A run of lines that both texts have, or that only one of them has. Numbers are indexes of lines, from 0. */
export interface DiffRun {
  readonly kind: "same" | "removed" | "added";
  /** First line in the left text; for `added` the line it would stand before. */
  readonly left: number;
  /** First line in the right text; for `removed` the line it would stand before. */
  readonly right: number;
  readonly count: number;
}

/**
 * How to get from the left lines to the right ones. Lines that occur once on each side hold the texts together (patience
 * diff), and between them the shortest difference is searched (Myers, "An O(ND) Difference Algorithm", 1986) as far as the
 * limits allow. Runs are in order, and cover every line of both sides once; `removed` stands before `added`.
 */
export function lineDiff(left: readonly string[], right: readonly string[]): readonly DiffRun[] {
  const numbered = numberLines(left, right);
  const runs = new Runs();
  const whole = { left: 0, leftEnd: left.length, right: 0, rightEnd: right.length };
  const { head, middle, tail } = trimmed(numbered, whole);
  runs.add("same", 0, 0, head);
  const budget = { work: WORK_LIMIT };
  let at = { left: middle.left, right: middle.right };
  for (const anchor of [...anchors(numbered, middle), { left: middle.leftEnd, right: middle.rightEnd }]) {
    diffGap(numbered, { ...at, leftEnd: anchor.left, rightEnd: anchor.right }, runs, budget);
    at = anchor;
  }
  runs.add("same", middle.leftEnd, middle.rightEnd, tail);
  return runs.list();
}

function numberLines(left: readonly string[], right: readonly string[]): Numbered {
  const numbers = new Map<string, number>();
  const number = (line: string): number => {
    const known = numbers.get(line) ?? numbers.size;
    numbers.set(line, known);
    return known;
  };
  return { left: Int32Array.from(left, number), right: Int32Array.from(right, number) };
}

/** The gap without the lines that both sides have at its start (`head`) and at its end (`tail`). */
function trimmed({ left, right }: Numbered, gap: Gap): { head: number; middle: Gap; tail: number } {
  const most = Math.min(gap.leftEnd - gap.left, gap.rightEnd - gap.right);
  let head = 0;
  while (head < most && left[gap.left + head] === right[gap.right + head]) head++;
  let tail = 0;
  while (tail < most - head && left[gap.leftEnd - 1 - tail] === right[gap.rightEnd - 1 - tail]) tail++;
  const middle = {
    left: gap.left + head,
    right: gap.right + head,
    leftEnd: gap.leftEnd - tail,
    rightEnd: gap.rightEnd - tail,
  };
  return { head, middle, tail };
}

/** Lines that occur once on each side, as many as stand in the same order on both. They stay in the gap behind them. */
function anchors({ left, right }: Numbered, gap: Gap): readonly { readonly left: number; readonly right: number }[] {
  const inLeft = onlyPlaces(left, gap.left, gap.leftEnd);
  const inRight = onlyPlaces(right, gap.right, gap.rightEnd);
  const pairs: { left: number; right: number; before: number }[] = [];
  /** Index in `pairs` of the chain of each length that ends furthest to the left on the right side. */
  const chains: number[] = [];
  for (let at = gap.left; at < gap.leftEnd; at++) {
    const line = left[at] ?? 0;
    const place = inLeft.get(line) === at ? (inRight.get(line) ?? -1) : -1;
    if (place === -1) continue;
    const length = chainLength(pairs, chains, place);
    chains[length] = pairs.push({ left: at, right: place, before: chains[length - 1] ?? -1 }) - 1;
  }
  const chosen: { left: number; right: number }[] = [];
  for (let i = chains.at(-1) ?? -1; i !== -1; i = pairs[i]?.before ?? -1) {
    const pair = pairs[i];
    if (pair !== undefined) chosen.push(pair);
  }
  return chosen.toReversed();
}

/** Number of each line that occurs exactly once to its place; -1 for those that occur again. */
function onlyPlaces(lines: Int32Array, start: number, end: number): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  for (let at = start; at < end; at++) places.set(lines[at] ?? 0, places.has(lines[at] ?? 0) ? -1 : at);
  return places;
}

/** How many chains end before `place`: by halving, as chains end the later the longer they are. */
function chainLength(pairs: readonly { readonly right: number }[], chains: readonly number[], place: number): number {
  let low = 0;
  let high = chains.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pairs[chains[middle] ?? 0]?.right ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return low;
}

function diffGap(numbered: Numbered, gap: Gap, runs: Runs, budget: Budget): void {
  const { head, middle, tail } = trimmed(numbered, gap);
  runs.add("same", gap.left, gap.right, head);
  const path = shortestPath(numbered, middle, budget);
  let at = { left: middle.left, right: middle.right };
  for (const same of path) {
    runs.add("removed", at.left, at.right, same.left - at.left);
    runs.add("added", same.left, at.right, same.right - at.right);
    runs.add("same", same.left, same.right, same.count);
    at = { left: same.left + same.count, right: same.right + same.count };
  }
  runs.add("removed", at.left, at.right, middle.leftEnd - at.left);
  runs.add("added", middle.leftEnd, at.right, middle.rightEnd - at.right);
  runs.add("same", middle.leftEnd, middle.rightEnd, tail);
}

/** Collects runs; neighbours of one kind become one, and removed lines stand before added ones. */
class Runs {
  readonly #runs: DiffRun[] = [];
  #removed: DiffRun | undefined;
  #added: DiffRun | undefined;

  add(kind: DiffRun["kind"], left: number, right: number, count: number): void {
    if (count === 0) return;
    const run = { kind, left, right, count };
    if (kind === "removed") this.#removed = joined(this.#removed, run);
    else if (kind === "added") this.#added = joined(this.#added, run);
    else this.#addSame(run);
  }

  list(): readonly DiffRun[] {
    this.#flush();
    return this.#runs;
  }

  #addSame(run: DiffRun): void {
    this.#flush();
    const last = this.#runs.at(-1);
    if (last?.kind === "same") this.#runs[this.#runs.length - 1] = joined(last, run);
    else this.#runs.push(run);
  }

  #flush(): void {
    const { left, right } = this.#removed ?? this.#added ?? { left: 0, right: 0 };
    if (this.#removed !== undefined) this.#runs.push({ ...this.#removed, right });
    if (this.#added !== undefined) {
      this.#runs.push({ ...this.#added, left: left + (this.#removed?.count ?? 0), right: this.#added.right });
    }
    this.#removed = undefined;
    this.#added = undefined;
  }
}

function joined(first: DiffRun | undefined, second: DiffRun): DiffRun {
  return first === undefined ? second : { ...first, count: first.count + second.count };
}
