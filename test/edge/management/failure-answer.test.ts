import { expect, test } from "bun:test";
import { failureAnswer } from "../../../src/edge/management/failure-answer.ts";
import { StoreError } from "../../../src/store/store-error.ts";
import { recordingLog } from "../../support/recording-log.ts";

test.each([
  ["a full disk", new StoreError("diskFull", "the disk is full"), 503, "warn", "the records cannot be used"],
  ["a database that is away", new StoreError("gone", "it is away"), 503, "warn", "the records cannot be used"],
  [
    "a statement that was refused",
    new StoreError("refused", "no such column"),
    503,
    "error",
    "fault in a call of the management API",
  ],
  ["a fault of ours", new TypeError("x is undefined"), 500, "error", "fault in a call of the management API"],
])("failureAnswer of %s keeps the reason for the log", async (_, failure, status, level, message) => {
  const { log, lines } = recordingLog();
  const answer = failureAnswer(failure, "op_1", log);
  expect(answer.status).toBe(status);
  expect(await answer.text()).not.toContain(failure.message);
  expect(lines.map((line) => [line.level, line.message])).toEqual([[level, message]]);
  expect(String(lines[0]?.fields["err"])).toContain(failure.message);
});
