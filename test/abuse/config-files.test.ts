/** Files of users and of strangers with faults in them: each is read, or refused in words, in a time that its length bounds. */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { parse } from "yaml";
import { PublicError, UsageError } from "../../src/base/errors.ts";
import { type AgentConfig, buildAgentConfig, tunnelsToStart } from "../../src/config/agent-config.ts";
import { readAgentFile } from "../../src/config/agent-file.ts";
import { setInConfig } from "../../src/config/config-writer.ts";
import { buildEdgeConfig } from "../../src/config/edge-config.ts";
import { parseTokenFile, readEdgeFile } from "../../src/config/edge-layer.ts";
import { upgradeConfig } from "../../src/config/upgrade/upgrade-config.ts";
import type { TunnelDefinition } from "../../src/model/tunnel-definition.ts";
import { trafficPolicySteps } from "../../src/policy/traffic-policy/traffic-policy.ts";
import { kindredValues, mutantValues } from "./mutant-values.ts";
import { FUZZ_TIMEOUT_MS, mutantTexts, runs } from "./mutants.ts";

const GOLDEN = join(import.meta.dir, "../config/golden");
const agentFiles = readdirSync(GOLDEN)
  .filter((name) => name.startsWith("sample-") || name.startsWith("merge"))
  .map((name) => readFileSync(join(GOLDEN, name), "utf8").split("----------")[0] ?? "");

const EDGE_FILE = `domain: [edge.test, other.test]
http: ":80"
https: 443
agents: off
tcp_ports: 20000-20009
authtoken: [aaaaaaaaaaaaaaaaaaaaaaaa]
reserve: [good.test, "*.good.test"]
head-timeout: 2s
max_streams: 100
log-level: debug
trusted-proxies: [10.0.0.0/8]
`;

const POLICY_FILE = `on_tcp_connect:
  - actions:
      - { type: restrict-ips, config: { allow: [10.0.0.0/8], deny: ["::1/128"] } }
on_http_request:
  - name: all
    actions:
      - { type: rate-limit, config: { name: a, algorithm: sliding_window, capacity: 3, rate: 1m, bucket_key: [conn.client_ip] } }
      - { type: url-rewrite, config: { from: "^/a(b+)/[^x]*$", to: "/$1" } }
      - { type: redirect, config: { from: "/x/(.*)", to: "https://a.test/$1" } }
      - { type: add-headers, config: { headers: { x: y } } }
      - { type: basic-auth, config: { credentials: ["me:passpass"] } }
      - { type: custom-response, config: { status_code: 200, content: "hello", headers: { a: b } } }
on_http_response:
  - actions: [{ type: remove-headers, config: { headers: [server] } }]
`;

/** Of YAML and of what readers may forget. */
const WORDS: readonly string[] = [
  "__proto__: {a: 1}\n",
  '"constructor": {prototype: x}\n',
  "hasOwnProperty: 1\n",
  "toString: {}\n",
  "<<: *a\n",
  "<<: [*a, {b: c}]\n",
  "&a ",
  "*a",
  "&a [*a]",
  "!!binary aGk=",
  "!!js/function 'x'",
  "!!set {a, b}",
  "!!timestamp 2001-01-01",
  "? [a]\n: b\n",
  "? {a: b}\n: - c\n",
  "---\n",
  "...\n",
  "%YAML 1.1\n",
  "%TAG ! tag:x,2000:\n",
  "|\n",
  ">-\n",
  "\t",
  "\r",
  "\0",
  "\u2028",
  "\ufeff",
  "\x1b[2J",
  "[[[[",
  "{{{{",
  "- - - -",
  "1e999",
  ".inf",
  "0x7fffffffffffffff",
  "-0",
  "~",
  "null",
  "version: 2\n",
  "version: 3\n",
  "tunnels:\n",
  "endpoints:\n",
];

const SURROUNDINGS = { platform: "linux", environment: {}, home: "/home/me", isRoot: false } as const;

interface Reader {
  readonly name: string;
  readonly seeds: readonly string[];
  readonly read: (text: string) => unknown;
  readonly refusals: readonly (new (...args: never[]) => Error)[];
}

/** As a run with this file and nothing else has it, behind a proxy that the environment names. */
function agentConfig(text: string): AgentConfig {
  const settings = readAgentFile("/a.yml", text);
  const variables = { http_proxy: "http://proxy.test:3128" };
  return buildAgentConfig({ files: [{ path: "/a.yml", settings }], environment: {}, flags: {}, variables });
}

/** Each by itself, as far as it can start; throws the last refusal when none can. */
function startedTunnels(text: string): readonly TunnelDefinition[] {
  const config = agentConfig(text);
  let refusal: unknown;
  const started = [...config.tunnels.keys(), "no such tunnel"].flatMap((name) => {
    try {
      return tunnelsToStart(config, [name]);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      refusal = error;
      return [];
    }
  });
  if (started.length === 0) throw refusal;
  return started;
}

const READERS: readonly Reader[] = [
  {
    name: "readAgentFile, and what buildAgentConfig and tunnelsToStart make of it,",
    seeds: agentFiles,
    read: startedTunnels,
    refusals: [UsageError],
  },
  {
    name: "upgradeConfig",
    seeds: agentFiles,
    read: (text) => upgradeConfig("/a.yml", text, undefined),
    refusals: [UsageError],
  },
  {
    name: "setInConfig",
    seeds: agentFiles,
    read: (text) => setInConfig("/a.yml", text, "authtoken", "x"),
    refusals: [UsageError],
  },
  {
    name: "readEdgeFile",
    seeds: [EDGE_FILE],
    read: (text) => buildEdgeConfig([readEdgeFile("/e.yml", text)], SURROUNDINGS),
    refusals: [UsageError],
  },
  {
    name: "parseTokenFile",
    seeds: ["# tokens\naaaaaaaaaaaaaaaaaaaaaaaa\nbbbbbbbbbbbbbbbbbbbbbbbbb # mine\n"],
    read: (text) => parseTokenFile("/t", text),
    refusals: [UsageError],
  },
  {
    name: "trafficPolicySteps",
    seeds: [POLICY_FILE],
    read: (text) => trafficPolicySteps(text, { protocol: "http" }),
    refusals: [PublicError],
  },
];

/** What a policy may have; readers of files take more, of their own user. */
const BOMB_CHARACTERS = 60_000;

const repeated = (piece: string, characters: number): string => piece.repeat(Math.floor(characters / piece.length));

/** Texts that want more than their length of whoever reads them. */
const BOMBS: readonly (readonly [string, (characters: number) => string])[] = [
  ["brackets", (size) => repeated("[", size)],
  ["brackets that close", (size) => repeated("[", size / 2) + repeated("]", size / 2)],
  ["maps in one line", (size) => repeated("{a: ", size)],
  ["lists in one line", (size) => repeated("- ", size)],
  ["keys of keys", (size) => repeated("? ", size)],
  ["ever deeper lines", (size) => Array.from({ length: Math.sqrt(size) }, (_, at) => `${" ".repeat(at)}a:`).join("\n")],
  ["lines of lists", (size) => repeated("-\n", size)],
  ["many keys", (size) => Array.from({ length: size / 12 }, (_, at) => `k${at}: 1`).join("\n")],
  ["one long key", (size) => `${repeated("k", size)}: 1\n`],
  ["one long text", (size) => `a: "${repeated("x", size - 10)}"`],
  ["escapes", (size) => `a: "${repeated("\\n", size - 10)}"`],
  ["quotes without end", (size) => `a: '${repeated("''", size - 10)}`],
  ["many documents", (size) => repeated("---\n", size)],
  ["many anchors", (size) => `a: [${Array.from({ length: size / 16 }, (_, at) => `&a${at} x`).join()}]`],
  ["many aliases", (size) => `a: [&a x${repeated(",*a", size - 10)}]`],
  ["aliases of aliases", () => laughs(9)],
  ["an alias of itself", () => "a: &a [*a]\n"],
  ["merges of merges", () => laughs(9, "merge")],
  ["a merge of itself", () => "a: &a\n  <<: *a\n"],
  ["comments", (size) => repeated("#\n", size)],
  ["spaces", (size) => `a:${repeated(" ", size - 10)}b`],
  ["tags", (size) => `a: ${repeated("!x ", size)}`],
  ["line breaks", (size) => repeated("\n", size)],
  ["a block", (size) => `a: |\n${repeated("  \n", size - 10)}`],
];

/** Nine of the level below on every level. */
function laughs(levels: number, kind: "list" | "merge" = "list"): string {
  const lines = Array.from({ length: levels }, (_, at) => {
    const below = Array.from({ length: 9 }, () => (at === 0 ? (kind === "list" ? "x" : "{}") : `*a${at - 1}`)).join();
    return kind === "list" ? `a${at}: &a${at} [${below}]` : `a${at}: &a${at} { k${at}: 1, <<: [${below}] }`;
  });
  return lines.join("\n");
}

function isRefused({ read, refusals }: Reader, text: string): boolean {
  try {
    read(text);
    return false;
  } catch (error) {
    if (!refusals.some((kind) => error instanceof kind)) throw error;
    return true;
  }
}

describe.each(READERS)("$name", (reader) => {
  test(
    "reads or refuses in words whatever a file becomes, and gives no object a field",
    () => {
      expect(reader.seeds.some((text) => !isRefused(reader, text))).toBe(true);
      fc.assert(
        fc.property(mutantTexts(reader.seeds, WORDS), (text) => {
          isRefused(reader, text);
          const inherited: string[] = [];
          for (const name in {}) inherited.push(name);
          expect(inherited).toEqual([]);
        }),
        runs(150),
      );
    },
    FUZZ_TIMEOUT_MS,
  );

  test.each(BOMBS)("comes to an end with %s", (_, bomb) => {
    expect(typeof isRefused(reader, bomb(BOMB_CHARACTERS))).toBe("boolean");
  });
});

/** What the readable seeds say, as JSON, which is YAML too. */
function valuesOf({ read, seeds }: Reader): readonly unknown[] {
  return seeds.flatMap((text) => {
    try {
      read(text);
      return [parse(text)] as unknown[];
    } catch {
      return [];
    }
  });
}

describe.each(READERS.filter(({ name }) => name !== "parseTokenFile"))("$name given other values", (reader) => {
  test(
    "reads or refuses in words, and reads many of those that are nearly right",
    () => {
      const values = valuesOf(reader);
      const { numRuns } = runs(50);
      let accepted = 0;
      fc.assert(
        fc.property(mutantValues(values), kindredValues(values), (strange, kindred) => {
          isRefused(reader, JSON.stringify(strange));
          if (!isRefused(reader, JSON.stringify(kindred))) accepted += 1;
          expect(Object.keys(Object.prototype)).toEqual([]);
        }),
        { numRuns },
      );
      expect(accepted).toBeGreaterThan(numRuns / 5);
    },
    FUZZ_TIMEOUT_MS,
  );
});
