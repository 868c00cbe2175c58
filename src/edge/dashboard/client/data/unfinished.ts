import { useOneEffect } from "../../../../web-ui/client/one-effect.ts";
import { Subject } from "../../../../web-ui/client/subject.ts";

/** How many parts of the page hold what would be lost with them: a form, a question, a token that is shown this once. */
export const unfinished = new Subject(0);

/** Counts this part of the page as long as `isUnfinished`, and as long as it is there. */
export function useUnfinished(isUnfinished: boolean): void {
  useOneEffect(() => {
    if (!isUnfinished) return undefined;
    unfinished.set(unfinished.value + 1);
    return () => unfinished.set(unfinished.value - 1);
  }, [isUnfinished]);
}
