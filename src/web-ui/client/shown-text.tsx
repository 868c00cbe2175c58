import { hasHidden, visiblePieces } from "../text/visible-text.ts";

/** Longer pieces are not laid out in one line; the raw view and the download have all of it. */
const SHOWN_CHARS = 10_000;

/** Text of a stranger, as text: what nobody would see, or what would turn the line round, stands as its escape. */
export function Shown({ text }: { readonly text: string }) {
  const cut = text.length > SHOWN_CHARS ? text.slice(0, SHOWN_CHARS) : text;
  return (
    <>
      {hasHidden(cut)
        ? visiblePieces(cut).map(({ kind, text: piece }, index) =>
            kind === "plain" ? (
              piece
            ) : (
              <span key={index} class="odd">
                {piece}
              </span>
            ),
          )
        : cut}
      {cut.length < text.length && (
        <span class="quiet"> … {(text.length - cut.length).toLocaleString("en")} more characters</span>
      )}
    </>
  );
}
