import type { Child } from "hono/jsx/dom";
import { textOf } from "../../../../web-ui/client/text-of.ts";
import { tellFailure } from "../../../../web-ui/client/notice.ts";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import type { DraftValue, Field } from "./field.ts";
import type { ControlProps } from "./control-props.ts";
import { ChoiceInput, RecordsInput } from "./record-choice.tsx";

export interface FieldInputProps {
  readonly field: Field;
  readonly value: DraftValue;
  /** What the edge said about the value; empty when nothing. */
  readonly fault: string;
  readonly onValue: (value: DraftValue) => void;
}

/** Of a PEM text: far more than any chain. */
const MAX_FILE_BYTES = 1_000_000;

export function inputIdOf(name: string): string {
  return `field-${name}`;
}

/** One field of a form: name, control, hint, and what is wrong with it. */
export function FieldInput({ field, value, fault, onValue }: FieldInputProps) {
  const id = inputIdOf(field.name);
  const [hintId, faultId] = [`${id}-hint`, `${id}-fault`];
  const said = [fault === "" ? "" : faultId, field.hint === undefined ? "" : hintId].filter((part) => part !== "");
  const control: ControlProps = {
    id,
    ...(said.length === 0 ? {} : { "aria-describedby": said.join(" ") }),
    ...(fault === "" ? {} : { "aria-invalid": "true" }),
    ...(field.isRequired === true ? { "aria-required": "true" } : {}),
  };
  const labelClass = field.isRequired === true ? "form-label form-label-needed" : "form-label";
  const isGroup = field.kind === "records";
  return (
    <div class={field.kind === "check" ? "form-field form-field-check" : "form-field"}>
      {isGroup ? (
        <span class={labelClass} id={`${id}-label`}>
          {field.label}
        </span>
      ) : (
        <label class={labelClass} for={id}>
          {field.label}
        </label>
      )}
      {controlOf({ field, value, onValue, control })}
      {fault !== "" && (
        <p class="form-fault" id={faultId} role="alert">
          {visibleText(fault)}
        </p>
      )}
      {field.hint !== undefined && (
        <p class="form-hint" id={hintId}>
          {field.hint}
        </p>
      )}
    </div>
  );
}

interface ControlScene extends Pick<FieldInputProps, "field" | "value" | "onValue"> {
  readonly control: ControlProps;
}

function controlOf({ field, value, onValue, control }: ControlScene): Child {
  const { kind, placeholder } = field;
  const common = {
    ...control,
    ...(placeholder === undefined ? {} : { placeholder }),
    value: String(value),
    autocomplete: "off",
    onInput: (event: Event) => onValue(textOf(event)),
  };
  switch (kind) {
    case "text":
      return <input class="input" type="text" {...common} />;
    case "area":
      return <textarea class="input body-input" rows={2} {...common} />;
    case "lines":
      return <textarea class="input body-input mono" rows={3} spellcheck={false} {...common} />;
    case "policy":
      return <textarea class="input body-input mono" rows={12} spellcheck={false} {...common} />;
    case "pem":
      return (
        <>
          <textarea class="input body-input mono" rows={5} spellcheck={false} {...common} />
          <input
            type="file"
            class="file"
            aria-label={`${field.label} from a file`}
            onChange={(event: Event) => readFile(event, onValue)}
          />
        </>
      );
    case "check":
      return (
        <input
          {...control}
          type="checkbox"
          checked={value === true}
          onChange={({ target }: Event) => onValue(target instanceof HTMLInputElement && target.checked)}
        />
      );
    case "choice":
      return <ChoiceInput field={field} value={String(value)} control={control} onValue={onValue} />;
    case "records":
      return (
        <RecordsInput
          field={field}
          value={typeof value === "object" ? value : []}
          control={control}
          onValue={onValue}
        />
      );
    default:
      return kind satisfies never;
  }
}

function readFile({ target }: Event, onText: (text: string) => void): void {
  const file = target instanceof HTMLInputElement ? target.files?.[0] : undefined;
  if (file === undefined) return;
  if (file.size > MAX_FILE_BYTES) {
    tellFailure(`${visibleText(file.name)} is larger than any certificate or key.`);
    return;
  }
  file.text().then(onText, tellFailure);
}
