import type { FoldView } from "../../body/fold-view.ts";

/** Opens and folds one group of a tree. */
export function FoldToggle({ isFolded, onToggle }: { readonly isFolded: boolean; readonly onToggle: () => void }) {
  return (
    <button
      type="button"
      class="fold"
      aria-expanded={isFolded ? "false" : "true"}
      aria-label={isFolded ? "Unfold" : "Fold"}
      onClick={onToggle}
    >
      <svg viewBox="0 0 10 10" width="8" height="8" aria-hidden="true">
        <path d={isFolded ? "M3 1l4 4l-4 4z" : "M1 3h8l-4 4z"} />
      </svg>
    </button>
  );
}

/** Fewer rows are seen at once. */
const WORTH_FOLDING = 20;

export interface FoldButtonsProps {
  readonly view: FoldView;
  readonly onView: (view: FoldView) => void;
}

/** Opens or folds a whole tree; only where there is something to fold. */
export function FoldButtons({ view, onView }: FoldButtonsProps) {
  if (view.rows.count < WORTH_FOLDING) return null;
  return (
    <div class="fold-buttons">
      <button type="button" class="button button-quiet button-small" onClick={() => onView(view.foldFrom(Infinity))}>
        Unfold all
      </button>
      <button type="button" class="button button-quiet button-small" onClick={() => onView(view.foldFrom(1))}>
        Fold all
      </button>
    </div>
  );
}
