/** Which programs may visit, by what they call themselves (reference.md 7.11). */
import { type Pattern, PatternBudgetError } from "./pattern/pattern.ts";

export class UserAgentFilter {
  readonly #allowed: readonly Pattern[];
  readonly #denied: readonly Pattern[];

  constructor({ allow, deny }: { readonly allow: readonly Pattern[]; readonly deny: readonly Pattern[] }) {
    this.#allowed = allow;
    this.#denied = deny;
  }

  /** A matching deny refuses; then, if there is any allow, one has to match. A name too long to decide about is refused. */
  admits(userAgent = ""): boolean {
    try {
      if (this.#denied.some((pattern) => pattern.test(userAgent))) return false;
      return this.#allowed.length === 0 || this.#allowed.some((pattern) => pattern.test(userAgent));
    } catch (error) {
      if (error instanceof PatternBudgetError) return false;
      throw error;
    }
  }
}
