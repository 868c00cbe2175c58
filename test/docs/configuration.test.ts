/** docs/configuration.md is complete: every key, flag, variable and default of the code stands there. */
import { describe, expect, test } from "bun:test";
import { COMMANDS } from "../../src/cli/command-table.ts";
import type { CommandTable } from "../../src/cli/command-spec.ts";
import { flagNames, type FlagTable } from "../../src/cli/flag-spec.ts";
import { openProcessLog } from "../../src/cli/process-log.ts";
import { COMMON_FLAGS } from "../../src/cli/table/common-flags.ts";
import {
  fieldsOfVersion1,
  fieldsOfVersion2,
  fieldsOfVersion3,
  KEYS_BELOW_AGENT,
} from "../../src/config/agent-fields.ts";
import { loadAgentConfig, surroundings } from "../../src/config/config-loader.ts";
import { defaultDataDir, locateConfig, type Surroundings } from "../../src/config/config-location.ts";
import { edgeLayerOfEnvironment, secretVariablesOfEdge } from "../../src/config/edge-layer.ts";
import { EDGE_SETTINGS, type EdgeSetting } from "../../src/config/edge-settings.ts";
import { SECRET_VARIABLES_OF_AGENT } from "../../src/config/environment.ts";
import { endpointKeys } from "../../src/config/endpoint-reader.ts";
import { strictTunnelFields } from "../../src/config/tunnel-fields.ts";
import { unsupportedSettings } from "../../src/config/unsupported-settings.ts";
import { codeIn, readPage, rowsBelow } from "./page.ts";

const page = await readPage("docs/configuration.md");
const runningAnEdge = await readPage("docs/running-an-edge.md");
const keysBelow = (heading: string): readonly string[] =>
  rowsBelow(page, heading).flatMap(([cell = ""]) => codeIn(cell));

const VERSIONS: Readonly<Record<string, readonly string[]>> = {
  1: Object.keys(fieldsOfVersion1.shape),
  2: Object.keys(fieldsOfVersion2.shape),
  3: [...Object.keys(fieldsOfVersion3.shape), ...KEYS_BELOW_AGENT.map((key) => key.replace("agent.", ""))],
};

describe("docs/configuration.md lists", () => {
  test.each(Object.entries(VERSIONS))("every general key of version %s, and no other", (version, keys) => {
    const listed = rowsBelow(page, "General keys")
      .filter(([, versions = ""]) => versions.split(" ").includes(version))
      .flatMap(([cell = ""]) => codeIn(cell));
    expect(listed.toSorted()).toEqual(keys.toSorted());
  });

  test("every key of a tunnel, and no other", () => {
    expect(keysBelow("Tunnels, versions 1 and 2").toSorted()).toEqual(Object.keys(strictTunnelFields.shape).toSorted());
  });

  test("what of a tunnel is not yet supported, as the code refuses it", () => {
    const rows = rowsBelow(page, "Tunnels, versions 1 and 2").filter((cells) => cells.at(-1) === "not yet supported");
    const keys = rows.flatMap(([cell = ""]) => codeIn(cell));
    const fields = Object.fromEntries(Object.keys(strictTunnelFields.shape).map((key) => [key, "wanted"]));
    const refused = unsupportedSettings({ ...fields, proto: "tls", bindings: [] }).filter((name) => !/[: ]/.test(name));
    expect(keys.toSorted()).toEqual(refused.toSorted());
  });

  test("every key of an endpoint, and no other", () => {
    const keys = rowsBelow(page, "Endpoints, version 3").flatMap(([cell = ""]) => codeIn(cell));
    expect(keys.toSorted()).toEqual(endpointKeys().toSorted());
  });

  test.each(Object.entries<EdgeSetting<unknown>>(EDGE_SETTINGS))(
    "the edge setting %s with its default",
    (name, { usual, isList }) => {
      const row = rowsBelow(page, "Edge settings").find(([cell]) => cell === `\`${name}\``);
      expect(row).toBeDefined();
      if (usual !== undefined) expect(row?.[2]).toBe(`\`${usual}\``);
      expect(row?.[1]?.includes("several") ?? false).toBe(isList === true);
    },
  );

  test("no edge setting that does not exist", () => {
    const listed = rowsBelow(page, "Edge settings").flatMap(([cell = ""]) => codeIn(cell));
    expect(listed.filter((name) => !(name in EDGE_SETTINGS))).toEqual([]);
  });

  test("every command by all its names", () => {
    const table: CommandTable = COMMANDS;
    const listed = new Set(commandRows().map((word) => word.replace(/ [A-Z][A-Z:]*…?$/, "")));
    const names = Object.entries(table).flatMap(([name, { aliases = [] }]) => [name].concat(aliases));
    expect(names.filter((name) => !listed.has(name))).toEqual([]);
  });

  test.each(Object.entries<{ readonly flags: FlagTable }>(COMMANDS))("every flag of %s", (name, { flags }) => {
    const others = Object.entries(flags).filter(([flag]) => !name.startsWith("edge") || !(flag in EDGE_SETTINGS));
    const tables = [Object.fromEntries(others), COMMON_FLAGS].flatMap((table) => flagNames(table));
    return expect(tables.filter((flag) => !listedFlags().includes(`--${flag}`))).toEqual([]);
  });

  test("the flags that are refused apart from those that work", () => {
    const refused = Object.values<{ readonly flags: FlagTable }>(COMMANDS).flatMap(({ flags }) =>
      Object.entries(flags).flatMap(([name, { notYet, aliases = [] }]) =>
        notYet === true ? [name].concat(aliases) : [],
      ),
    );
    const [, below = ""] = page.split("Known and refused by name");
    const named = new Set([...codeIn(below), "--mutual-tls-cas"]); // that one works for tls
    expect(refused.filter((flag) => !named.has(`--${flag}`))).toEqual([]);
  });

  test("every variable that agent and edge look at", async () => {
    const listed = codeIn(page.split("## Environment")[1] ?? "");
    const read = await variablesRead();
    expect(read).toEqual(expect.arrayContaining(["GINNEL_AUTHTOKEN", "https_proxy", "NO_COLOR", "GINNEL_TCP_PORTS"]));
    expect(read.filter((name) => !listed.includes(name))).toEqual([]);
  });
});

function commandRows(): readonly string[] {
  return rowsBelow(page, "Command line").flatMap(([cell = ""]) => codeIn(cell));
}

function listedFlags(): readonly string[] {
  return codeIn(page.split("## Command line")[1] ?? "").map((code) => code.replace(/ .*$/, ""));
}

/** Every name that is asked of an environment which has nothing. */
async function variablesRead(): Promise<readonly string[]> {
  const names = new Set<string>();
  const environment = new Proxy<Record<string, string>>(
    {},
    {
      get: (_, name) => {
        names.add(String(name));
        return undefined;
      },
    },
  );
  edgeLayerOfEnvironment(environment);
  const here = await surroundings(environment);
  for (const platform of ["linux", "darwin", "win32"] as const) {
    const there: Surroundings = { ...here, platform, environment, home: "/home/ann", isRoot: false };
    locateConfig([], there);
    defaultDataDir(there);
  }
  // Proxies are looked for on the way to another machine only.
  const flags = { serverAddress: { host: "edge.test", port: 443 } };
  await loadAgentConfig({ configFlags: ["/dev/null"], environment, flags });
  await using _ = openProcessLog({ target: { kind: "off" }, level: "info", format: "term" }, environment);
  return [...names];
}

test("docs/running-an-edge.md names every variable that the DNS hook is not told, and no other", () => {
  const [, list = ""] = /its environment, but for [^:]*: ([^.]*)\./.exec(runningAnEdge) ?? [];
  const secret = new Set([...secretVariablesOfEdge(), ...SECRET_VARIABLES_OF_AGENT]);
  expect(codeIn(list).toSorted()).toEqual([...secret].toSorted());
});
