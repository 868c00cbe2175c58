/** A question with numbers for an answer: put to every system (cases.ts), or to the compiled program (program-cases.ts). */
import type { RunningSystem, Upstreams } from "./system.ts";

export interface Question {
  readonly name: string;
  /** What the value is, for people. */
  readonly title: string;
  readonly unit: string;
  /** "more" and "less" say which is better; the ratio is always ours to theirs. */
  readonly better: "more" | "less";
  /** What CPU time is given per; without it the answer says nothing about CPU time. */
  readonly cpuUnit?: "request" | "GB";
}

export interface Sample {
  /** In the unit of the question. */
  readonly value: number;
  /** Work done, to divide CPU time by, in the unit of `cpuUnit`. */
  readonly work?: number;
}

export interface Case extends Question {
  /** Asks about the memory of the system's processes: it gets new ones, and the direct way has no answer. */
  readonly asksForMemory?: boolean;
  /** Asks about systems whose halves are far from each other (far-line.ts). */
  readonly isFar?: boolean;
  measure(system: RunningSystem, seconds: number): Promise<Sample>;
}

export interface ProgramCase extends Question {
  /** The value may differ from time to time. */
  readonly varies: boolean;
  measure(upstreams: Upstreams): Promise<number>;
}
