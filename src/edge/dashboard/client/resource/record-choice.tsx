import { useEffect, useState } from "hono/jsx/dom";
import { tellFailure } from "../../../../web-ui/client/notice.ts";
import { textOf } from "../../../../web-ui/client/text-of.ts";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import { failureText } from "../data/call-failure.ts";
import { allRecords } from "../data/record-pages.ts";
import type { Field, Option } from "./field.ts";
import type { ControlProps } from "./control-props.ts";

interface InputProps<Value> {
  readonly field: Field;
  readonly value: Value;
  readonly control: ControlProps;
  readonly onValue: (value: Value) => void;
}

/** One of the options, among them records of the account. */
export function ChoiceInput({ field, value, control, onValue }: InputProps<string>) {
  const records = useOptions(field);
  const options = [...(field.options ?? []), ...(records ?? [])];
  // Until the records are known, or when there are too many, what is chosen stays chosen.
  const all = options.some((option) => option.value === value) ? options : [...options, { value, label: value }];
  return (
    <select {...control} class="input" onChange={(event: Event) => onValue(textOf(event))}>
      {all.map((option) => (
        <option key={option.value} value={option.value} selected={option.value === value}>
          {visibleText(option.label)}
        </option>
      ))}
    </select>
  );
}

/** Any number of records of the account. */
export function RecordsInput({ field, value, control, onValue }: InputProps<readonly string[]>) {
  const options = useOptions(field);
  const { id, ...said } = control;
  return (
    <div
      id={id}
      class="choices"
      role="group"
      tabindex={-1}
      aria-labelledby={`${id}-label`}
      aria-describedby={said["aria-describedby"]}
    >
      {options === undefined && <p class="quiet">…</p>}
      {options?.length === 0 && (
        <p class="quiet">There are no {field.records?.nouns ?? "records"} yet. Create one first.</p>
      )}
      {options?.map((option) => (
        <label key={option.value} class="check">
          <input
            type="checkbox"
            checked={value.includes(option.value)}
            onChange={({ target }: Event) => {
              const isOn = target instanceof HTMLInputElement && target.checked;
              const rest = value.filter((one) => one !== option.value);
              onValue(isOn ? [...rest, option.value] : rest);
            }}
          />
          <span>{visibleText(option.label)}</span>
        </label>
      ))}
    </div>
  );
}

/** `undefined` until they are known. */
function useOptions({ records }: Field): readonly Option[] | undefined {
  const [options, setOptions] = useState<readonly Option[] | undefined>(undefined);
  useEffect(() => {
    if (records === undefined) return;
    allRecords(records).then(
      (found) => setOptions(found.map((record) => ({ value: record.id, label: records.labelOf(record) }))),
      (failure: unknown) => tellFailure(failureText(failure)),
    );
  }, []);
  return options;
}
