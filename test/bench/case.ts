/** Something that is measured: of every system, or of the compiled program alone. Each has a file in cases/; the list is in cases.ts. */
import type { LineHandle } from "./layouts/build-layout.ts";
import type { Places } from "./place.ts";
import type { RunningSystem } from "./system.ts";

/** What a case gives a number for. */
export interface Question {
  readonly name: string;
  /** What the value is, for people. */
  readonly title: string;
  readonly unit: string;
  /** Which is better; ratios are always ours to theirs. */
  readonly better: "more" | "less";
}

export interface Answer {
  /** By the name of the question, in its unit. Infinity: it never came. */
  readonly values: Readonly<Record<string, number>>;
  /** Work done, to divide CPU time by, in the unit of `cpuUnit`. */
  readonly work?: number;
}

/** How much of everything. */
export interface Extent {
  /** Of load, where the case does not need more. */
  readonly seconds: number;
  readonly soakSeconds: number;
  readonly websockets: number;
  readonly agents: number;
  readonly stuckVisitors: number;
}

export interface Circumstances {
  readonly system: RunningSystem;
  readonly places: Places;
  /** Absent where there is no line between edge and agent. */
  readonly line?: LineHandle;
  readonly extent: Extent;
}

interface AnyCase {
  readonly name: string;
  readonly questions: readonly Question[];
}

export interface Case extends AnyCase {
  /** What CPU time is given per; without it the case says nothing about CPU time. */
  readonly cpuUnit?: "request" | "GB";
  /** It gets new processes each time: those that were busy have memory to spare, or it leaves them broken. */
  readonly needsFreshProcesses?: boolean;
  /** It takes too long for further rounds. */
  readonly happensOnce?: boolean;
  /** Absent: all there are. */
  appliesTo?(circumstances: Circumstances): boolean;
  measure(circumstances: Circumstances): Promise<Answer>;
}

/** About the compiled program, without a network to speak of. */
export interface ProgramCase extends AnyCase {
  readonly isAboutProgram: true;
  /** The value is always the same. */
  readonly happensOnce?: boolean;
  measure(upstreamPort: number): Promise<Answer>;
}

/** A case of one question, which has its name. */
export function soleQuestion(question: Question): Pick<AnyCase, "name" | "questions"> {
  return { name: question.name, questions: [question] };
}
