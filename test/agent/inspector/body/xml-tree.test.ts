import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { XmlRows } from "../../../../src/agent/inspector/body/xml-rows.ts";
import { readXml, XML_NESTING_LIMIT } from "../../../../src/agent/inspector/body/xml-tree.ts";

const RUNS = { numRuns: process.env["DEEP"] === "1" ? 50_000 : 500 };
const RESERVED = "the names xml and xmlns are reserved, and an empty namespace has no prefix";
const LOOSE = "an & that begins no entity must be written as &amp;";

/** As a page shows it, two spaces a level, with the kind behind. */
function drawn(rows: XmlRows): string[] {
  return Array.from({ length: rows.count }, (_, i) => rows.row(i)).map(
    ({ depth, text, kind }) => `${"  ".repeat(depth)}${text} (${kind})`,
  );
}

const DOCUMENT = `<?xml version="1.0"?>
<!DOCTYPE a [<!ENTITY b "c">]>
<a x="1"
   y="2">hi &b; <b/> <c></c><d k='>'>text</d>
<e>
 several

 lines
</e><![CDATA[ raw <x>
 ]]><!-- c --><?go on?></a >
<!-- after -->
`;

describe("readXml", () => {
  test("readXml makes a row of each tag and text, and one of a short element", () => {
    const { rows, syntaxError } = readXml(DOCUMENT);
    expect(syntaxError).toBeUndefined();
    expect(drawn(rows)).toEqual([
      '<?xml version="1.0"?> (declaration)',
      '<!DOCTYPE a [<!ENTITY b "c">]> (declaration)',
      '<a x="1" (start)',
      '  y="2"> (start)',
      "  hi &b; (text)",
      "  <b/> (element)",
      "  <c></c> (element)",
      "  <d k='>'>text</d> (element)",
      "  <e> (start)",
      "    several (text)",
      "    lines (text)",
      "  </e> (end)",
      "  <![CDATA[ raw <x> (cdata)",
      "  ]]> (cdata)",
      "  <!-- c --> (comment)",
      "  <?go on?> (instruction)",
      "</a > (end)",
      "<!-- after --> (comment)",
    ]);
    expect([2, 5, 8].map((i) => rows.foldEnd(i))).toEqual([16, 5, 11]);
    expect(rows.row(8)).toMatchObject({ inside: 2, closing: "</e>", offset: DOCUMENT.indexOf("<e>") });
  });

  test.each<[text: string, token: string, line: number, column: number, reason: string]>([
    ["", "", 1, 1, "there is no root element"],
    ["\n <!-- x -->", "", 2, 12, "there is no root element"],
    ["text", "text", 1, 1, "text can only stand inside the root element"],
    ["<a/>\nmore <b/>", "more ", 2, 1, "text can only stand inside the root element"],
    ["<a>\n<b></a>", "</a>", 2, 4, "</a> cannot close <b> of line 2"],
    ["<a></ab></a>", "</ab>", 1, 4, "</ab> cannot close <a> of line 1"],
    ["<ab></a>", "</a>", 1, 5, "</a> cannot close <ab> of line 1"],
    ["</a>", "</a>", 1, 1, "</a> closes nothing: no element is open"],
    ["<a/></a>", "</a>", 1, 5, "</a> closes nothing: no element is open"],
    ["<a><b>x</b>", "", 1, 12, "the text ends here, but <a> of line 1 is not closed"],
    ["<a><b ", "", 1, 7, "the text ends inside <b  of line 1"],
    ["<a>\n<!-- & ", "", 2, 8, "the text ends inside <!-- &  of line 2"],
    ["<a b></a>", "b", 1, 4, "the attribute b has no value"],
    ["<a b c='1'/>", "b", 1, 4, "the attribute b has no value"],
    ["<a b=1></a>", "1", 1, 6, "the value of an attribute must stand in quotes"],
    ["<a b='1'c='2'/>", "c", 1, 9, "a space is missing between two attributes"],
    ["<a b='1' b='2'/>", "<a b='1' b='2'/>", 1, 1, "an attribute stands twice in this tag"],
    ["<a b='<'/>", "<", 1, 7, "a < in the value of an attribute must be written as &lt;"],
    ["<a &/>", "&", 1, 4, "this character cannot stand in the name of an attribute"],
    ["<a×/>", "×", 1, 3, "this character cannot stand in the name of an element"],
    ["<a/ >", " ", 1, 4, "a / in a tag must be followed by >"],
    ["<a></a x>", "x", 1, 8, "this character cannot stand in a closing tag"],
    ["<a></>", "</>", 1, 4, "</> names no element"],
    ["<a>1 < 2</a>", "< ", 1, 6, "a < that begins no tag must be written as &lt;"],
    ["<a>salt & pepper</a>", "&", 1, 9, LOOSE],
    ["<a href='?a=1&b=2'>x</a>", "&", 1, 14, LOOSE],
    ["<a>x & y; z</a>", "&", 1, 6, LOOSE],
    ["<a>&;</a>", "&", 1, 4, LOOSE],
    ["<a>&nbsp;</a>", "&nbsp;", 1, 4, "the entity &nbsp; is not declared"],
    ["<a>&constructor;</a>", "&constructor;", 1, 4, "the entity &constructor; is not declared"],
    ["<a>&#0;</a>", "&#0;", 1, 4, "&#0; names no character"],
    ["<a>&#xZ;</a>", "&#xZ;", 1, 4, "&#xZ; names no character"],
    ["<a>]]></a>", "]]>", 1, 4, "]]> must be written as ]]&gt; in text"],
    ["<a>\u0001</a>", "\u0001", 1, 4, "this character is not allowed in XML"],
    ["<a>\ud800</a>", "\ud800", 1, 4, "this is no whole character"],
    ["<a><!-- x -- y --></a>", "-- ", 1, 11, "-- cannot stand inside a comment"],
    ["<a><!foo></a>", "<!foo></a", 1, 4, "<! can only begin a comment, CDATA or DOCTYPE"],
    ["<a><!DOCTYPE b></a>", "<!DOCTYPE", 1, 4, "a document type can stand only once, before the root element"],
    ["<a><? x?></a>", "<? ", 1, 4, "<? must be followed by the name of an instruction"],
    ["\n<?xml version='1.0'?><a/>", "<?xml ", 2, 1, "the XML declaration must stand at the very start"],
    ["<?xml?><a/>", "<?xml?>", 1, 1, "the XML declaration is not complete"],
    ["<?xml version='2'?><a/>", "<?xml version='2'", 1, 1, "the XML declaration is not complete"],
    ["<a/><b/>", "<b/", 1, 5, "there can be only one root element"],
    ["<x:a/>", "x", 1, 2, "the prefix x is not bound: xmlns:x is missing"],
    ["<a p:b='1'/>", "p", 1, 4, "the prefix p is not bound: xmlns:p is missing"],
    ["<a:b:c/>", "<a:b:c/>", 1, 1, "a name in this tag has more than one colon, or an empty part"],
    ["<a xmlns:x=''/>", "<a xmlns:x=''", 1, 1, RESERVED],
    ["<a xmlns:xml='u:1'/>", "<a xmlns:xml='u:1'", 1, 1, RESERVED],
  ])("readXml says what is wrong with %j", (text, token, line, column, reason) => {
    const { syntaxError } = readXml(text);
    const { offset = -1, length = -1 } = syntaxError ?? {};
    expect(syntaxError).toEqual({ offset, length, line, column, reason });
    expect(text.slice(offset, offset + length)).toBe(token);
  });

  test("readXml gives the rows before the error, folded up to the last", () => {
    const { rows } = readXml("<a><b>1</b><c>2");
    expect(drawn(rows)).toEqual(["<a> (start)", "  <b>1</b> (element)", "  <c> (start)"]);
    expect([0, 2].map((i) => rows.foldEnd(i))).toEqual([2, 2]);
    expect(rows.row(0)).toMatchObject({ closing: "", inside: 2 });
    expect(readXml("<a><b>\n</b>").rows.row(0)).toMatchObject({ text: "<a>", closing: "" });
  });

  test("readXml expands no entity, so that nested ones cost nothing", () => {
    const entities = Array.from({ length: 30 }, (_, i) => `<!ENTITY e${i + 1} "&e${i};&e${i};&e${i};">`).join("\n");
    const { rows, syntaxError } = readXml(`<!DOCTYPE x [<!ENTITY e0 "lol">${entities}]><x a="&e30;">&e30;</x>`);
    expect(syntaxError).toBeUndefined();
    expect(rows.row(rows.count - 1).text).toBe('<x a="&e30;">&e30;</x>');
  });

  test("readXml does not fetch what a document type names", () => {
    const { syntaxError } = readXml(
      '<!DOCTYPE x SYSTEM "file:///etc/passwd" [<!ENTITY % p SYSTEM "http://x/">]><x>&p;</x>',
    );
    expect(syntaxError?.reason).toBe("the entity &p; is not declared");
  });

  test("readXml refuses nesting that no page could show", () => {
    const text = (depth: number) => "<a>".repeat(depth) + "</a>".repeat(depth);
    expect(readXml(text(XML_NESTING_LIMIT)).syntaxError).toBeUndefined();
    expect(readXml(text(XML_NESTING_LIMIT + 1)).syntaxError).toMatchObject({
      offset: 3 * XML_NESTING_LIMIT,
      length: 3,
      reason: "nested deeper than 512 levels, which is as far as this view goes",
    });
  });

  test("readXml rebuilds any document but for the white space", () => {
    const name = fc.constantFrom("a", "b", "ü", "x-y");
    const leaf = fc.constantFrom(
      "text",
      " two words ",
      "\n",
      "&amp;",
      "<![CDATA[<&]]>",
      "<!-- - -->",
      "<?p i?>",
      "<b/>",
    );
    const { element } = fc.letrec<{ element: string; node: string }>((tie) => ({
      node: fc.oneof({ depthSize: "small" }, leaf, tie("element")),
      element: fc
        .tuple(name, fc.constantFrom("", " k='v'", '\n k="\n>"'), fc.array(tie("node"), { maxLength: 4 }))
        .map(([tag, attributes, nodes]) => `<${tag}${attributes}>${nodes.join("")}</${tag}>`),
    }));
    fc.assert(
      fc.property(element, (text) => {
        const { rows, syntaxError } = readXml(text);
        expect(syntaxError).toBeUndefined();
        const all = Array.from({ length: rows.count }, (_, i) => rows.row(i).text);
        expect(all.join("").replaceAll(/\s/g, "")).toBe(text.replaceAll(/\s/g, ""));
        expect(all.filter((row) => /[\r\n]/.test(row))).toEqual([]);
      }),
      RUNS,
    );
  });

  test("readXml never throws, and errors lie inside the text", () => {
    const piece = fc.constantFrom(
      ..."<>/&;:='\" -!?[]ab#x1\r\n".split(""),
      "<a",
      "</a>",
      "<!--",
      "-->",
      "<![CDATA[",
      "]]>",
      "<?",
      "<!DOCTYPE ",
      "xmlns",
      "\u0000",
      "\ud83d",
      "\ude00",
    );
    fc.assert(
      fc.property(fc.string({ unit: piece, maxLength: 20 }), (text) => {
        const { syntaxError, rows } = readXml(text);
        for (let i = 0; i < rows.count; i++) expect(rows.row(i).text).not.toBe("");
        if (syntaxError === undefined) return;
        const { offset, length } = syntaxError;
        expect(offset >= 0 && offset + length <= text.length && (length > 0 || offset === text.length)).toBe(true);
      }),
      { numRuns: process.env["DEEP"] === "1" ? 100_000 : 5000 },
    );
  });

  test.each([
    ["elements", `<a>${"<b/>".repeat(250_000)}</a>`],
    ["open elements", "<a>".repeat(300_000)],
    ["entities", `<a>${"&amp;".repeat(200_000)}</a>`],
    ["lines", `<a>${"x\n".repeat(100_000)}</a>`],
    ["white space in a tag", `<a${" ".repeat(1_000_000)}/>`],
    ["open comments", `<a>${"<!--".repeat(250_000)}`],
    ["loose ampersands", `<a>${"&".repeat(1_000_000)}`],
    ["declarations", `<!DOCTYPE a [${'<!ENTITY b "c">'.repeat(60_000)}]><a/>`],
  ])("readXml gets through a megabyte of %s", (_, text) => {
    const { rows, syntaxError } = readXml(text);
    expect(rows.count).toBeLessThan(text.length);
    expect(syntaxError?.offset ?? 0).toBeLessThanOrEqual(text.length);
  });
});
