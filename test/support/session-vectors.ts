/** Recorded sessions of published agents with an edge, one frame per entry (protocol.md section 13). */
import { join } from "node:path";
import { Glob } from "bun";

export type Direction = "agent->edge" | "edge->agent";

interface Entry {
  readonly dir: Direction;
  readonly hex: string;
}

export interface SessionVector {
  readonly name: string;
  /** The frames of a direction, in the order they were sent. */
  frames(direction: Direction): readonly Uint8Array[];
}

const FOLDER = join(import.meta.dir, "../vectors");

export const SESSION_VECTORS: readonly SessionVector[] = await Promise.all(
  [...new Glob("{js,go}-*.json").scanSync(FOLDER)].sort().map(async (file) => {
    const entries = (await Bun.file(join(FOLDER, file)).json()) as readonly Entry[]; // our own file
    return {
      name: file.replace(".json", ""),
      frames: (direction: Direction) =>
        entries.filter(({ dir, hex }) => dir === direction && hex !== "").map(({ hex }) => Buffer.from(hex, "hex")),
    };
  }),
);
