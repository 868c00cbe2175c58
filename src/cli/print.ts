/** What commands print for people and scripts: whole before the process ends, silent when nobody reads it. */
import type { Writable } from "node:stream";
import { UsageError } from "../base/errors.ts";

/**
 * Writes text to standard output, given as a stream; settles when it has left the process. A reader that went away
 * (`| head`) is no failure; for every other one, as of a full disk, it rejects with UsageError.
 */
export function printTo(stream: Writable): (text: string) => Promise<void> {
  stream.on("error", () => {}); // told through the callback as well
  return (text) =>
    new Promise((resolve, reject) => {
      stream.write(text, (error?: NodeJS.ErrnoException | null) => {
        if (error === undefined || error === null || error.code === "EPIPE") resolve();
        else
          reject(
            new UsageError(`cannot write the output: ${error.message}; send it to another place`, { cause: error }),
          );
      });
    });
}
