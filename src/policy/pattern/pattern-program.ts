/** A pattern as instructions for threads that run side by side, one per place in the program (Thompson, Pike). */
import { PatternFault, type PatternNode, type Range } from "./pattern-syntax.ts";

export type Instruction =
  | { readonly type: "unit"; readonly ranges: readonly Range[] }
  | { readonly type: "assert"; readonly place: "start" | "end" | "word" | "notWord" }
  /** The first is tried first. */
  | { type: "split"; first: number; second: number }
  | { type: "jump"; to: number }
  /** Notes the position: 2n where group n begins, 2n+1 where it ends. */
  | { readonly type: "note"; readonly slot: number }
  | { readonly type: "match" };

/** What a pattern costs per character of input. */
const MAX_INSTRUCTIONS = 1000;

/** @throws PatternFault when counted repetitions make it too long */
export function programOf(node: PatternNode): readonly Instruction[] {
  const program: Instruction[] = [];
  emit({ type: "group", of: node, number: 0 }, program);
  program.push({ type: "match" });
  return program;
}

function emit(node: PatternNode, program: Instruction[]): void {
  if (program.length > MAX_INSTRUCTIONS) throw new PatternFault("is too long once its repetitions are written out");
  switch (node.type) {
    case "set":
      program.push({ type: "unit", ranges: node.ranges });
      return;
    case "assert":
      program.push(node);
      return;
    case "sequence":
      for (const part of node.parts) emit(part, program);
      return;
    case "choice":
      emitChoice(node.parts, program);
      return;
    case "repeat":
      emitRepeat(node, program);
      return;
    case "group":
      program.push({ type: "note", slot: node.number * 2 });
      emit(node.of, program);
      program.push({ type: "note", slot: node.number * 2 + 1 });
      return;
    default:
      node satisfies never;
  }
}

function emitChoice(parts: readonly PatternNode[], program: Instruction[]): void {
  const exits: { type: "jump"; to: number }[] = [];
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1) {
      emit(part, program);
      continue;
    }
    const split: Instruction = { type: "split", first: program.length + 1, second: 0 };
    program.push(split);
    emit(part, program);
    const exit = { type: "jump" as const, to: 0 };
    exits.push(exit);
    program.push(exit);
    split.second = program.length;
  }
  for (const exit of exits) exit.to = program.length;
}

function emitRepeat({ of, least, most, isLazy }: PatternNode & { type: "repeat" }, program: Instruction[]): void {
  for (let times = 0; times < least; times++) {
    const length = program.length;
    emit(of, program);
    // Repetitions of nothing inside each other would take as long as their counts multiplied.
    if (program.length === length) return;
  }
  if (most === Infinity) {
    const start = program.length;
    const leave = optional(program, isLazy, () => emit(of, program));
    program.push({ type: "jump", to: start });
    leave();
    return;
  }
  const leaves: (() => void)[] = [];
  for (let times = least; times < most; times++) leaves.push(optional(program, isLazy, () => emit(of, program)));
  for (const leave of leaves) leave();
}

/** What `body` emits may be passed over; the way around ends where the program does when the result is called. */
function optional(program: Instruction[], isLazy: boolean, body: () => void): () => void {
  const split = { type: "split" as const, first: 0, second: 0 };
  program.push(split);
  const inside = program.length;
  body();
  return () => {
    split.first = isLazy ? program.length : inside;
    split.second = isLazy ? inside : program.length;
  };
}
