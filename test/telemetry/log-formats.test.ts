import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { formatJsonLine } from "../../src/telemetry/json-lines.ts";
import { formatterFor } from "../../src/telemetry/log-format.ts";
import type { LogRecord } from "../../src/telemetry/log-record.ts";
import { formatLogfmt, logfmtValue } from "../../src/telemetry/logfmt.ts";
import { termFormatter } from "../../src/telemetry/term-format.ts";
import { anyCharacter } from "../support/any-character.ts";

function record(given: Partial<LogRecord> = {}): LogRecord {
  return {
    level: "info",
    message: "started tunnel",
    fields: {
      name: "command_line",
      url: "https://a.example",
      obj: "tunnels",
      addr: "http://localhost:80",
      gone: undefined,
    },
    date: new Date("2023-09-14T13:33:25.042Z"),
    utcOffsetMinutes: -300,
    ...given,
  };
}

const plain = { fields: {} };

describe("formatLogfmt", () => {
  test.each([
    [
      "obj first and url last",
      record(),
      't=2023-09-14T08:33:25-0500 lvl=info msg="started tunnel" obj=tunnels name=command_line addr=http://localhost:80 url=https://a.example\n',
    ],
    ["one word", record({ ...plain, message: "start" }), "t=2023-09-14T08:33:25-0500 lvl=info msg=start\n"],
    [
      "an offset of half an hour",
      record({ ...plain, message: "m", utcOffsetMinutes: 330 }),
      "t=2023-09-14T19:03:25+0530 lvl=info msg=m\n",
    ],
    [
      "level words",
      record({ ...plain, message: "m", level: "error", utcOffsetMinutes: 0 }),
      "t=2023-09-14T13:33:25+0000 lvl=eror msg=m\n",
    ],
    [
      "facts that would hide its own",
      record({ message: "m", fields: { t: 1, lvl: 2, msg: 3, "a b=": 4 } }),
      "t=2023-09-14T08:33:25-0500 lvl=info msg=m a_b_=4\n",
    ],
    [
      "nil, lists and several lines",
      record({ message: "m", fields: { err: null, allow_hosts: [], text: "a\r\n\r\nb" } }),
      't=2023-09-14T08:33:25-0500 lvl=info msg=m err=nil allow_hosts=[] text="a\\r\\n\\r\\nb"\n',
    ],
  ])("formatLogfmt prints %s", (_, given, line) => {
    expect(formatLogfmt(given)).toBe(line);
  });

  test.each([
    ["plain", "plain"],
    ["http://[::1]:80/#a", "http://[::1]:80/#a"],
    ["", '""'],
    ["a b", '"a b"'],
    ["a=b", '"a=b"'],
    ['say "x"', '"say \\"x\\""'],
    ["it's", `"it's"`],
    ["C:\\dir", '"C:\\\\dir"'],
    ["a\nb", '"a\\nb"'],
    ["\u009b", '"\\u009b"'],
    ["é", "é"],
  ])("logfmtValue turns %j into %s", (text, value) => {
    expect(logfmtValue(text)).toBe(value);
  });

  test("formatLogfmt makes one line of anything, which a shell-like reader splits into its facts", () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), fc.string(), (message, text) => {
        const line = formatLogfmt(record({ message, fields: { a: text, z: 1 } }));
        expect(line.indexOf("\n")).toBe(line.length - 1);
        expect(
          line
            .replaceAll(/"(?:[^"\\]|\\.)*"/g, "Q")
            .trimEnd()
            .split(" "),
        ).toHaveLength(5);
      }),
    );
  });
});

describe("formatJsonLine", () => {
  test("formatJsonLine sorts its keys and prints every value as a string", () => {
    expect(formatJsonLine(record())).toBe(
      '{"addr":"http://localhost:80","lvl":"info","msg":"started tunnel","name":"command_line","obj":"tunnels",' +
        '"t":"2023-09-14T08:33:25.042-05:00","url":"https://a.example"}\n',
    );
    expect(formatJsonLine(record({ message: "m", utcOffsetMinutes: 0, fields: { n: 5, err: null, 7: true } }))).toBe(
      '{"7":"true","err":"nil","lvl":"info","msg":"m","n":"5","t":"2023-09-14T13:33:25.042Z"}\n',
    );
  });

  test("formatJsonLine makes one line of anything, and the reader gets the text back", () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 200 }), (text) => {
        const line = formatJsonLine(record({ fields: { a: text } }));
        expect(line.slice(0, -1)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
        expect(JSON.parse(line)).toMatchObject({ a: text, msg: "started tunnel" });
      }),
    );
  });
});

describe("termFormatter", () => {
  test.each([
    [
      "plain",
      termFormatter(false),
      record({ message: "m", fields: { a: "b c" } }),
      `INFO[09-14|08:33:25] m${" ".repeat(39)} a="b c"\n`,
    ],
    [
      "without facts",
      termFormatter(false),
      record({ ...plain, level: "debug" }),
      "DBUG[09-14|08:33:25] started tunnel\n",
    ],
    [
      "coloured",
      termFormatter(true),
      record({ message: "m", level: "warn", fields: { a: 1 } }),
      `\x1b[33mWARN\x1b[0m[09-14|08:33:25] m${" ".repeat(39)} \x1b[33ma\x1b[0m=1\n`,
    ],
    [
      "no escape of a stranger",
      termFormatter(false),
      record({ ...plain, message: "\x1b[2J" }),
      "INFO[09-14|08:33:25] \\u001b[2J\n",
    ],
  ])("termFormatter prints %s", (_, format, given, line) => {
    expect(format(given)).toBe(line);
  });

  test("termFormatter makes one line of anything, without colours of a stranger", () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 200 }), (text) => {
        const line = termFormatter(false)(record({ message: text, fields: { a: text } }));
        expect(line.slice(0, -1)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
      }),
    );
  });
});

describe("formatterFor", () => {
  test("formatterFor gives logfmt for term where there is no terminal, and json everywhere", () => {
    const pipe = { isTerminal: false, coloured: true };
    expect(formatterFor("term", pipe)(record())).toBe(formatLogfmt(record()));
    expect(formatterFor("json", { isTerminal: true, coloured: true })(record())).toBe(formatJsonLine(record()));
    expect(formatterFor("logfmt", { isTerminal: true, coloured: true })(record())).toBe(formatLogfmt(record()));
    expect(formatterFor("term", { isTerminal: true, coloured: true })(record())).toStartWith("\x1b[32mINFO");
  });
});
