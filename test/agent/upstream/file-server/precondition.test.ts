import { describe, expect, test } from "bun:test";
import { checkPreconditions, rangeApplies } from "../../../../src/agent/upstream/file-server/precondition.ts";

const VERSION = { etag: '"v1"', modifiedAt: new Date("2024-05-06T07:08:09.500Z") };
const SAME = "Mon, 06 May 2024 07:08:09 GMT";
const EARLIER = "Mon, 06 May 2024 07:08:08 GMT";
const LATER = "Mon, 06 May 2024 07:08:10 GMT";

describe("checkPreconditions", () => {
  test.each([
    [{}, "send"],
    [{ ifNoneMatch: '"v1"' }, "notModified"],
    [{ ifNoneMatch: 'W/"v1"' }, "notModified"],
    [{ ifNoneMatch: '"v0", "v1"' }, "notModified"],
    [{ ifNoneMatch: "*" }, "notModified"],
    [{ ifNoneMatch: '"v0"' }, "send"],
    [{ ifNoneMatch: '"v0"', ifModifiedSince: LATER }, "send"],
    [{ ifModifiedSince: SAME }, "notModified"],
    [{ ifModifiedSince: LATER }, "notModified"],
    [{ ifModifiedSince: EARLIER }, "send"],
    [{ ifModifiedSince: "yesterday" }, "send"],
    [{ ifModifiedSince: "1" }, "send"],
    [{ ifMatch: '"v1"' }, "send"],
    [{ ifMatch: 'W/"v1"' }, "failed"],
    [{ ifMatch: '"v0"' }, "failed"],
    [{ ifMatch: "*" }, "send"],
    [{ ifUnmodifiedSince: EARLIER }, "failed"],
    [{ ifUnmodifiedSince: SAME }, "send"],
    [{ ifMatch: '"v1"', ifUnmodifiedSince: EARLIER }, "send"],
    [{ ifMatch: '"v1"', ifNoneMatch: '"v1"' }, "notModified"],
  ] as const)("answers %j with %p", (conditions, expected) => {
    expect(checkPreconditions(conditions, VERSION)).toBe(expected);
  });
});

describe("rangeApplies", () => {
  test.each([
    [undefined, true],
    ['"v1"', true],
    ['W/"v1"', false],
    ['"v0"', false],
    [SAME, true],
    [EARLIER, false],
    [LATER, false],
    ["nonsense", false],
  ] as const)("says for If-Range %p: %p", (ifRange, expected) => {
    expect(rangeApplies({ ifRange }, VERSION)).toBe(expected);
  });
});
