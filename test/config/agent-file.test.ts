import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { UsageError } from "../../src/base/errors.ts";
import { readAgentFile } from "../../src/config/agent-file.ts";
import { mergeAgentSettings } from "../../src/config/agent-settings.ts";

const GOLDEN = join(import.meta.dir, "golden");
const RULE = "----------\n";

/** The settings, or the error, of the files in a golden input; a line `=== NAME` begins each file but a single one. */
function outcome(input: string): string {
  const parts = input.split(/^=== (.+)\n/m);
  const files = parts.length === 1 ? [["ngrok.yml", input]] : pairs(parts.slice(1));
  try {
    const merged = mergeAgentSettings(files.map(([name = "", text = ""]) => readAgentFile(name, text)));
    return `${JSON.stringify(merged, plain, 2)}\n`;
  } catch (error) {
    if (error instanceof UsageError) return `${error.message}\n`;
    throw error;
  }
}

function plain(_key: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value);
  return value instanceof UsageError ? value.message : value;
}

function pairs(parts: readonly string[]): string[][] {
  return parts.flatMap((part, index) => (index % 2 === 0 ? [[part, parts[index + 1] ?? ""]] : []));
}

describe("golden files", () => {
  const cases = [...new Glob("*.txt").scanSync(GOLDEN)].sort();
  test.each(cases)("readAgentFile reads %s as written there", async (name) => {
    const path = join(GOLDEN, name);
    const [input = "", expected] = (await Bun.file(path).text()).split(RULE);
    if (process.env["UPDATE_GOLDEN"] === "1") await Bun.write(path, input + RULE + outcome(input));
    else expect(outcome(input)).toBe(expected ?? "");
  });
});

describe("readAgentFile", () => {
  test.each([
    ["nothing", ""],
    ["comments", "# nothing here\n"],
    ["a document start", "---\n"],
  ])("readAgentFile takes a file of %s for version 1 without settings", (_, text) => {
    expect(mergeAgentSettings([readAgentFile("f", text)])).toEqual({ version: 1, tunnels: new Map() });
  });

  const SAME = [
    ["JSON", '{"version": "2", "authtoken": "12e5", "update_check": false, "region": null}'],
    ["CRLF", 'version: 2\r\nauthtoken: "12e5"\r\nupdate_check: false\r\n'],
    ["a byte order mark", '\uFEFFversion: "2"\nauthtoken: 12e5\nupdate_check: false'],
    ["quoted keys", "'version': '2'\n\"authtoken\": 12e5\n\"update_check\": False"],
    ["deep indentation", "        version: 2\n        authtoken: 12e5\n        update_check: false"],
    ["merged maps", "version: 2\n<<: { authtoken: 12e5, update_check: true }\nupdate_check: false"],
  ] as const;
  test.each(SAME)("readAgentFile reads %s, and keeps a token of digits exact", (_, text) => {
    expect(readAgentFile("f", text)).toMatchObject({ version: 2, authtoken: "12e5", checksForUpdates: false });
  });

  test("readAgentFile ignores unknown keys in version 1 only", () => {
    const text = "authtokn: a\ntunnels: { web: { proto: http, addr: 80, colour: red } }";
    expect(readAgentFile("f", text).tunnels?.get("web")?.definition).not.toBeInstanceOf(Error);
    expect(() => readAgentFile("f", `version: 2\n${text}`)).toThrow("line 2, column 1: field authtokn not found");
  });

  test("readAgentFile refuses protection that a version 1 tunnel has no use for", () => {
    const tunnels = readAgentFile("f", "tunnels: { ssh: { proto: tcp, addr: 22, auth: 'a:b' } }").tunnels;
    expect(tunnels?.get("ssh")?.definition).toBeInstanceOf(UsageError);
  });

  test("readAgentFile never shows a proxy's password", () => {
    expect(() => readAgentFile("f", "http_proxy: 'ftp://me:hunter2@proxy'")).toThrow(/^(?!.*hunter2)/);
    expect(() => readAgentFile("f", "http_proxy: 'ftp://me:hunter2@proxy'")).toThrow("expected a proxy URL");
  });
});
