/** docs/traffic-policy.md has every action that the edge has, and every flag that does without a document. */
import { describe, expect, test } from "bun:test";
import { PublicError } from "../../src/base/errors.ts";
import { reachableCommands } from "../../src/cli/reachable-commands.ts";
import { trafficPolicySteps } from "../../src/policy/traffic-policy/traffic-policy.ts";
import { codeIn, readPage, rowsBelow } from "./page.ts";

const page = await readPage("docs/traffic-policy.md");

describe("docs/traffic-policy.md", () => {
  test("lists the actions that the edge has, and no others", () => {
    const listed = rowsBelow(page, "Actions").flatMap(([cell = ""]) => codeIn(cell));
    expect(listed.toSorted()).toEqual(knownActions());
  });

  test("shows the refusal of another action as it is", () => {
    expect(page).toContain(`ERROR:  ${refusal("oauth")}`);
  });

  test("names flags that are there", async () => {
    const flags = rowsBelow(page, "Flags and keys that do the same").flatMap(([cell = ""]) => codeIn(cell));
    const known = Object.keys((await reachableCommands([]))["http"]?.flags ?? {});
    expect(flags.length).toBeGreaterThan(8);
    expect(flags.filter((flag) => !known.includes(flag.replace("--", "")))).toEqual([]);
  });
});

/** An edge that does not know an action says which it knows. */
function knownActions(): string[] {
  const [, names = ""] = /which has (.*)\.$/.exec(refusal("none")) ?? [];
  return names.split(", ").toSorted();
}

function refusal(type: string): string {
  try {
    trafficPolicySteps(JSON.stringify({ on_http_request: [{ actions: [{ type }] }] }), { protocol: "https" });
  } catch (error) {
    if (error instanceof PublicError) return error.message;
    throw error;
  }
  throw new Error(`the action ${type} was not refused`);
}
