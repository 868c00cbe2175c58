import { tell, tellFailure } from "./notice.ts";

/** Into the clipboard. Browsers allow it on pages of this machine and over https. */
export function copy(text: string, what: string): void {
  if (!("clipboard" in navigator)) {
    tellFailure("This browser lets only pages of this machine, or over https, write to the clipboard.");
    return;
  }
  navigator.clipboard.writeText(text).then(() => tell(`${what} copied`), tellFailure);
}
