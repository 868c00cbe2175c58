import { expect, test } from "bun:test";
import { readFileSync, renameSync } from "node:fs";
import { openProcessLog } from "../../src/cli/process-log.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

test("openProcessLog goes on in a new file at SIGHUP, and leaves the signal alone when it is done", async () => {
  using folder = new TemporaryFolder();
  const path = folder.file("a.log");
  const before = process.listenerCount("SIGHUP");
  {
    await using opened = openProcessLog({ target: { kind: "file", path }, format: "json", level: "info" }, {});
    opened.log.info("first");
    renameSync(path, `${path}.1`);
    process.emit("SIGHUP");
    opened.log.info("second");
  }
  expect(readFileSync(path, "utf8")).toContain('"msg":"second"');
  expect(process.listenerCount("SIGHUP")).toBe(before);
});

test("openProcessLog without a file leaves SIGHUP its meaning", async () => {
  const before = process.listenerCount("SIGHUP");
  await using opened = openProcessLog({ target: { kind: "stdout" }, format: "term", level: "crit" }, { NO_COLOR: "1" });
  opened.log.info("not printed");
  expect(process.listenerCount("SIGHUP")).toBe(before);
});
