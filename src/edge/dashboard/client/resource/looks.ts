import { whileVisible } from "../data/while-visible.ts";
import type { ResourcePage } from "./resource.ts";

/** Behind the reason why there is nothing newer. */
export const LAST_KNOWN = "Below is what was known last.";

const LOOK_EVERY_MS = 10_000;

/** Looks once, and at what changes by itself every so often. Answers how to stop. */
export function lookAgain({ isLive }: Pick<ResourcePage, "isLive">, look: () => void): (() => void) | undefined {
  if (isLive === true) return whileVisible(look, LOOK_EVERY_MS);
  look();
  return undefined;
}
