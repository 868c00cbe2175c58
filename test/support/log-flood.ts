/** A program that logs far more than a pipe holds, then says on stderr how many lines were lost and exits. */
import { systemClock } from "../../src/base/clock.ts";
import { openLog } from "../../src/telemetry/open-log.ts";

const settings = { target: { kind: "stdout" }, format: "logfmt", level: "info" } as const;
const opened = openLog(settings, { clock: systemClock, mayColour: false });
for (let line = 0; line < 20_000; line += 1) opened.log.info("flood", { line });
await opened[Symbol.asyncDispose]();
process.stderr.write(`dropped ${opened.dropped > 0}\n`, () => process.exit(0));
