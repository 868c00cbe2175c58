import { useEffect } from "hono/jsx/dom";

const LOOK_EVERY_MS = 20;
const MOST_LOOKS = 25;

/** For who looks at another page, or at what is left after something is gone: the keyboard goes on from the title. */
export function focusTitle(looks = MOST_LOOKS): void {
  setTimeout(() => {
    // As long as a dialog is there, nothing else takes the focus.
    if (document.querySelector("dialog[open]") !== null && looks > 0) focusTitle(looks - 1);
    else document.getElementById("page-title")?.focus();
  }, LOOK_EVERY_MS);
}

/** The name of the browser's window. */
export function useWindowTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · ginnel dashboard`;
  }, [title]);
}
