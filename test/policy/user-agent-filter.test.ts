import { expect, test } from "bun:test";
import { Pattern } from "../../src/policy/pattern/pattern.ts";
import { UserAgentFilter } from "../../src/policy/user-agent-filter.ts";

test.each([
  ["nothing asked", [], [], "x", true],
  ["an allow that matches", ["^curl/"], [], "curl/8.1", true],
  ["an allow that does not", ["^curl/"], [], "Mozilla", false],
  ["a deny that matches", [], ["(?i)bot"], "GoogleBot", false],
  ["a deny that does not", [], ["(?i)bot"], "Mozilla", true],
  ["both match", ["curl"], ["curl/7"], "curl/7.1", false],
  ["no name against an allow", ["."], [], undefined, false],
  ["no name against a deny", [], ["."], undefined, true],
  ["a name that takes too long", [], ["(x{0,200}y?){2}z"], "x".repeat(100_000), false],
] as const)("UserAgentFilter with %s", (_, allow, deny, name, expected) => {
  const compiled = (sources: readonly string[]): Pattern[] => sources.map((source) => new Pattern(source));
  expect(new UserAgentFilter({ allow: compiled(allow), deny: compiled(deny) }).admits(name)).toBe(expected);
});
