import type { Child } from "hono/jsx/dom";

export interface LabelledProps {
  readonly label: string;
  readonly isNarrow?: boolean;
  readonly children?: Child;
}

/** A control of a form below its name. */
export function Labelled({ label, isNarrow = false, children }: LabelledProps) {
  return (
    <label class={isNarrow ? "labelled labelled-narrow" : "labelled"}>
      <span>{label}</span>
      {children}
    </label>
  );
}
