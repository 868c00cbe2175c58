import { copy } from "../../../../web-ui/client/copy.ts";
import { Shown } from "../../../../web-ui/client/shown-text.tsx";

export interface ShownField {
  readonly name: string;
  readonly value: string;
  /** What there is to say about it, behind the value. */
  readonly note?: string | undefined;
}

export interface FieldTableProps {
  readonly title: string;
  readonly fields: readonly ShownField[];
  /** Said in place of an empty table; without it nothing is shown then. */
  readonly whenEmpty?: string;
}

/** Nobody reads more rows, and each costs a browser several elements; the text view and the raw bytes have all of them. */
const ROW_LIMIT = 500;

/** Names and values as a table. */
export function FieldTable({ title, fields, whenEmpty }: FieldTableProps) {
  if (fields.length === 0 && whenEmpty === undefined) return null;
  return (
    <div class="field-table">
      <h4>
        {title}
        {fields.length > 0 && (
          <button
            type="button"
            class="button button-quiet button-small"
            aria-label={`Copy ${title.toLowerCase()}`}
            onClick={() => copy(fields.map(({ name, value }) => `${name}: ${value}`).join("\n"), title)}
          >
            Copy
          </button>
        )}
      </h4>
      {fields.length === 0 ? (
        <p class="quiet">{whenEmpty}</p>
      ) : (
        <dl class="fields">
          {fields.slice(0, ROW_LIMIT).map(({ name, value, note }, index) => (
            <div key={index} class="field">
              <dt>
                <Shown text={name} />
              </dt>
              <dd>
                <Shown text={value} />
                {note !== undefined && (
                  <span class="field-note">
                    {" "}
                    <Shown text={note} />
                  </span>
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {fields.length > ROW_LIMIT && (
        <p class="quiet">{(fields.length - ROW_LIMIT).toLocaleString("en")} more are not drawn here.</p>
      )}
    </div>
  );
}
