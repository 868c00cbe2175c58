import { FilterProblem } from "./filter-problem.ts";

/** Steps: a value that is looked at is one, so is an item of a list, and so are so many characters of a text. */
export const MAX_FILTER_WORK = 500_000;
const CHARACTERS_OF_STEP = 16;

/** What the filter of one call may still cost, over all records: nobody else is served meanwhile. */
export class FilterWork {
  #left: number;

  constructor(steps = MAX_FILTER_WORK) {
    this.#left = steps;
  }

  /** @throws FilterProblem when there were too many */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new FilterProblem("it takes too much work; let it look at fewer or shorter fields");
  }

  /** Before each character of a text is looked at. @throws FilterProblem */
  spendOnText(characters: number): void {
    this.spend(Math.ceil(characters / CHARACTERS_OF_STEP));
  }
}
