import { useEffect } from "hono/jsx/dom";

/** For who looks at another page, or at what is left after something is gone: the keyboard goes on from the title. */
export function focusTitle(): void {
  // Once the browser has the new page.
  setTimeout(() => document.getElementById("page-title")?.focus(), 0);
}

/** The name of the browser's window. */
export function useWindowTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · ginnel dashboard`;
  }, [title]);
}
