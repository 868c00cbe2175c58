import { describe, expect, test } from "bun:test";
import { LineLogger } from "../../src/telemetry/line-logger.ts";
import { LOG_LEVELS, type LogLevel } from "../../src/base/log-settings.ts";
import { formatLogfmt } from "../../src/telemetry/logfmt.ts";
import type { Logger } from "../../src/telemetry/logger.ts";

function recording(level: LogLevel = "debug"): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const clock = { date: () => new Date(0) };
  const write = (line: string): void => void lines.push(line.replace(/^t=\S+ /, "").trimEnd());
  return { lines, log: new LineLogger({ level, format: formatLogfmt, clock, write }) };
}

describe("LineLogger", () => {
  test.each([
    ["crit", ["crit"]],
    ["error", ["crit", "eror"]],
    ["warn", ["crit", "eror", "warn"]],
    ["info", ["crit", "eror", "warn", "info"]],
    ["debug", ["crit", "eror", "warn", "info", "dbug"]],
  ] as const)("LineLogger at level %s prints %j", (level, words) => {
    const { log, lines } = recording(level);
    for (const each of LOG_LEVELS) log[each]("m");
    expect(lines.map((line) => line.slice(4, 8))).toEqual([...words]);
  });

  test("LineLogger adds bound facts to every line, and later ones win", () => {
    const { log, lines } = recording();
    log.with({ obj: "web", id: 1 }).with({ id: 2 }).info("m", { a: undefined, b: null });
    log.info("m");
    expect(lines).toEqual(["lvl=info msg=m obj=web id=2 b=nil", "lvl=info msg=m"]);
  });

  test("LineLogger gives every error line an err", () => {
    const { log, lines } = recording();
    log.error("it broke", { id: 1 });
    log.crit("it broke", { err: new Error("reason") });
    expect(lines).toEqual(['lvl=eror msg="it broke" id=1 err="it broke"', 'lvl=crit msg="it broke" err=reason']);
  });
});
