import { textOf } from "../../../../web-ui/client/text-of.ts";
import type { ResourcePage } from "./resource.ts";
import type { SearchedRecords } from "./use-record-search.ts";

export interface RecordSearchProps {
  readonly resource: ResourcePage;
  readonly search: SearchedRecords;
}

/** Narrows a list down to the records with some words in them. */
export function RecordSearch({ resource, search: { query, setQuery, result } }: RecordSearchProps) {
  const id = `search-${resource.page}`;
  return (
    <div class="record-search" role="search" aria-label={resource.title}>
      <label class="form-label" for={id}>
        Search
      </label>
      <input
        id={id}
        class="input"
        type="search"
        autocomplete="off"
        spellcheck={false}
        value={query}
        onInput={(event: Event) => setQuery(textOf(event))}
      />
      <p class="quiet" role="status">
        {result}
      </p>
    </div>
  );
}
