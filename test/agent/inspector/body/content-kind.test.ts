import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { contentKind, type ContentView } from "../../../../src/agent/inspector/body/content-kind.ts";

const PNG = "\u0089PNG\r\n\u001a\n\0\0";
const bytesOf = (latin1: string): Uint8Array => Uint8Array.from(latin1, (c) => c.charCodeAt(0));

describe("contentKind", () => {
  test.each<[string, string | undefined, string, ContentView]>([
    ["nothing", "application/json", "", "empty"],
    ["JSON", "application/json; charset=utf-8", "{}", "json"],
    ["JSON that is broken", "application/json", "{", "json"],
    ["a JSON dialect", "application/problem+json", "{}", "json"],
    ["XML", "text/xml", "<a/>", "xml"],
    ["an XML dialect", "application/atom+xml", "<a/>", "xml"],
    ["SVG, which is no bitmap", "image/svg+xml", "<svg/>", "xml"],
    ["a form", "application/x-www-form-urlencoded", "a=1", "form"],
    ["JSON sent as a form by curl -d", "application/x-www-form-urlencoded", ' {"a":1}\n', "json"],
    ["multipart", "multipart/form-data; boundary=x", "--x--", "multipart"],
    ["another multipart", "multipart/mixed; boundary=x", "--x--", "multipart"],
    ["an image", "image/png", PNG, "image"],
    ["an image of an undeclared type", undefined, "GIF89a..", "image"],
    ["an image under another name", "image/jpeg", "RIFF\0\0\0\0WEBPVP8 ", "image"],
    ["what only claims to be an image", "image/png", "<script>", "text"],
    ["text", "text/plain", "hello", "text"],
    ["JSON declared as text", "text/plain", "{}", "text"],
    ["HTML", "text/html", "<p>", "text"],
    ["scripts", "application/javascript", "1", "text"],
    ["text with a NUL", "text/plain", "a\0b", "binary"],
    ["wide text", "text/plain; charset=utf-16le", "a\0b\0", "text"],
    ["wide text with a mark", "text/plain", "\xff\xfea\0", "text"],
    ["undeclared JSON", undefined, "[1]", "json"],
    ["undeclared XML", undefined, "<?xml version='1.0'?><a/>", "xml"],
    ["undeclared XML with a mark", undefined, "\xef\xbb\xbf<?xml version='1.0'?><a/>", "xml"],
    ["undeclared text", "application/octet-stream", "plain", "text"],
    ["latin1 text", "text/plain", "caf\xe9", "text"],
    ["many controls", "text/plain", "\x01\x02\x03abc", "binary"],
    ["undeclared bytes", undefined, "\0\x01\x02", "binary"],
    ["JSON that is not text", "application/json", "\0\0", "binary"],
  ])("contentKind knows %s", (_, type, body, view) => {
    expect(contentKind(type, bytesOf(body)).view).toBe(view);
  });

  test("contentKind takes the type of an image from its bytes", () => {
    expect(contentKind("text/html", bytesOf(PNG))).toEqual({
      view: "image",
      mediaType: "text/html",
      imageType: "image/png",
    });
    expect(contentKind("image/svg+xml", bytesOf("<svg/>")).imageType).toBeUndefined();
  });

  test("contentKind takes a character cut off at the end of what it looks at for text", () => {
    const bytes = new TextEncoder().encode(`a${"é".repeat(20_000)}`);
    expect(contentKind("text/plain", bytes).view).toBe("text");
    expect(contentKind("text/plain", bytes.subarray(0, 100)).view).toBe("text");
  });

  test("contentKind answers for any bytes", () => {
    fc.assert(
      fc.property(fc.option(fc.string(), { nil: undefined }), fc.uint8Array({ maxLength: 100 }), (type, bytes) => {
        const { view, imageType } = contentKind(type, bytes);
        expect(view === "empty").toBe(bytes.length === 0);
        expect(imageType !== undefined).toBe(view === "image");
      }),
      { numRuns: process.env["DEEP"] === "1" ? 50_000 : 500 },
    );
  });
});
