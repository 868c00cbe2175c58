/** Small pieces cost a system call each; large ones are memory that a slow caller holds. */
const PIECE_CHARS = 65_536;
/** The runtime lets two hundred MB of texts gather that nobody needs any more; asked this often, it keeps to some forty. */
const GARBAGE_CHARS = 4 * 1024 * 1024;

/**
 * The JSON of `{...head, [key]: [...items]}` and a newline, in pieces that are made when they are asked for: the items may take
 * more memory as text than the agent has to spare. `head` has at least one key.
 */
export function jsonListStream(head: object, key: string, items: Iterable<unknown>): ReadableStream<Uint8Array> {
  const pieces = textPieces(head, key, items);
  const encoder = new TextEncoder();
  let garbageChars = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const { value, done } = pieces.next();
        if (done === true) return controller.close();
        controller.enqueue(encoder.encode(value));
        garbageChars += value.length;
        if (garbageChars < GARBAGE_CHARS) return;
        garbageChars = 0;
        Bun.gc(false);
      },
    },
    { highWaterMark: 0 },
  );
}

function* textPieces(head: object, key: string, items: Iterable<unknown>): Generator<string, undefined> {
  let piece = `${JSON.stringify(head).slice(0, -1)},${JSON.stringify(key)}:[`;
  let comma = "";
  for (const item of items) {
    piece += comma + JSON.stringify(item);
    comma = ",";
    if (piece.length < PIECE_CHARS) continue;
    yield piece;
    piece = "";
  }
  yield `${piece}]}\n`;
}
