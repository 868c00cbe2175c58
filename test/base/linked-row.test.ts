import { expect, test } from "bun:test";
import { type InRow, LinkedRow } from "../../src/base/linked-row.ts";

class Person implements InRow<Person> {
  before: Person | undefined;
  after: Person | undefined;
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

test.each([
  ["the first", "a", "bc"],
  ["one in the middle", "b", "ac"],
  ["the last", "c", "ab"],
  ["all but one", "ac", "b"],
  ["all, from the end", "cba", ""],
])("LinkedRow keeps its order when %s leaves, and who comes back stands at the end", (_, leaving, left) => {
  const row = new LinkedRow<Person>();
  const people = new Map("abc".split("").map((name) => [name, new Person(name)]));
  const person = (name: string): Person => people.get(name) ?? new Person(name);
  for (const name of "abc") row.append(person(name));
  for (const name of leaving) row.remove(person(name));
  for (const name of leaving) row.append(person(name));
  const names = [];
  for (let one = row.first; one !== undefined; one = row.first) {
    names.push(one.name);
    row.remove(one);
  }
  expect(names.join("")).toBe(left + leaving);
});
