import { describe, expect, test } from "bun:test";
import { AddressWarnings } from "../../../src/edge/address-warnings.ts";
import type { Entrance } from "../../../src/edge/directory.ts";
import { WINDOW_MS } from "../../../src/edge/management/call-limit.ts";
import { CallerEntrance } from "../../../src/edge/management/caller-entrance.ts";
import { OPEN_ACCOUNT } from "../../../src/edge/static-directory.ts";
import { AddressRules } from "../../../src/model/address-rules.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { recordingLog } from "../../support/recording-log.ts";

const INSIDE = "192.0.2.1";
const OUTSIDE = "198.51.100.1";
const NETWORK = AddressRules.parse({ allow: ["192.0.2.0/24"], deny: [] }, "nobody");
const NOBODY_KEPT_OUT = OPEN_ACCOUNT.callerAddresses("api");

interface Kinds {
  readonly enforced?: Entrance;
  readonly warned?: Entrance;
}

/** An entrance of type api for two calls; `asked` tells of what the rules were asked for. */
function scene({ enforced, warned }: Kinds) {
  const clock = new ManualClock();
  const { log, lines } = recordingLog();
  const asked: string[] = [];
  const rulesOf = (kind: string, restricted: Entrance | undefined) => (entrance: Entrance) => {
    asked.push(`${kind} ${entrance}`);
    return entrance === restricted ? NETWORK : NOBODY_KEPT_OUT;
  };
  const rules = {
    ...OPEN_ACCOUNT,
    callerAddresses: rulesOf("enforced", enforced),
    warnedCallerAddresses: rulesOf("warned", warned),
  };
  const services = { directory: { account: () => rules }, clock, addressWarnings: new AddressWarnings(log, clock) };
  const entrance = new CallerEntrance(services, "api", 2);
  const admit = (ip: string): string => {
    try {
      entrance.admit("acct_1", ip);
      return "in";
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
  };
  return { clock, lines, asked, admit };
}

describe("CallerEntrance", () => {
  test("CallerEntrance looks at no rule when there were too many calls", () => {
    const { admit, asked, clock } = scene({ enforced: "api" });
    expect([admit(INSIDE), admit(INSIDE)]).toEqual(["in", "in"]);
    asked.length = 0;
    expect([admit(INSIDE), admit(OUTSIDE)]).toEqual(Array.from({ length: 2 }, () => expect.stringContaining("2")));
    expect(asked).toEqual([]);
    clock.advance(WINDOW_MS);
    expect(admit(INSIDE)).toBe("in");
  });

  test("CallerEntrance does not count against an account whom its restriction keeps out", () => {
    const { admit } = scene({ enforced: "api" });
    for (let call = 0; call < 5; call++) expect(admit(OUTSIDE)).toContain("IP restriction");
    expect([admit(INSIDE), admit(OUTSIDE), admit(INSIDE)]).toEqual(["in", expect.any(String), "in"]);
    expect(admit(INSIDE)).not.toBe("in");
  });

  test.each([
    [{ enforced: "dashboard", warned: "dashboard" }, "in", 0],
    [{ warned: "api" }, "in", 1],
    [{ enforced: "api" }, expect.stringContaining("api"), 0],
  ] as const)("CallerEntrance applies the restrictions of its own type alone: %j", (kinds, expected, warnings) => {
    const { admit, lines } = scene(kinds);
    expect([admit(OUTSIDE), lines.length]).toEqual([expected, warnings]);
  });
});
