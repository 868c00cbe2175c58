import { describe, expect, test } from "bun:test";
import { decodeText, type DecodedText } from "../../../../src/agent/inspector/body/charset.ts";

const bytesOf = (latin1: string): Uint8Array => Uint8Array.from(latin1, (c) => c.charCodeAt(0));

describe("decodeText", () => {
  test.each<[string, string | undefined, string, DecodedText]>([
    ["nothing", undefined, "", { text: "", charset: "utf-8", source: "assumed", isLossy: false }],
    ["UTF-8", "text/plain", "caf\xc3\xa9", { text: "café", charset: "utf-8", source: "assumed", isLossy: false }],
    ["a mark", "text/plain", "\xef\xbb\xbfx", { text: "x", charset: "utf-8", source: "mark", isLossy: false }],
    ["a wide mark", undefined, "\xfe\xff\0x", { text: "x", charset: "utf-16be", source: "mark", isLossy: false }],
    [
      "a mark that contradicts the declaration",
      "text/plain; charset=iso-8859-1",
      "\xef\xbb\xbf\xc3\xa9",
      { text: "é", charset: "utf-8", source: "mark", isLossy: false },
    ],
    [
      "a declared charset",
      'text/plain; charset="ISO-8859-1"',
      "\xe9\x80",
      { text: "é€", charset: "windows-1252", source: "declared", isLossy: false },
    ],
    [
      "a declared charset that the bytes break",
      "text/plain; charset=utf-8",
      "a\xff",
      { text: "a\ufffd", charset: "utf-8", source: "declared", isLossy: true },
    ],
    [
      "an unknown charset",
      "text/plain; charset=klingon",
      "\xe9",
      { text: "é", charset: "windows-1252", source: "assumed", isLossy: false },
    ],
    [
      "an XML declaration",
      "text/xml",
      "<?xml version='1.0' encoding='iso-8859-15'?>\xa4",
      {
        text: "<?xml version='1.0' encoding='iso-8859-15'?>€",
        charset: "iso-8859-15",
        source: "declared",
        isLossy: false,
      },
    ],
  ])("decodeText reads %s", (_, type, body, decoded) => {
    expect(decodeText(bytesOf(body), type)).toEqual(decoded);
  });
});
