/**
 * Regular expressions in linear time: whoever wrote the pattern and whoever wrote the text, the work is bounded by their
 * product and by a budget (no ReDoS). JavaScript's own engine goes back and tries again, which two strangers can make last for ever.
 */
import { type Instruction, programOf } from "./pattern-program.ts";
import { type Range, readPattern } from "./pattern-syntax.ts";

export { PatternFault } from "./pattern-syntax.ts";

/**
 * Steps of threads in one call, where a note counts for each place that it copies; some tens of milliseconds. A program of
 * usual size gets through 100 KB of text with it.
 */
const STEP_BUDGET = 2_000_000;

/** By how much a replacement may make a text longer: both may be of strangers, and a group may be put in thousands of times. */
export const MAX_GROWTH_CHARACTERS = 65_536;

/** The text takes too long for this pattern, or would become too long. Fail closed. */
export class PatternBudgetError extends Error {
  override readonly name = "PatternBudgetError";
}

/** Where groups begin and end in the text, slot 2n and 2n+1 for group n; -1 where none took part. */
type Slots = readonly number[];

interface Thread {
  readonly at: number;
  readonly slots: Slots;
}

export class Pattern {
  readonly source: string;
  readonly #program: readonly Instruction[];
  readonly #noSlots: Slots;

  /** @throws PatternFault */
  constructor(source: string) {
    this.source = source;
    const { node, groups } = readPattern(source);
    this.#program = programOf(node);
    this.#noSlots = Array.from({ length: (groups + 1) * 2 }, () => -1);
  }

  /** Whether some part of the text matches. @throws PatternBudgetError */
  test(text: string): boolean {
    return this.#find(text, 0, { left: STEP_BUDGET }) !== undefined;
  }

  /** Every match replaced; `$0` to `$9` stand for groups, `$$` for a `$`. @throws PatternBudgetError */
  replaceAll(text: string, replacement: string): string {
    const budget = { left: STEP_BUDGET };
    const limit = text.length + MAX_GROWTH_CHARACTERS;
    let result = "";
    let copied = 0;
    for (let from = 0; from <= text.length;) {
      const slots = this.#find(text, from, budget);
      if (slots === undefined) break;
      const [start = 0, end = 0] = slots;
      result += text.slice(copied, start);
      result += expand(replacement, { text, slots, limit: limit - result.length });
      copied = end;
      from = end > start ? end : end + 1;
    }
    return result + text.slice(copied);
  }

  /** The leftmost match from there on, with the priorities of Perl. */
  #find(text: string, from: number, budget: { left: number }): Slots | undefined {
    let found: Slots | undefined;
    let threads: Thread[] = [];
    for (let position = from; position <= text.length; position++) {
      const next: Thread[] = [];
      const seen = new Set<number>();
      const arrivals = threads;
      if (found === undefined) arrivals.push({ at: 0, slots: this.#noSlots });
      const here: Thread[] = [];
      for (const thread of arrivals) this.#follow(thread, { text, position, seen, budget, out: here });
      if (here.length === 0 && found !== undefined) break;
      for (const thread of here) {
        const instruction = this.#program[thread.at];
        if (instruction?.type === "match") {
          found = thread.slots;
          break; // those behind it have a lower priority
        }
        if (instruction?.type !== "unit" || position === text.length) continue;
        if (isIn(text.charCodeAt(position), instruction.ranges)) next.push({ at: thread.at + 1, slots: thread.slots });
      }
      threads = next;
    }
    return found;
  }

  /** To every instruction that waits for a character, each once, in the order of priority. */
  #follow({ at, slots }: Thread, step: Step): void {
    if (step.seen.has(at)) return;
    step.seen.add(at);
    const instruction = this.#program[at];
    step.budget.left -= instruction?.type === "note" ? slots.length : 1;
    if (step.budget.left < 0) throw new PatternBudgetError("a text takes too long for its pattern");
    switch (instruction?.type) {
      case "jump":
        this.#follow({ at: instruction.to, slots }, step);
        return;
      case "split":
        this.#follow({ at: instruction.first, slots }, step);
        this.#follow({ at: instruction.second, slots }, step);
        return;
      case "note":
        this.#follow({ at: at + 1, slots: slots.with(instruction.slot, step.position) }, step);
        return;
      case "assert":
        if (holds(instruction.place, step)) this.#follow({ at: at + 1, slots }, step);
        return;
      case "unit":
      case "match":
        step.out.push({ at, slots });
        return;
      case undefined:
        return;
      default:
        instruction satisfies never;
    }
  }
}

interface Step {
  readonly text: string;
  readonly position: number;
  readonly seen: Set<number>;
  readonly budget: { left: number };
  readonly out: Thread[];
}

function holds(place: "start" | "end" | "word" | "notWord", { text, position }: Step): boolean {
  if (place === "start") return position === 0;
  if (place === "end") return position === text.length;
  const isBoundary = isWord(text.charCodeAt(position - 1)) !== isWord(text.charCodeAt(position));
  return isBoundary === (place === "word");
}

/** NaN, outside of the text, is none. */
function isWord(unit: number): boolean {
  return (
    (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a) || unit === 0x5f || (unit >= 0x61 && unit <= 0x7a)
  );
}

function isIn(unit: number, ranges: readonly Range[]): boolean {
  return ranges.some(([first, last]) => unit >= first && unit <= last);
}

interface Expansion {
  readonly text: string;
  readonly slots: Slots;
  /** Characters that there is room for. */
  readonly limit: number;
}

/** @throws PatternBudgetError before more is put together than there is room for */
function expand(replacement: string, { text, slots, limit }: Expansion): string {
  let left = limit;
  const spend = (characters: number): void => {
    left -= characters;
    if (left < 0) throw new PatternBudgetError("a replacement makes a text too long");
  };
  spend(replacement.length);
  return replacement.replaceAll(/\$([0-9$])/g, (_, name: string) => {
    if (name === "$") return "$";
    const start = slots[Number(name) * 2] ?? -1;
    const group = start < 0 ? "" : text.slice(start, slots[Number(name) * 2 + 1]);
    spend(group.length);
    return group;
  });
}
