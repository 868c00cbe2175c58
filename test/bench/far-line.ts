/** A long line between the halves of a system, in a process of its own for each port so that it takes nobody's turn. */
import { join } from "node:path";
import type { LineTraits } from "../support/line-direction.ts";
import { Child, freePort } from "./child.ts";
import type { Reach } from "./system.ts";

/** Across a continent, on a good access line. */
export const FAR: LineTraits = { roundTripMs: 50, bytesPerSecond: 50_000_000, bufferBytes: 2 * 1024 * 1024 };
export const FAR_TITLE = `over a line of ${FAR.roundTripMs} ms and ${(FAR.bytesPerSecond * 8) / 1e6} Mbit/s`;

const PROGRAM = join(import.meta.dir, "far-line-process.ts");

/** Nothing between them. */
export const nearby: Reach = (port) => Promise.resolve(port);

/** Lines live until `undo` is disposed of. Nobody needs to listen on the port yet. */
export function farAway(undo: AsyncDisposableStack): Reach {
  return async (port) => {
    const linePort = await freePort();
    const line = undo.use(new Child([process.execPath, "--no-env-file", PROGRAM, String(linePort), String(port)]));
    await line.listensOn(linePort);
    return linePort;
  };
}
