import { textOf } from "../../../../web-ui/client/text-of.ts";
import type { Field } from "../data/exchange.ts";

export interface FieldRowsProps {
  /** "Header", "Trailer". */
  readonly noun: string;
  readonly fields: readonly Field[];
  readonly onFields: (fields: readonly Field[]) => void;
}

/** Header fields as rows of name and value that can be changed, removed and added. */
export function FieldRows({ noun, fields, onFields }: FieldRowsProps) {
  const change = (index: number, field: Field): void => onFields(fields.with(index, field));
  return (
    <fieldset class="field-rows">
      <legend>{noun}s</legend>
      {fields.map(([name, value], index) => (
        <div key={index} class="field-row">
          <input
            class="input mono"
            aria-label={`${noun} ${index + 1}, name`}
            value={name}
            spellcheck={false}
            onInput={(event: Event) => change(index, [textOf(event), value])}
          />
          <input
            class="input mono"
            aria-label={`${noun} ${index + 1}, value`}
            value={value}
            spellcheck={false}
            onInput={(event: Event) => change(index, [name, textOf(event)])}
          />
          <button
            type="button"
            class="button button-quiet"
            aria-label={`Remove ${noun.toLowerCase()} ${name}`}
            onClick={() => onFields(fields.toSpliced(index, 1))}
          >
            ×
          </button>
        </div>
      ))}
      <button type="button" class="button" onClick={() => onFields([...fields, ["", ""]])}>
        Add {noun.toLowerCase()}
      </button>
    </fieldset>
  );
}
