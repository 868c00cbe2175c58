import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { readAgentFile } from "../../src/config/agent-file.ts";
import { setInConfig } from "../../src/config/config-writer.ts";
import { readYaml } from "../../src/config/yaml-source.ts";

const TOKEN = "2abc_Def";

describe("setInConfig", () => {
  test.each([
    ["nothing", "", `version: "3"\nagent:\n    authtoken: ${TOKEN}\n`],
    ["comments only", "# mine", `# mine\nversion: "3"\nagent:\n    authtoken: ${TOKEN}\n`],
    ["version 1", "region: us # near\n", `authtoken: ${TOKEN}\nregion: us # near\n`],
    [
      "version 1 with a token",
      "# t\nauthtoken: old   # keep\nregion: us\n",
      `# t\nauthtoken: ${TOKEN}   # keep\nregion: us\n`,
    ],
    ["a quoted token", "authtoken: 'old'\n", `authtoken: ${TOKEN}\n`],
    ["an empty token", "authtoken:\nregion: us\n", `authtoken: ${TOKEN}\nregion: us\n`],
    ["an empty token with a comment", "authtoken: # none\n", `authtoken: ${TOKEN} # none\n`],
    ["a null token", "authtoken: ~\n", `authtoken: ${TOKEN}\n`],
    ["version 2", 'version: "2" # v\n\nregion: us', `version: "2" # v\nauthtoken: ${TOKEN}\n\nregion: us`],
    ["version 2 at the end", 'version: "2"', `version: "2"\nauthtoken: ${TOKEN}\n`],
    ["CRLF", "version: 2\r\nregion: us\r\n", `version: 2\r\nauthtoken: ${TOKEN}\r\nregion: us\r\n`],
    ["indentation of the whole", "  version: 2\n  region: us\n", `  version: 2\n  authtoken: ${TOKEN}\n  region: us\n`],
    ["version 3 without agent", "version: 3\n", `version: 3\nagent:\n    authtoken: ${TOKEN}\n`],
    [
      "version 3 with agent",
      "version: 3\nagent:\n  # c\n  region: eu\n",
      `version: 3\nagent:\n  # c\n  authtoken: ${TOKEN}\n  region: eu\n`,
    ],
    ["version 3 with a token", "agent:\n  authtoken: old\nversion: 3\n", `agent:\n  authtoken: ${TOKEN}\nversion: 3\n`],
    ["version 3 with an empty agent", "version: 3\nagent:\n", `version: 3\nagent: { "authtoken": "${TOKEN}" }\n`],
    ["version 3 with agent {}", "version: 3\nagent: {}\n", `version: 3\nagent: { "authtoken": "${TOKEN}" }\n`],
    [
      "version 3 with a flow agent",
      "version: 3\nagent: {region: eu}\n",
      `version: 3\nagent: {"authtoken": "${TOKEN}", region: eu}\n`,
    ],
    ["JSON", '{"version": "2", "region": "us"}', `{"authtoken": "${TOKEN}", "version": "2", "region": "us"}`],
    ["an empty map", "{}", `{"authtoken": "${TOKEN}"}`],
    ["JSON of version 3", '{"version": 3}', `{"agent": { "authtoken": "${TOKEN}" }, "version": 3}`],
    ["JSON with a token", '{"authtoken":"old"}', `{"authtoken":${TOKEN}}`],
  ])("setInConfig puts an authtoken into a file of %s", (_, before, after) => {
    expect(setInConfig("f", before, "authtoken", TOKEN)).toBe(after);
  });

  test.each([
    ["apiKey", "", "api_key"],
    ["apiKey", "version: 2\n", "api_key"],
    ["serverAddress", "region: us\n", "server_addr"],
    ["serverAddress", "version: 2\n", "server_addr"],
    ["serverAddress", "version: 3\n", "connect_url"],
  ] as const)("setInConfig sets %s in %j as %s", (setting, before, key) => {
    const after = setInConfig("f", before, setting, "edge.example.org:443");
    expect(after).toContain(`${key}: "edge.example.org:443"\n`);
    expect(() => readAgentFile("f", after)).not.toThrow();
  });

  test.each(["12345", "true", "null", "0x1F", "1e5", "a: b", "a #b", "-", "*a", "ключ", 'a"b\\', "~", "2026-01-01"])(
    "setInConfig writes the value %p so that it is read back as it is",
    (value) => {
      for (const text of ["", "authtoken: old\n", "version: 3\n", '{"authtoken": "old"}'])
        expect(readAgentFile("f", setInConfig("f", text, "authtoken", value)).authtoken).toBe(value);
    },
  );

  test.each([
    ["text that is no YAML", "a: [", "YAML parsing error"],
    ["a list", "- a\n", "expected"],
    ["a token that is a map", "authtoken: { a: b }\n", "by hand"],
    ["a token in a block", "authtoken: |\n  old\n", "by hand"],
    ["an unknown version", "version: 9\n", "expected 1, 2 or 3"],
    ["an agent that is an alias", "x: &x { a: b }\nversion: 3\nagent: *x\n", "by hand"],
  ])("setInConfig leaves %s alone", (_, text, message) => {
    const complaint = message === "expected" ? "by hand" : message;
    expect(() => setInConfig("f", text, "authtoken", TOKEN)).toThrow(complaint);
  });

  test.each(["", "a\nb: c", "a\u0000", "a\u0085b"])("setInConfig refuses the value %p", (value) => {
    expect(() => setInConfig("f", "", "authtoken", value)).toThrow(
      "The value for authtoken is empty or holds control characters.",
    );
  });

  const scalar = fc.constantFrom(
    "us",
    '"quoted # no comment"',
    "'it''s'",
    "80",
    "~",
    "[a, b]",
    "{ a: 1 }",
    "|\n    block",
  );
  const comment = fc.constantFrom("", "  # note", " #");
  const line = fc.oneof(
    fc.constantFrom("", "# remark", "   # far remark"),
    fc
      .tuple(fc.constantFrom("region", "log", "metadata", "web_addr", "x y"), scalar, comment)
      .map(([key, value, note]) => `${key}: ${value}${value.startsWith("|") ? "" : note}`),
    fc.constantFrom(
      "tunnels:\n  web:\n    addr: 80 # port\n\n    proto: http",
      'authtoken: "old" # mine',
      "version: 2",
      "version: 3",
      "agent:\n    log: x",
    ),
  );

  test("setInConfig changes nothing but its value, and comments and other lines stay", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(line, { selector: (text) => text.split(":")[0] }),
        fc.constantFrom("\n", "\r\n"),
        (lines, newline) => {
          const before = `${lines.join("\n")}\n`.replaceAll("\n", newline);
          const after = setInConfig("f", before, "authtoken", TOKEN);
          const kept = before.split(newline).filter((text) => !/authtoken|^agent/.test(text));
          expect(after.split(newline)).toEqual(expect.arrayContaining(kept));
          expect(after.length - before.length).toBeLessThan(60);
          expect(JSON.stringify(readYaml(after).value)).toContain(TOKEN);
          expect(setInConfig("f", after, "authtoken", TOKEN)).toBe(after);
        },
      ),
      { numRuns: process.env["DEEP"] === "1" ? 20_000 : 300 },
    );
  });
});
