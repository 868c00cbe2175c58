/**
 * A test for texts. Exact: the whole text, to the letter. Otherwise without regard to case: the text contains the pattern, or,
 * when the pattern holds a `*`, the whole text fits it, `*` standing for any characters.
 */
export function textPattern(pattern: string, isExact: boolean): (text: string) => boolean {
  if (isExact) return (text) => text === pattern;
  const wanted = pattern.toLowerCase();
  if (!wanted.includes("*")) return (text) => text.toLowerCase().includes(wanted);
  const pieces = wanted.split("*");
  return (text) => fitsPieces(text.toLowerCase(), pieces);
}

/** Taking the earliest place of each piece loses nothing, so no piece is tried twice. */
function fitsPieces(text: string, pieces: readonly string[]): boolean {
  const first = pieces[0] ?? "";
  const last = pieces.at(-1) ?? "";
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found === -1 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return at <= end;
}
