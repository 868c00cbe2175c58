import { useState } from "hono/jsx/dom";
import type { FieldDiff } from "../../body/response-diff.ts";
import { Shown } from "../../../../web-ui/client/shown-text.tsx";

/** The headers of two answers. Those that are the same are left out until somebody asks for them. */
export function FieldDiffs({ fields }: { readonly fields: readonly FieldDiff[] }) {
  const [isAll, setAll] = useState(false);
  const changed = fields.filter(({ kind }) => kind !== "same");
  const shown = isAll ? fields : changed;
  return (
    <div class="field-table">
      <h4>
        Headers
        <button
          type="button"
          class="button button-quiet button-small"
          aria-pressed={isAll ? "true" : "false"}
          onClick={() => setAll(!isAll)}
        >
          {isAll ? "Only differences" : `All ${fields.length}`}
        </button>
      </h4>
      {shown.length === 0 && <p class="quiet">No difference.</p>}
      <dl class="fields">
        {shown.map(({ name, kind, left, right, isVolatile }) => (
          <div key={name} class={kind === "same" ? "field" : "field field-changed"}>
            <dt>
              <Shown text={name} />
              <span class="field-note">
                {" "}
                {kind}
                {isVolatile && ", as always"}
              </span>
            </dt>
            <dd class="diff-values">
              <span class={kind === "same" ? "" : "diff-removed"}>
                <Shown text={left.join(", ")} />
              </span>
              <span class={kind === "same" ? "" : "diff-added"}>
                <Shown text={right.join(", ")} />
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
