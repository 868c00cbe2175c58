/** The name we were called by: it decides the name in help texts and the version that is told, and nothing else. */
import { posix, win32 } from "node:path";

export type ProgramName = "ginnel" | "ngrok";

/** From the zeroth word of the command line, which a link or a copy changes. */
export function programName(zerothWord: string): ProgramName {
  return /^ngrok(\.exe)?$/i.test(lastPart(zerothWord)) ? "ngrok" : "ginnel";
}

/**
 * True for an absolute path of a file with one of our names. Some wrappers pass the program's path a second time as the
 * first word (clients.md K-018); no command looks like that.
 */
export function isOwnPath(word: string): boolean {
  const isAbsolute = posix.isAbsolute(word) || win32.isAbsolute(word);
  return isAbsolute && /^(ngrok|ginnel)(\.exe)?$/i.test(lastPart(word));
}

function lastPart(path: string): string {
  return win32.basename(path); // knows both separators
}
