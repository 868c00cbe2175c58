/** What commands print for people and scripts: whole before the process ends, silent when nobody reads it. */
import type { Writable } from "node:stream";

/** Writes text to a stream; settles when it has left the process. A reader that went away (`| head`) is no failure. */
export function printTo(stream: Writable): (text: string) => Promise<void> {
  stream.on("error", () => {}); // told through the callback as well
  return (text) =>
    new Promise((resolve, reject) => {
      stream.write(text, (error?: NodeJS.ErrnoException | null) => {
        if (error === undefined || error === null || error.code === "EPIPE") resolve();
        else reject(error);
      });
    });
}
