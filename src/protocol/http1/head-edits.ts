import { checkField, checkText } from "./field-text.ts";
import { writeLatin1 } from "./latin1.ts";
import type { MessageHead } from "./message-head.ts";
import { RequestHead } from "./request-head.ts";

/** What becomes of the lines of one name. */
interface LinePlan {
  readonly name: string;
  readonly lowerName: string;
  /** `keep`: every line stays. `set`: the first gets the value, the others go. `remove`: all go. */
  fate: "keep" | "set" | "remove";
  /** The value set, or what is appended to the last line kept. Becomes a line when there is none. */
  text: string | undefined;
  /** Values of new lines at the end. */
  added: string[];
}

/**
 * Changes to a head, each seeing those before it, and applied to as many heads as wanted. Octets that no change touches
 * stay as they are: spelling, order, white space. Names and values are checked when given, see `checkField`.
 */
export class HeadEdits {
  readonly #plans: LinePlan[] = [];
  #target: string | undefined;
  /** Upper bound of what the changes add to a head. */
  #growth = 0;

  /** Replaces the value in the first line of that name and drops the others; without one, adds a line at the end. */
  set(name: string, value: string): this {
    const plan = this.#planFor(name, value);
    plan.fate = "set";
    plan.text = value;
    plan.added = [];
    return this;
  }

  /** Adds a line at the end. */
  add(name: string, value: string): this {
    this.#planFor(name, value).added.push(value);
    return this;
  }

  /** Adds a member to the list in the last line of that name (RFC 9110 section 5.6.1); without one, adds a line. */
  append(name: string, member: string): this {
    const plan = this.#planFor(name, member);
    const last = plan.added.pop();
    if (last !== undefined || plan.fate === "remove") plan.added.push(joinMembers(last, member));
    else plan.text = joinMembers(plan.text, member);
    return this;
  }

  /** Removes every line of that name. */
  remove(name: string): this {
    const plan = this.#planFor(name, "");
    plan.fate = "remove";
    plan.text = undefined;
    plan.added = [];
    return this;
  }

  /** Replaces the target of a request. */
  setTarget(target: string): this {
    checkText("a request target", target);
    if (target === "" || /[ \t]/.test(target)) throw new Error("a request target is not empty and has no white space");
    this.#target = target;
    this.#growth += target.length;
    return this;
  }

  /** The changed head, ready to send. The one given stays as it is. */
  applyTo(head: MessageHead): Uint8Array {
    const out = new ChangedCopy(head.raw, head.raw.length + this.#growth);
    if (this.#target !== undefined) {
      if (!(head instanceof RequestHead)) throw new Error("only a request has a target to change");
      out.copyTo(head.targetStart).write(this.#target).skipTo(head.targetEnd);
    }
    const met = new Set<LinePlan>();
    for (let line = 0; line < head.fields.count; line++) {
      const plan = this.#plans.find(({ lowerName }) => head.fields.isNamed(line, lowerName));
      if (plan !== undefined) changeLine(head, line, plan, met, out);
    }
    out.copyTo(head.raw.length - 2); // up to the blank line
    for (const plan of this.#plans) {
      if (plan.text !== undefined && !met.has(plan)) out.writeLine(plan.name, plan.text);
      for (const value of plan.added) out.writeLine(plan.name, value);
    }
    return out.copyTo(head.raw.length).bytes();
  }

  #planFor(name: string, text: string): LinePlan {
    checkField(name, text);
    this.#growth += name.length + text.length + LINE_OVERHEAD;
    const lowerName = name.toLowerCase();
    const known = this.#plans.find((plan) => plan.lowerName === lowerName);
    if (known !== undefined) return known;
    const plan: LinePlan = { name, lowerName, fate: "keep", text: undefined, added: [] };
    this.#plans.push(plan);
    return plan;
  }
}

/** `: ` and CR LF, or `, ` before an appended member. */
const LINE_OVERHEAD = 4;

function joinMembers(list: string | undefined, member: string): string {
  return list === undefined || list === "" ? member : `${list}, ${member}`;
}

function changeLine({ fields }: MessageHead, line: number, plan: LinePlan, met: Set<LinePlan>, out: ChangedCopy): void {
  const isFirst = !met.has(plan);
  met.add(plan);
  if (plan.fate === "remove" || (plan.fate === "set" && !isFirst)) {
    out.copyTo(fields.nameStart(line)).skipTo(fields.lineEnd(line));
  } else if (plan.text !== undefined && plan.fate === "set") {
    out.copyTo(fields.valueStart(line)).write(plan.text).skipTo(fields.valueEnd(line));
  } else if (plan.text !== undefined && fields.find(plan.lowerName, line + 1) < 0) {
    const end = fields.valueEnd(line);
    out
      .copyTo(end)
      .write(end > fields.valueStart(line) ? ", " : "")
      .write(plan.text);
  }
}

/** Copies from front to back, with text put in and ranges left out. */
class ChangedCopy {
  readonly #source: Uint8Array;
  readonly #out: Uint8Array;
  #read = 0;
  #written = 0;

  constructor(source: Uint8Array, capacityBytes: number) {
    this.#source = source;
    this.#out = new Uint8Array(capacityBytes);
  }

  copyTo(end: number): this {
    this.#out.set(this.#source.subarray(this.#read, end), this.#written);
    this.#written += end - this.#read;
    this.#read = end;
    return this;
  }

  skipTo(end: number): this {
    this.#read = end;
    return this;
  }

  write(text: string): this {
    this.#written = writeLatin1(this.#out, this.#written, text);
    return this;
  }

  writeLine(name: string, value: string): this {
    return this.write(name).write(": ").write(value).write("\r\n");
  }

  bytes(): Uint8Array {
    return this.#out.subarray(0, this.#written);
  }
}
