import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { UsageError } from "../../src/base/errors.ts";
import { loadAgentConfig, loadEdgeConfig } from "../../src/config/config-loader.ts";
import { saveSetting } from "../../src/config/config-saver.ts";
import { hashToken } from "../../src/model/access-token.ts";

const state = { home: "" };

beforeEach(async () => {
  state.home = await mkdtemp(join(tmpdir(), "ginnel-config-"));
});

afterEach(() => rm(state.home, { recursive: true, force: true }));

function at(...parts: string[]): string {
  return join(state.home, ...parts);
}

async function write(path: string, text: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await Bun.write(path, text);
  return path;
}

function load(configFlags: readonly string[], environment: Record<string, string> = {}) {
  return loadAgentConfig({ configFlags, environment: { HOME: state.home, ...environment }, flags: {} });
}

/** The message of the UsageError that a promise ends in. */
function refusal(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => "accepted",
    (error: unknown) => (error instanceof UsageError ? error.message : `fault: ${String(error)}`),
  );
}

test("loadAgentConfig needs no file", async () => {
  const { config, location } = await load([]);
  expect([config.files, location.origin]).toEqual([[], "default"]);
});

test("loadAgentConfig reads the first default place that exists", async () => {
  const oldest = await write(at(".ngrok2", "ngrok.yml"), "authtoken: oldest");
  expect((await load([])).config).toMatchObject({ files: [oldest], authtoken: "oldest" });
  const own = await write(at(".config", "ginnel", "ginnel.yml"), "authtoken: own");
  expect((await load([])).config).toMatchObject({ files: [own], authtoken: "own" });
});

test("loadAgentConfig reads the files that flags or the environment name, each once", async () => {
  const [a, b] = [
    await write(at("a.yml"), "authtoken: a\nregion: eu"),
    await write(at("b.yml"), "version: 2\nauthtoken: b"),
  ];
  await symlink(a, at("link.yml"));
  const { config } = await load([`${a},${at("link.yml")}`, b, a], { GINNEL_CONFIG: at("gone.yml") });
  expect(config).toMatchObject({ files: [a, b], authtoken: "b", region: "eu" });
  expect((await load([], { NGROK_CONFIG: b })).config.files).toEqual([b]);
});

test("loadAgentConfig takes /dev/null for an empty file", async () => {
  expect((await load(["/dev/null"])).config.files).toEqual(["/dev/null"]);
});

test("loadAgentConfig refuses a named file that is missing, a folder, or no UTF-8", async () => {
  const binary = at("binary.yml");
  await Bun.write(binary, new Uint8Array([0x61, 0xff, 0xfe]));
  for (const path of [at("gone.yml"), state.home, binary])
    expect(await refusal(load([path]))).toStartWith(`Error reading configuration file '${path}':`);
  expect(await refusal(load([], { GINNEL_CONFIG: at("gone.yml") }))).toContain("gone.yml");
});

test("saveSetting makes folders and file, readable for its owner only, and replaces the value later", async () => {
  const options = { configFlags: [], environment: { HOME: state.home } };
  const path = await saveSetting(options, "authtoken", "first_token");
  expect(path).toBe(at(".config", "ginnel", "ginnel.yml"));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await saveSetting(options, "authtoken", "second_token")).toBe(path);
  expect(await Bun.file(path).text()).toBe('version: "3"\nagent:\n    authtoken: second_token\n');
  expect(await readdir(dirname(path))).toEqual(["ginnel.yml"]);
});

test("saveSetting writes to the default file that exists, and closes it to others", async () => {
  const path = await write(at(".ngrok2", "ngrok.yml"), "# mine\nregion: eu\n");
  await chmod(path, 0o644);
  expect(await saveSetting({ configFlags: [], environment: { HOME: state.home } }, "authtoken", "a_b")).toBe(path);
  expect(await Bun.file(path).text()).toBe("# mine\nauthtoken: a_b\nregion: eu\n");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("saveSetting keeps a link to the file", async () => {
  const real = await write(at("real.yml"), "version: 2\n");
  await symlink(real, at("link.yml"));
  await saveSetting({ configFlags: [at("link.yml")], environment: {} }, "serverAddress", "edge.example.org:443");
  expect(await Bun.file(real).text()).toBe('version: 2\nserver_addr: "edge.example.org:443"\n');
});

test("saveSetting leaves the file to its owner, also when root changes it", async () => {
  const path = await write(at("of-somebody.yml"), "version: 2\n");
  // Only root can give files away, so that for everybody else the owner is the user.
  const owner = process.getuid?.() === 0 ? 54_321 : (process.getuid?.() ?? 0);
  await chown(path, owner, owner === 54_321 ? 54_322 : (process.getgid?.() ?? 0));
  const before = await stat(path);
  await saveSetting({ configFlags: [path], environment: {} }, "authtoken", "a_b");
  const after = await stat(path);
  expect([after.uid, after.gid, after.mode & 0o777]).toEqual([before.uid, before.gid, 0o600]);
});

test("saveSetting leaves a file alone that it cannot read, and what is no regular file", async () => {
  const broken = await write(at("broken.yml"), "a: [");
  expect(await refusal(saveSetting({ configFlags: [broken], environment: {} }, "apiKey", "k"))).toContain(
    "YAML parsing error",
  );
  expect(await refusal(saveSetting({ configFlags: ["/dev/null"], environment: {} }, "apiKey", "k"))).toContain(
    "not a regular file",
  );
  expect(await Bun.file(broken).text()).toBe("a: [");
});

test("loadEdgeConfig joins files, environment, flags and the authtoken file", async () => {
  const file = await write(at("edge.yml"), `domain: a.example\nregion: eu\nauthtoken-file: ${at("tokens")}\n`);
  await write(at("tokens"), "three\nfour\n");
  const environment = { HOME: state.home, GINNEL_AUTHTOKEN: "one,two" };
  const config = await loadEdgeConfig({ configFlags: [file], environment, flags: { region: ["ap"] } });
  expect(config).toMatchObject({
    domains: ["a.example"],
    region: "ap",
    tokenHashes: ["one", "two", "three", "four"].map(hashToken),
  });
  const named = await loadEdgeConfig({
    configFlags: [],
    environment: { ...environment, GINNEL_CONFIG: file },
    flags: {},
  });
  expect(named.region).toBe("eu");
});

test.each([
  ["that is empty", "", {}],
  ["with nothing but comments", "# revoked\n\n", {}],
  ["that is empty, also where there are other tokens", "", { GINNEL_AUTHTOKEN: "one" }],
])("loadEdgeConfig refuses an authtoken file %s", async (_, text, environment) => {
  const tokens = await write(at("tokens"), text);
  const flags = { domain: ["a.example"], "authtoken-file": [tokens] };
  expect(loadEdgeConfig({ configFlags: [], environment, flags })).rejects.toThrow(
    `the authtoken file '${tokens}' holds no token; write one a line`,
  );
});

test("loadEdgeConfig says that it is the authtoken file which cannot be read", async () => {
  const flags = { domain: ["a.example"], "authtoken-file": ["/no-such"] };
  expect(loadEdgeConfig({ configFlags: [], environment: {}, flags })).rejects.toThrow(
    "Error reading authtoken file '/no-such': there is no such file; give the path of one that can be read",
  );
});

test("loadEdgeConfig keeps no authtoken in clear", async () => {
  const environment = { HOME: state.home, GINNEL_AUTHTOKEN: "secret-of-the-agents" };
  const config = await loadEdgeConfig({ configFlags: [], environment, flags: { domain: ["a.example"] } });
  expect(Bun.inspect(config, { depth: 9 })).not.toContain("secret-of-the-agents");
});

test.each([
  ["a folder", "", "it is a folder; give the path of one that can be read"],
  ["a file that is no text", "binary", "it is no text in UTF-8; give the path of the right file"],
  ["a file that is far too large", "large", "it has more than 4000000 bytes; give the path of the right file"],
])("loadAgentConfig refuses %s", async (_, name, reason) => {
  await Bun.write(at("binary"), Uint8Array.of(0xff, 0xfe));
  await Bun.write(at("large"), new Uint8Array(4_000_001));
  expect(load([at(name)])).rejects.toThrow(`Error reading configuration file '${at(name)}': ${reason}`);
});
