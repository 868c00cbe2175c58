import { describe, expect, test } from "bun:test";
import { latin1Bytes } from "../../../../src/agent/inspector/body/raw-message.ts";
import { responseDiff, type DiffSide } from "../../../../src/agent/inspector/body/response-diff.ts";

function side(body: string, contentType = "text/plain", more: readonly (readonly [string, string])[] = []): DiffSide {
  return { statusCode: 200, fields: [["Content-Type", contentType], ...more], body: latin1Bytes(body) };
}

describe("responseDiff", () => {
  test("responseDiff finds two equal answers the same, whatever their dates", () => {
    const diff = responseDiff(side("x", "text/plain", [["Date", "now"]]), side("x", "text/plain", [["date", "then"]]));
    expect(diff.isSame).toBe(true);
    expect(diff.fields.map(({ name, kind, isVolatile }) => [name, kind, isVolatile])).toEqual([
      ["Content-Type", "same", false],
      ["Date", "changed", true],
    ]);
  });

  test("responseDiff compares status and fields, repeated ones in their order", () => {
    const left = side("", "a/b", [
      ["Set-Cookie", "a"],
      ["X-Gone", "1"],
      ["set-cookie", "b"],
    ]);
    const right = {
      ...side("", "a/b", [
        ["Set-Cookie", "b"],
        ["Set-Cookie", "a"],
        ["X-New", "2"],
      ]),
      statusCode: 500,
    };
    const diff = responseDiff(left, right);
    expect([diff.isStatusSame, diff.isSame, diff.body.kind]).toEqual([false, false, "same"]);
    expect(diff.fields.slice(1)).toEqual([
      { name: "Set-Cookie", kind: "changed", left: ["a", "b"], right: ["b", "a"], isVolatile: false },
      { name: "X-Gone", kind: "removed", left: ["1"], right: [], isVolatile: false },
      { name: "X-New", kind: "added", left: [], right: ["2"], isVolatile: false },
    ]);
  });

  test("responseDiff compares JSON as it is pretty-printed", () => {
    const { body } = responseDiff(
      side('{"a":1,"b":[2]}', "application/json"),
      side('{"a": 1, "b": [3]}', "application/json"),
    );
    expect(body).toMatchObject({
      kind: "lines",
      isPretty: true,
      left: ["{", '  "a": 1,', '  "b": [', "    2", "  ]", "}"],
      right: ["{", '  "a": 1,', '  "b": [', "    3", "  ]", "}"],
    });
    expect(body.kind === "lines" ? body.runs.map((run) => run.kind) : []).toEqual(["same", "removed", "added", "same"]);
  });

  test("responseDiff compares two spellings of the same JSON, and broken JSON, as they stand", () => {
    const respelled = responseDiff(side("[1]", "application/json"), side("[ 1 ]", "application/json"));
    expect(respelled.body).toMatchObject({ kind: "lines", isPretty: false, left: ["[1]"], right: ["[ 1 ]"] });
    const broken = responseDiff(side("[1", "application/json"), side("[1]", "application/json"));
    expect(broken.body).toMatchObject({ kind: "lines", isPretty: false });
  });

  test.each<[name: string, left: DiffSide, right: DiffSide, body: object]>([
    ["text", side("a\r\nb"), side("a\nc"), { kind: "lines", left: ["a", "b"], right: ["a", "c"] }],
    ["an empty body and text", side(""), side("a"), { kind: "lines", left: [], right: ["a"] }],
    [
      "line ends",
      side("a\r\nb"),
      side("a\nb"),
      { kind: "lines", runs: [{ kind: "same", left: 0, right: 0, count: 2 }] },
    ],
    ["bytes", side("\0\x01\x02"), side("\0\x01\x03"), { kind: "bytes", firstDifference: 2 }],
    ["bytes that go on", side("\0"), side("\0\0"), { kind: "bytes", firstDifference: 1 }],
    ["text and bytes", side("a"), side("\0\0"), { kind: "bytes", firstDifference: 0 }],
  ])("responseDiff compares %s", (_, left, right, body) => {
    expect(responseDiff(left, right).body).toMatchObject(body);
  });

  test("responseDiff cuts bodies of more lines than anybody reads", () => {
    const { body } = responseDiff(side("a\n".repeat(300_000)), side("b\n".repeat(300_000)));
    expect(body).toMatchObject({ kind: "lines", isCut: true });
    expect(body.kind === "lines" ? body.left.length : 0).toBe(100_000);
    const json = `[${"[],".repeat(250_000)}1]`;
    expect(responseDiff(side(json, "application/json"), side("[]", "application/json")).body).toMatchObject({
      isCut: true,
    });
  });
});
