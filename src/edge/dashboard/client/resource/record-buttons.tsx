import type { ApiRecord } from "../data/api-record.ts";
import type { Action, ResourcePage } from "./resource.ts";

/** What somebody wants with a record, or, to make one, with none. */
export type RecordWish =
  | { readonly kind: "create" }
  | { readonly kind: "edit"; readonly record: ApiRecord }
  | { readonly kind: "act"; readonly record: ApiRecord; readonly action: Action };

export interface RecordButtonsProps {
  readonly resource: ResourcePage;
  readonly record: ApiRecord;
  /** Safe to show. */
  readonly name: string;
  readonly isLarge?: boolean;
  readonly onWish: (wish: RecordWish) => void;
}

/** Everything that can be done with one record. */
export function RecordButtons({ resource, record, name, isLarge = false, onWish }: RecordButtonsProps) {
  if (resource.isOurs?.(record) === false) return null;
  const look = isLarge ? "button" : "button button-small";
  return (
    <span class="buttons">
      {resource.fields !== undefined && (
        <button type="button" class={look} aria-label={`Edit ${name}`} onClick={() => onWish({ kind: "edit", record })}>
          Edit
        </button>
      )}
      {resource.actions.map((action) => (
        <button
          key={action.label}
          type="button"
          class={look}
          aria-label={`${action.label} ${name}`}
          onClick={() => onWish({ kind: "act", record, action })}
        >
          {action.label}
        </button>
      ))}
    </span>
  );
}
