import { expect, test } from "bun:test";
import { join } from "node:path";

const MODULE = join(import.meta.dir, "../../src/cli/at-exit.ts");

test.each([
  ["process.exit(3)", 3, "heard\n"],
  ["", 0, "heard\n"],
  ["listening[Symbol.dispose](); process.exit(3)", 3, ""],
])("atExit hears of the end of the process: %p", async (ends, code, output) => {
  const program = `
    import { atExit } from ${JSON.stringify(MODULE)};
    const listening = atExit(() => console.log("heard"));
    ${ends}
  `;
  await using child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe", stderr: "inherit" });
  expect([await child.stdout.text(), await child.exited]).toEqual([output, code]);
});
