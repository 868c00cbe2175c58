import { useRef, useState } from "hono/jsx/dom";
import { type FilterField, FILTER_FIELDS } from "../../body/filter-fields.ts";
import type { FilterReading } from "../../body/filter-query.ts";

export interface FilterBarProps {
  readonly text: string;
  readonly reading: FilterReading;
  readonly onText: (text: string) => void;
}

export const FILTER_INPUT_ID = "filter";

/** One line to type a filter into, and the fields that it can ask, for the choosing. */
export function FilterBar({ text, reading, onText }: FilterBarProps) {
  const input = useRef<HTMLInputElement>(null);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const fields = fieldsFor(text);
  const isOpen = isHelpOpen && fields.length > 0;

  const insert = (index: number): void => {
    const chosenField = fields[index];
    if (chosenField === undefined || input.current === null) return;
    const [name, field] = chosenField;
    const before = input.current.value.replace(/[^\s]*$/, (last) => (name.startsWith(last) ? "" : `${last} `));
    onText(`${before}${name}${field.operators[0] ?? ":"}`);
    setChosen(-1);
    input.current.focus();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      event.stopPropagation();
      setHelpOpen(false);
      if (!isOpen && text !== "") onText("");
      else if (!isOpen) document.getElementById("requests")?.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setHelpOpen(true);
      if (event.key === "ArrowDown") setChosen(chosen + 1 < fields.length ? chosen + 1 : 0);
      else setChosen(chosen > 0 ? chosen - 1 : fields.length - 1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (isOpen && chosen >= 0) insert(chosen);
      else {
        setHelpOpen(false);
        document.getElementById("requests")?.focus();
      }
    }
  };
  return (
    <div class="filter" role="search" onFocusOut={(event: FocusEvent) => isLeft(event) && setHelpOpen(false)}>
      <label class="unseen" for={FILTER_INPUT_ID}>
        Filter requests
      </label>
      <input
        ref={input}
        id={FILTER_INPUT_ID}
        class="filter-input"
        type="text"
        role="combobox"
        value={text}
        placeholder="Filter: text, status:4xx, method:POST …"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        aria-expanded={isOpen ? "true" : "false"}
        aria-controls="filter-fields"
        aria-autocomplete="list"
        aria-activedescendant={isOpen && chosen >= 0 ? `filter-field-${chosen}` : undefined}
        aria-describedby="filter-problem"
        aria-invalid={reading.fault !== undefined ? "true" : "false"}
        onFocus={() => setHelpOpen(text === "")}
        onClick={() => setHelpOpen(true)}
        onInput={(event: Event) => {
          if (!(event.target instanceof HTMLInputElement)) return;
          onText(event.target.value);
          setHelpOpen(fieldsFor(event.target.value).length > 0);
          setChosen(-1);
        }}
        onKeyDown={onKey}
      />
      {text === "" ? (
        <kbd class="filter-key" aria-hidden="true">
          /
        </kbd>
      ) : (
        <button
          type="button"
          class="filter-clear"
          aria-label="Remove the filter"
          onClick={() => {
            onText("");
            input.current?.focus();
          }}
        >
          ×
        </button>
      )}
      <ul
        id="filter-fields"
        class="filter-fields"
        role="listbox"
        aria-label="Fields to filter by"
        hidden={!isOpen}
        onMouseDown={(event: Event) => event.preventDefault()}
      >
        {fields.map(([name, { example }], index) => (
          <li
            key={name}
            id={`filter-field-${index}`}
            class={index === chosen ? "filter-field filter-field-chosen" : "filter-field"}
            role="option"
            aria-selected={index === chosen ? "true" : "false"}
            onClick={() => insert(index)}
          >
            <span>{name}</span>
            <code>{example}</code>
          </li>
        ))}
      </ul>
      <p id="filter-problem" class="filter-problem" role="status">
        {reading.fault?.reason ?? ""}
      </p>
    </div>
  );
}

/** Fields that the last word may become; none while a value is being typed. */
function fieldsFor(text: string): readonly (readonly [name: string, field: FilterField])[] {
  const word = /[^\s!]*$/.exec(text)?.[0].toLowerCase() ?? "";
  return [...FILTER_FIELDS].filter(([name]) => name.startsWith(word));
}

function isLeft({ currentTarget, relatedTarget }: FocusEvent): boolean {
  return !(currentTarget instanceof Node && relatedTarget instanceof Node && currentTarget.contains(relatedTarget));
}
