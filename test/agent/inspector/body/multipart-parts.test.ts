import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { multipartParts, type MultipartPart } from "../../../../src/agent/inspector/body/multipart-parts.ts";
import { latin1, latin1Bytes } from "../../../../src/agent/inspector/body/raw-message.ts";

const TYPE = 'multipart/form-data; boundary="xx"';
const CUT = "the closing boundary is missing: the body is cut short or broken";

function part(disposition: string, content: string, more = ""): string {
  return `--xx\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n${content}\r\n`;
}

function contents(parts: readonly MultipartPart[]): (readonly [string | undefined, string])[] {
  return parts.map((one) => [one.name, latin1(one.bytes)] as const);
}

describe("multipartParts", () => {
  test("multipartParts reads fields and files", () => {
    const body =
      part('name="a"', "1") +
      part('name="f"; filename="x.png"', "\x89PNG\r\n--x", "Content-Type: image/png\r\n") +
      "--xx--\r\n";
    const { parts, omitted, fault } = multipartParts(latin1Bytes(body), TYPE);
    expect([omitted, fault]).toEqual([0, undefined]);
    expect(parts.map(({ name, fileName, contentType }) => [name, fileName, contentType])).toEqual([
      ["a", undefined, undefined],
      ["f", "x.png", "image/png"],
    ]);
    expect(contents(parts)).toEqual([
      ["a", "1"],
      ["f", "\x89PNG\r\n--x"],
    ]);
    expect(parts[1]?.fields).toHaveLength(2);
  });

  test.each<[name: string, disposition: string, field: string | undefined, file: string | undefined]>([
    ["no name", "x=1", undefined, undefined],
    ["quotes as curl writes them", 'name="a\\"b\\\\c"', 'a"b\\c', undefined],
    ["quotes as browsers write them", 'name="a%22b%0D%0A%41"', 'a"b\r\n%41', undefined],
    ["UTF-8", 'name="\xc3\xbc"; filename="na\xc3\xafve.txt"', "ü", "naïve.txt"],
    ["latin1", 'name="\xfc"', "ü", undefined],
    ["a path of Windows", 'name=f; filename="C:\\tmp\\x.txt"', "f", "C:\\tmp\\x.txt"],
    ["an extended name", "name=f; filename=\"x\"; filename*=UTF-8''%e2%82%ac.txt", "f", "€.txt"],
    ["semicolons in quotes", 'name="a;b"; filename="c;d"', "a;b", "c;d"],
    ["an empty file name", 'name="f"; filename=""', "f", ""],
  ])("multipartParts reads names with %s", (_, disposition, field, file) => {
    const { parts } = multipartParts(latin1Bytes(`${part(disposition, "")}--xx--`), TYPE);
    expect([parts[0]?.name, parts[0]?.fileName]).toEqual([field, file]);
  });

  test.each<
    [name: string, body: string, type: string, found: [string | undefined, string][], fault: string | undefined]
  >([
    ["no part", "--xx--\r\n", TYPE, [], undefined],
    [
      "a preamble and an epilogue",
      `hello\r\n${part('name="a"', "1")}--xx--\r\nbye --xx`,
      TYPE,
      [["a", "1"]],
      undefined,
    ],
    [
      "line feeds alone",
      '--xx\nContent-Disposition: form-data; name="a"\n\n1\n2\n--xx--',
      TYPE,
      [["a", "1\n2"]],
      undefined,
    ],
    ["spaces after the boundary", "--xx \t\r\n\r\n1\r\n--xx-- \r\n", TYPE, [[undefined, "1"]], undefined],
    ["a part without fields", "--xx\r\n\r\n1\r\n--xx--", TYPE, [[undefined, "1"]], undefined],
    ["an empty part", "--xx\r\n--xx--", TYPE, [[undefined, ""]], undefined],
    [
      "a line that begins like the boundary",
      "--xx\r\n\r\n--xxx\r\n--x\r\n--xx--",
      TYPE,
      [[undefined, "--xxx\r\n--x"]],
      undefined,
    ],
    [
      "a body that is cut",
      `${part('name="a"', "1")}--xx\r\n\r\nhal`,
      TYPE,
      [
        ["a", "1"],
        [undefined, "hal"],
      ],
      CUT,
    ],
    ["a body that ends at a boundary", `${part('name="a"', "1")}--xx\r\n`, TYPE, [["a", "1"]], CUT],
    ["a part whose head does not end", "--xx\r\nA: 1\r\n--xx--", TYPE, [[undefined, "A: 1"]], undefined],
    [
      "no boundary in the type",
      `${part('name="a"', "1")}--xx--`,
      "multipart/form-data",
      [["a", "1"]],
      "the Content-Type names no boundary; the first line of the body was taken for it",
    ],
    ["no boundary at all", "a=1", "multipart/form-data", [], "the Content-Type names no boundary"],
    [
      "another boundary",
      part('name="a"', "1"),
      "multipart/mixed; boundary=yy",
      [],
      "the boundary --yy does not occur in the body",
    ],
    [
      "a boundary beyond reason",
      "",
      `multipart/mixed; boundary=${"y".repeat(201)}`,
      [],
      "the boundary is longer than any sender makes it",
    ],
    ["nothing", "", TYPE, [], "the boundary --xx does not occur in the body"],
  ])("multipartParts reads %s", (_, body, type, found, fault) => {
    const reading = multipartParts(latin1Bytes(body), type);
    expect(reading.fault).toBe(fault);
    expect(contents(reading.parts)).toEqual(found);
  });

  test("multipartParts shows a thousand parts and counts the rest", () => {
    const { parts, omitted } = multipartParts(latin1Bytes(`${"--xx\r\n\r\n1\r\n".repeat(50_000)}--xx--`), TYPE);
    expect([parts.length, omitted]).toEqual([1000, 49_000]);
  });

  test("multipartParts takes whatever a FormData makes", async () => {
    // A percent sign, a backslash or a line break in a name is written in ways that cannot be told apart.
    const name = fc.string({ unit: "grapheme-ascii", minLength: 1 }).map((text) => text.replaceAll(/[%\\]/g, "~"));
    const value = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll(/[\r\n]/g, " "));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 5 }), async (fields) => {
        const form = new FormData();
        for (const [key, text] of fields) form.append(key, text);
        const sent = new Response(form);
        const type = sent.headers.get("content-type") ?? "";
        const { parts, fault } = multipartParts(new Uint8Array(await sent.arrayBuffer()), type);
        expect(fault).toBeUndefined();
        expect(parts.map((one) => [one.name, new TextDecoder().decode(one.bytes)])).toEqual(fields);
      }),
      { numRuns: process.env["DEEP"] === "1" ? 5000 : 100 },
    );
  });

  test("multipartParts says of a cut body that it is cut, wherever the cut is", () => {
    const body = latin1Bytes(`${part('name="a"', "1")}${part('name="b"', "2")}--xx--`);
    for (let end = 6; end < body.length; end++) {
      const { parts, fault } = multipartParts(body.subarray(0, end), TYPE);
      expect([end, fault]).toEqual([end, CUT]);
      expect(parts.length).toBeLessThanOrEqual(3);
    }
  });
});
