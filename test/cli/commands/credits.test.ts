import { expect, test } from "bun:test";
import { CREDITS_FILE, creditsText } from "../../../scripts/lib/credits.ts";

test("credits are those of what is installed (after a change of dependencies: npx bun scripts/lib/credits.ts)", async () => {
  expect(await Bun.file(CREDITS_FILE).text()).toBe(await creditsText());
});
