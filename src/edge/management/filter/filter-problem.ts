/** What is wrong with a filter; the message goes on where `the filter is invalid: ` ends. */
export class FilterProblem extends Error {
  override readonly name = "FilterProblem";
}
