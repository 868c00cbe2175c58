import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { UsageError } from "../../../src/base/errors.ts";
import { buildAgentConfig } from "../../../src/config/agent-config.ts";
import { readAgentFile } from "../../../src/config/agent-file.ts";
import { upgradeConfig } from "../../../src/config/upgrade/upgrade-config.ts";

const GOLDEN = join(import.meta.dir, "golden");
const DEEP = process.env["DEEP"] === "1";
const RUNS = DEEP ? 5_000 : 60;
const FILE = "agent.yml";

describe("upgradeConfig", () => {
  // Named after the version wanted; `next` is none.
  test.each(readdirSync(GOLDEN))("upgradeConfig writes %s as kept", (name) => {
    const [before = "", after = ""] = readFileSync(join(GOLDEN, name), "utf8").split("----------\n");
    const target = ({ 2: 2, 3: 3 } as const)[/^to-(\d)/.exec(name)?.[1] ?? ""];
    const { text, notes } = upgradeConfig(FILE, before, target);
    expect([...notes.map((note) => `# ${note}\n`), text].join("")).toBe(after);
  });

  test.each([
    ["", undefined, 1, 2],
    ["authtoken: T\n", undefined, 1, 2],
    ["authtoken: T\n", 3, 1, 3],
    ["version: 2\n", undefined, 2, 3],
  ] as const)("upgradeConfig of %j to %p goes from %d to %d", (text, target, from, to) => {
    const upgraded = upgradeConfig(FILE, text, target);
    expect([upgraded.from, upgraded.to]).toEqual([from, to]);
    expect(readAgentFile(FILE, upgraded.text).version).toBe(to);
  });

  test.each([
    ["version: 3\n", undefined],
    ["version: 2 # mine\n", 2],
    ["authtoken: T # mine\n", 1],
  ] as const)("upgradeConfig leaves %j alone when %p is wanted", (text, target) => {
    expect(upgradeConfig(FILE, text, target)).toMatchObject({ text, notes: [] });
  });

  test.each([
    [
      "version: 3\n",
      2,
      "'agent.yml' is of version 3, and an upgrade does not go back to version 2; take the backup that was kept beside it",
    ],
    ["version: 2\nauthtokn: T\n", 3, "line 2, column 1: field authtokn not found in type config.Agent"],
    ["a: [", 3, "line 1"],
    ["version: 2\nregion: eu\nregions: { us: e:1 }\n", 3, 'region "eu" has no server'],
  ] as const)("upgradeConfig refuses %j for %p", (text, target, reason) => {
    expect(() => upgradeConfig(FILE, text, target)).toThrow(UsageError);
    expect(() => upgradeConfig(FILE, text, target)).toThrow(reason);
  });

  test("upgradeConfig keeps tokens of digits, quotes, line ends and what is written in other words", () => {
    const text = 'authtoken: 12345678901234567890123\r\nmetadata: "0x10"\r\nlog: 007\r\nconsole_ui: ~\r\n';
    expect(upgradeConfig(FILE, text, 2).text).toBe(`version: "2"\r\nregion: us\r\n${text}`);
  });
});

/** Each key with values that some file might give it, also empty ones and wrong ones. */
function record(values: Readonly<Record<string, readonly unknown[]>>): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(Object.fromEntries(Object.entries(values).map(([key, each]) => [key, fc.constantFrom(...each)])), {
    requiredKeys: [],
  });
}

const BOTH = {
  authtoken: ["T", "123456789012345678901", ""],
  console_ui: [true, false, "iftty", null],
  console_ui_color: ["transparent"],
  inspect_db_size: [0, -1, "64KB"],
  log: [false, "stdout", "/tmp/x.log", ""],
  log_level: ["debug"],
  metadata: ["m: # x", "null", "~"],
  region: ["us", "eu", ""],
  regions: [{ us: "us.example:1", eu: "eu.example" }],
  root_cas: ["host", "trusted", "ca.pem"],
  server_addr: ["edge.example:4443", "edge.example", null],
  proxy_url: ["http://u:p@proxy:1", false, ""],
  web_addr: [false, "0.0.0.0:4041"],
  web_allow_hosts: [["a.example", ".b"]],
  connect_timeout: ["3s"],
  dns_resolver_ips: [["192.0.2.1"], "192.0.2.2"],
  remote_management: [true],
  update_check: [true, false],
};
const ONLY_1 = {
  http_proxy: [false, "http://other:2"],
  socks5_proxy: [false, "socks5://socks"],
  compress_conn: [true],
  update: [true, false, null],
  unknown: [{ a: [1] }, "x"],
};
const TUNNEL = {
  proto: ["http", "http", "tls", "tcp", "gopher"],
  addr: [80, "localhost:443", "file:///srv"],
  auth: ["a:longenough", "a:b", "nocolon", ""],
  basic_auth: [["b:longenough"], []],
  bind_tls: [true, false, "both", "", "odd"],
  schemes: [["http"], ["https", "http"], [], "http"],
  hostname: ["a.example"],
  subdomain: ["name"],
  url: ["https://b.example", "c.example"],
  host_header: ["rewrite", ""],
  inspect: [false],
  client_cas: ["ca.pem"],
  mutual_tls_cas: [["cb.pem"]],
  crt: ["a.crt"],
  key: ["a.key"],
  remote_addr: ["1.tcp.example:20"],
  metadata: ["m"],
  oauth: [{ provider: "google" }],
};
const tunnels = (more: Readonly<Record<string, readonly unknown[]>>) =>
  fc.record({ tunnels: fc.dictionary(fc.constantFrom("web", "ssh", "a:b c", "null"), record({ ...TUNNEL, ...more })) });

const FILES = {
  1: fc.tuple(record({ ...BOTH, ...ONLY_1 }), tunnels({ unknown: [1] })).map((parts) => Object.assign({}, ...parts)),
  2: fc
    .tuple(record(BOTH), tunnels({}), fc.constant({ version: "2" }))
    .map((parts): unknown => Object.assign({}, ...parts)),
} as const;

/** What an agent does by a file; undefined when no agent would run with it. */
function effect(text: string): unknown {
  try {
    const sources = { environment: {}, flags: {}, variables: {} };
    const config = buildAgentConfig({ files: [{ path: FILE, settings: readAgentFile(FILE, text) }], ...sources });
    const { version: _version, update: _update, commandSchemes: _schemes, region, ...rest } = config;
    const definitions = [...rest.tunnels].map(([name, { definition }]) =>
      definition instanceof UsageError
        ? [name, "faulty"]
        : [name, { ...definition, unsupported: definition.unsupported.length }],
    );
    // Only an edge of one's own has a region.
    return { ...rest, tunnels: definitions, region: config.serverAddress && region };
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

describe("what is upgraded means the same", () => {
  test.each([
    [1, 2],
    [1, 3],
    [2, 3],
  ] as const)(
    "from version %d to %d",
    (from, to) => {
      fc.assert(
        fc.property(FILES[from], fc.boolean(), (file, isJson) => {
          const text = isJson ? JSON.stringify(file) : Bun.YAML.stringify(file, null, 2);
          const before = effect(text);
          if (before === undefined) return;
          const { text: after } = upgradeConfig(FILE, text, to);
          expect(effect(after)).toEqual(before);
          expect(upgradeConfig(FILE, after, to).text).toBe(after);
        }),
        { numRuns: RUNS },
      );
    },
    DEEP ? 600_000 : 30_000,
  );
});
