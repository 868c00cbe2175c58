export interface ChoiceProps {
  readonly text: string;
  readonly isOn: boolean;
  readonly onChoose: () => void;
}

/** One of several ways to look at the same thing. */
export function Choice({ text, isOn, onChoose }: ChoiceProps) {
  return (
    <button
      type="button"
      class={isOn ? "choice choice-on" : "choice"}
      aria-pressed={isOn ? "true" : "false"}
      onClick={onChoose}
    >
      {text}
    </button>
  );
}
