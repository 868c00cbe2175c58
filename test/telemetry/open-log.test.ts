import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { noLog } from "../../src/telemetry/logger.ts";
import type { LogTarget } from "../../src/base/log-settings.ts";
import { checkLogTarget, openLog, type OpenLog } from "../../src/telemetry/open-log.ts";

const folder = mkdtempSync(join(tmpdir(), "open-log-"));
afterAll(() => rmSync(folder, { recursive: true }));

function open(path: string): OpenLog {
  return openTarget({ kind: "file", path });
}

function openTarget(target: LogTarget): OpenLog {
  return openLog({ target, format: "term", level: "info" }, { clock: systemClock, mayColour: true });
}

describe("openLog", () => {
  test("openLog appends to a file of mode 0600, without colour", async () => {
    const path = join(folder, "a.log");
    for (const message of ["first", "second"]) {
      await using opened = open(path);
      opened.log.info(message);
    }
    expect(readFileSync(path, "utf8")).toMatch(/^t=\S+ lvl=info msg=first\nt=\S+ lvl=info msg=second\n$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("openLog keeps what was in the file", async () => {
    const path = join(folder, "b.log");
    writeFileSync(path, "old\n");
    {
      await using opened = open(path);
      opened.log.warn("new");
    }
    expect(readFileSync(path, "utf8")).toMatch(/^old\nt=\S+ lvl=warn msg=new\n$/);
  });

  test("reopen goes on in a new file after the old one was moved away", async () => {
    const path = join(folder, "c.log");
    {
      await using opened = open(path);
      opened.log.info("before");
      await opened.reopen();
      renameSync(path, `${path}.1`);
      await opened.reopen();
      opened.log.info("after");
    }
    expect(readFileSync(`${path}.1`, "utf8")).toContain("before");
    expect(readFileSync(path, "utf8")).toMatch(/^t=\S+ lvl=info msg=after\n$/);
  });

  test("openLog that is off drops everything", () => {
    expect(openTarget({ kind: "off" }).log).toBe(noLog);
  });

  test("openLog names the file that cannot be opened, the reason and the remedy", () => {
    expect(() => open(join(folder, "none", "x.log"))).toThrow(
      /Cannot open log file '.*none\/x\.log': ENOENT.*\nName a file/,
    );
  });
});

describe("checkLogTarget", () => {
  test.each([
    ["below a folder that is not there", join("none", "x.log"), "ENOENT"],
    ["below a file", join("taken.log", "x.log"), "ENOTDIR|is no folder"],
    ["that is a folder", ".", "it is a folder"],
  ])("checkLogTarget refuses a path %s, with the remedy of openLog", (_, name, reason) => {
    writeFileSync(join(folder, "taken.log"), "kept\n");
    const path = join(folder, name);
    const refusal = new RegExp(`Cannot open log file '.*': .*(${reason}).*\\nName a file`);
    expect(() => checkLogTarget({ kind: "file", path })).toThrow(refusal);
    expect(() => open(path)).toThrow("Cannot open log file");
  });

  test("checkLogTarget makes no file, and leaves one as it is", () => {
    const [absent, present] = [join(folder, "absent.log"), join(folder, "present.log")];
    writeFileSync(present, "kept\n");
    for (const path of [absent, present]) checkLogTarget({ kind: "file", path });
    for (const kind of ["off", "stdout", "stderr"] as const) checkLogTarget({ kind });
    expect([existsSync(absent), readFileSync(present, "utf8")]).toEqual([false, "kept\n"]);
  });
});
