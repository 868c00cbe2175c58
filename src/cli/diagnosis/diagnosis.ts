/** Everything that a diagnosis found, and how people and programs read it. Pure. */
import { hasFailed, type Step, type StepGroup } from "../../agent/diagnosis/step.ts";
import { escapeUnprintable } from "../../base/unprintable.ts";

export interface Diagnosis {
  readonly groups: readonly StepGroup[];
  /** The best session that came about with an edge; undefined without one. */
  readonly best: { readonly region: string; readonly latencyMs: number } | undefined;
}

/** What is shorter is no secret, and part of many words. */
const MIN_SECRET_CHARS = 4;
/** Marks stand in one column. */
const MARK_COLUMN = 60;
const MARKS: Readonly<Record<Step["verdict"], string>> = { ok: "[ OK ]", warn: "[ WARN ]", fail: "[ FAIL ]" };

/** The lines about a group: a step ends in its mark, what is to be said about it stands below. */
export function groupText({ title, steps }: StepGroup): string {
  return [`${escapeUnprintable(title)}\n`, ...steps.map(stepText)].join("");
}

/** The last lines: what it all comes to. */
export function verdictText({ groups, best }: Diagnosis): string {
  if (!hasFailed(groups)) {
    const facts =
      best === undefined ? "" : `: region ${best.region}, latency ${Math.max(1, Math.round(best.latencyMs))} ms`;
    return `Connectivity is fine${escapeUnprintable(facts)}\n`;
  }
  const failures = groups.flatMap(({ title, steps }) =>
    steps.flatMap((step) => (step.verdict === "fail" ? [{ title, step }] : [])),
  );
  const lines = failures.map(
    ({ title, step }) => `  ${step.code}  ${escapeUnprintable(title)}: ${escapeUnprintable(step.name)}\n`,
  );
  return [`Failed:\n`, ...lines].join("");
}

/** No text of the diagnosis holds any of these any more; some come from an edge that repeats what it was told. */
export function withoutSecrets(group: StepGroup, secrets: readonly (string | undefined)[]): StepGroup {
  const known = secrets
    .flatMap((secret = "") => (secret.length < MIN_SECRET_CHARS ? [] : [secret]))
    // One may be a part of another, whose rest would stay.
    .toSorted((one, other) => other.length - one.length);
  const clean = (text: string): string => known.reduce<string>((rest, secret) => rest.replaceAll(secret, "***"), text);
  return {
    title: clean(group.title),
    steps: group.steps.map((step) => {
      const cleaned = { ...step, name: clean(step.name), detail: clean(step.detail) };
      return cleaned.verdict === "ok" ? cleaned : { ...cleaned, remedy: clean(cleaned.remedy) };
    }),
  };
}

function stepText(step: Step): string {
  const name = escapeUnprintable(step.name);
  const about = [step.detail, ...(step.verdict === "ok" ? [] : [`${step.remedy} (${step.code})`])];
  return [
    `  ${name.padEnd(MARK_COLUMN)} ${MARKS[step.verdict]}\n`,
    ...about.map((line) => `      ${escapeUnprintable(line)}\n`),
  ].join("");
}
