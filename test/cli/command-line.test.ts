import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { UsageError } from "../../src/base/errors.ts";
import { parseCommandLine } from "../../src/cli/command-line.ts";

/** Command, arguments and flags in one comparable value. */
function parsed(line: string): readonly unknown[] {
  const { command, args, flags } = parseCommandLine(line.split(" ").filter(Boolean), "ginnel");
  return [command, [...args], flags];
}

const HTTP_K023 = {
  log: "stdout",
  "log-level": "debug",
  inspect: false,
  region: "eu",
  config: ["F"],
  authtoken: "T",
  hostname: "H",
  subdomain: "S",
  "host-header": "V",
  "bind-tls": "both",
  auth: "U:P",
};

/** Words, then what they mean. Numbers are those of clients.md section 2 and features.md. */
const LINES: readonly (readonly [string, string, string, readonly string[], object])[] = [
  [
    "K-010",
    "start --none --log stdout --config P --authtoken T --region R",
    "start",
    [],
    { none: true, log: "stdout", config: ["P"], authtoken: "T", region: "R" },
  ],
  ["K-010", "start --none --log stdout --config P", "start", [], { none: true, log: "stdout", config: ["P"] }],
  [
    "K-011",
    "start --none --log=stdout --authtoken=T --region=R --config=P",
    "start",
    [],
    { none: true, log: "stdout", authtoken: "T", region: "R", config: ["P"] },
  ],
  [
    "K-012",
    "config add-authtoken T --log stdout --config P",
    "config add-authtoken",
    ["T"],
    { log: "stdout", config: ["P"] },
  ],
  [
    "K-012",
    "config add-api-key K --log stdout --config P",
    "config add-api-key",
    ["K"],
    { log: "stdout", config: ["P"] },
  ],
  ["K-013", "authtoken T --config=P", "authtoken", ["T"], { config: ["P"] }],
  ["K-013", "authtoken -config=P T", "authtoken", ["T"], { config: ["P"] }],
  ["K-015", "config check --config=P", "config check", [], { config: ["P"] }],
  ["K-016", "--version", "version", [], {}],
  ["K-016", "-version", "version", [], {}],
  ["K-016", "-v", "version", [], {}],
  ["K-016", "version", "version", [], {}],
  ["K-017", "update", "update", [], {}],
  ["K-017", "update --channel beta", "update", [], { channel: "beta" }],
  ["K-018", "/home/u/.config/ngrok/ngrok update", "update", [], {}],
  ["K-018", "C:\\bin\\ngrok.exe update", "update", [], {}],
  ["K-019", "", "help", [], {}],
  ["K-021", "--config=A --config=B start --all", "start", [], { config: ["A", "B"], all: true }],
  ["K-021", "--config=A http web:80", "http", ["web:80"], { config: ["A"] }],
  ["K-022", "--config=A,B start x", "start", ["x"], { config: ["A", "B"] }],
  ["K-022", "start --all --config A --config B,C", "start", [], { all: true, config: ["A", "B", "C"] }],
  [
    "K-023",
    "http -log=stdout -log-level=debug -inspect=false -region eu -config F -authtoken T -hostname=H -subdomain=S -host-header=V -bind-tls=both -auth=U:P 80",
    "http",
    ["80"],
    HTTP_K023,
  ],
  ["K-023", "start -none -log stdout", "start", [], { none: true, log: "stdout" }],
  ["K-024", "http h:80 --host-header=rewrite", "http", ["h:80"], { "host-header": "rewrite" }],
  ["K-024", "http 80 --domain=H", "http", ["80"], { domain: "H" }],
  ["K-024", "http 80 --url H --subdomain S", "http", ["80"], { url: "H", subdomain: "S" }],
  [
    "K-025",
    "tcp 22 --authtoken T --log stdout --log-format json --config C",
    "tcp",
    ["22"],
    { authtoken: "T", log: "stdout", "log-format": "json", config: ["C"] },
  ],
  ["K-025", "tcp 22 --log F --region R", "tcp", ["22"], { log: "F", region: "R" }],
  ["S-010", "http -auth=u:p 80", "http", ["80"], { auth: "u:p" }],
  ["S-020", "http --hostname *.example.com 80", "http", ["80"], { hostname: "*.example.com" }],
  ["S-024", "tls -region=us -hostname=a.example 443", "tls", ["443"], { region: "us", hostname: "a.example" }],
  ["S-025", "tls -crt /a -key /b -client-cas=/c 443", "tls", ["443"], { crt: "/a", key: "/b", "mutual-tls-cas": "/c" }],
  ["S-032", "tcp --remote-addr h:1 22", "tcp", ["22"], { "remote-addr": "h:1" }],
  ["S-035", "start A B C", "start", ["A", "B", "C"], {}],
  ["S-038", "start -config A -config B demo admin", "start", ["demo", "admin"], { config: ["A", "B"] }],
  [
    "commas are split for files and schemes only",
    "http --basic-auth=a:b,c --scheme=http,https 80",
    "http",
    ["80"],
    { "basic-auth": ["a:b,c"], scheme: ["http", "https"] },
  ],
  ["a repeated list", "http --basic-auth a:1 -basic-auth b:2 80", "http", ["80"], { "basic-auth": ["a:1", "b:2"] }],
  ["the last of a repeated value", "http --name a --name b 80", "http", ["80"], { name: "b" }],
  ["a value that looks like a flag", "http --name --url 80", "http", ["80"], { name: "--url" }],
  ["a value with = in it", "http --metadata=a=b 80", "http", ["80"], { metadata: "a=b" }],
  ["an empty value", "http --host-header= 80", "http", ["80"], { "host-header": "" }],
  ["an empty choice as not given", "http --proxy-proto= --log-level= 80", "http", ["80"], {}],
  ["a bare boolean", "http --inspect 80", "http", ["80"], { inspect: true }],
  ["every spelling of false", "http -inspect=F 80", "http", ["80"], { inspect: false }],
  [
    "flags on both sides of words and arguments",
    "--log stdout config --config P add-authtoken --log-level debug T --log stderr",
    "config add-authtoken",
    ["T"],
    { log: "stderr", config: ["P"], "log-level": "debug" },
  ],
  ["words behind -- as arguments", "start --none -- --all -x", "start", ["--all", "-x"], { none: true }],
  ["a lone dash as an argument", "start -", "start", ["-"], {}],
  [
    "common flags where they have no use",
    "version --config P --log stdout",
    "version",
    [],
    { config: ["P"], log: "stdout" },
  ],
  ["another name of a command", "config add-server-addr h:443", "config add-connect-url", ["h:443"], {}],
  [
    "old names of flags",
    "http --verify-upstream-tls --upstream-ca-path P --proxy-proto 2 80",
    "http",
    ["80"],
    { "upstream-tls-verify": true, "upstream-tls-verify-cas": "P", "upstream-proxy-protocol": "2" },
  ],
  ["help of a command", "http -h", "help", ["http"], {}],
  ["help without what the command needs", "tcp --help --name x", "help", ["tcp"], {}],
  ["help before the command", "--help config check", "help", ["config", "check"], {}],
  ["help as a command", "help config check", "help", ["config", "check"], {}],
  ["a group alone", "config", "help", ["config"], {}],
  ["help of a command that comes later", "--config P service install --help", "help", ["service"], {}],
  ["version before everything", "--version http 80", "version", [], {}],
];

describe("parseCommandLine", () => {
  test.each(LINES)("parseCommandLine reads %s: %s", (_, line, command, args, flags) => {
    expect(parsed(line)).toEqual([command, args, flags]);
  });

  test.each([
    [
      "an unknown command",
      "htpp 80",
      "Unknown command 'htpp'.\nDid you mean 'ginnel http'?\nRun 'ginnel help' to see what there is.",
    ],
    ["a command like no other", "frobnicate", "Unknown command 'frobnicate'.\nRun 'ginnel help' to see what there is."],
    ["an unknown second word", "config chek", "Unknown command 'config chek'.\nDid you mean 'ginnel config check'?"],
    ["a path that is not ours", "/usr/bin/env update", "Unknown command '/usr/bin/env'."],
    ["an unknown flag", "http --domian=x 80", "Unknown flag --domian for 'ginnel http'.\nDid you mean --domain?"],
    ["an unknown flag by one dash", "http -sudomain=x 80", "Did you mean --subdomain?"],
    ["an unknown letter", "http -x 80", "Unknown flag -x for 'ginnel http'."],
    ["a flag of a command before it", "--domain x http 80", "Unknown flag --domain before a command."],
    ["a flag of another command", "tcp --domain x 80", "Unknown flag --domain for 'ginnel tcp'."],
    ["a flag without its value", "http 80 --name", "Flag --name needs a value."],
    ["no truth", "http --inspect=maybe 80", "Flag --inspect takes true or false, not 'maybe'."],
    ["no choice", "http --bind-tls 80", "Flag --bind-tls takes one of true, false, both; not '80'."],
    ["nearly a choice", "http --log-level=debag 80", "not 'debag'.\nDid you mean debug?"],
    [
      "one wrong of several choices",
      "http --scheme=http,gopher 80",
      "Flag --scheme takes one of http, https; not 'gopher'.",
    ],
    ["no choice by another name", "http 80 --proxy-proto=3", "Flag --proxy-proto takes one of 1, 2; not '3'."],
    [
      "a flag for a group of commands",
      "edge admin account --data=x",
      "Unknown flag --data for 'ginnel edge admin account'.\nFlags go with one of its commands: create, ",
    ],
    ["no address", "http", "'ginnel http' needs ADDRESS."],
    [
      "a boolean with its value apart",
      "http -inspect false 80",
      "'ginnel http' has no use for '80'.\nDid you mean --inspect=false?",
    ],
    ["an argument nobody asked for", "version 2", "'ginnel version' has no use for '2'."],
    ["a flag whose feature is missing", "http --oauth google 80", "Flag --oauth is not yet supported by this version."],
    [
      "a command that comes later",
      "--config P tunnel --label a=b 80",
      "Command 'tunnel' is not yet supported by this version.",
    ],
    ["each of the others", "tunnel --label a=b 80", "Command 'tunnel' is not yet supported"],
    ["each of the others", "service install", "Command 'service' is not yet supported"],
    ["a word too many", "completion bash zsh", "'ginnel completion' has no use for 'zsh'"],
  ])("parseCommandLine refuses %s: %s", (_, line, message) => {
    expect(() => parsed(line)).toThrow(message);
    expect(() => parsed(line)).toThrow(UsageError);
  });

  test("parseCommandLine never repeats a credential that stands in the wrong place", () => {
    for (const line of ["authtoken a SECRET", "config add-api-key a SECRET", "http --authtokn=SECRET 80"]) {
      expect(() => parsed(line)).toThrow(/^(?![^]*SECRET)/);
    }
  });

  test("parseCommandLine names the deprecated flags that were given", () => {
    const { deprecations } = parseCommandLine(["http", "-subdomain=a", "--url", "x", "-auth=u:p", "80"], "ngrok");
    expect(deprecations).toEqual(["--subdomain: use --url", "--auth: use --basic-auth"]);
  });

  test("parseCommandLine answers any words with an invocation or a usage error", () => {
    const word = fc.oneof(
      fc.constantFrom(
        "http",
        "config",
        "check",
        "edge",
        "ca",
        "--",
        "-h",
        "--config",
        "--log=",
        "-inspect",
        "=",
        "--=x",
        "-=",
        "__proto__",
        "--constructor",
        "--__proto__=1",
        "api",
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        try {
          expect(parseCommandLine(words, "ginnel").command).toBeString();
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
      { numRuns: process.env["DEEP"] === undefined ? 300 : 100_000 },
    );
  });
});
