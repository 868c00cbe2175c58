import { expect, test } from "bun:test";
import { buildAgentConfig, tunnelsToStart, type AgentSources } from "../../src/config/agent-config.ts";
import { readAgentFile } from "../../src/config/agent-file.ts";
import { settingsOfEnvironment, settingsOfFlags, type Environment } from "../../src/config/environment.ts";

interface Given {
  readonly files?: readonly string[];
  readonly environment?: Environment;
  readonly flags?: Readonly<Record<string, string>>;
}

function build({ files = [], environment = {}, flags = {} }: Given) {
  const sources: AgentSources = {
    files: files.map((text, index) => ({ path: `${index}.yml`, settings: readAgentFile(`${index}.yml`, text) })),
    environment: settingsOfEnvironment(environment),
    flags: settingsOfFlags(flags),
    variables: environment,
  };
  return buildAgentConfig(sources);
}

test("buildAgentConfig has a default for everything", () => {
  expect(build({})).toMatchObject({
    files: [],
    authtoken: undefined,
    serverAddress: undefined,
    rootCas: { kind: "trusted" },
    proxy: undefined,
    connectTimeoutMs: 10_000,
    heartbeatIntervalMs: 5_000,
    heartbeatToleranceMs: 5_000,
    consoleUi: "iftty",
    consoleUiColor: "black",
    log: { target: { kind: "off" }, level: "info", format: "term" },
    web: { address: { host: "127.0.0.1", port: 4040 }, isExplicit: false, allowHosts: [], mayBePublished: false },
    captureLimitBytes: 50_000_000,
    update: "check",
    updateChannel: "stable",
    allowsRemoteManagement: false,
    commandSchemes: ["https"],
  });
});

test("buildAgentConfig lays flags over environment over files, later files over earlier ones", () => {
  const files = ["authtoken: first\nlog_level: warn", "version: 2\nauthtoken: second"];
  expect(build({ files })).toMatchObject({ authtoken: "second", log: { level: "warn" }, files: ["0.yml", "1.yml"] });
  const environment = { NGROK_AUTHTOKEN: "third" };
  expect(build({ files, environment }).authtoken).toBe("third");
  expect(build({ files, environment, flags: { authtoken: "fourth" } }).authtoken).toBe("fourth");
});

test.each([
  ["no file", [], ["https"]],
  ["an empty file", [""], ["http", "https"]],
  ["version 1", ['version: "1"'], ["http", "https"]],
  ["version 2", ["version: 2"], ["https"]],
  ["versions 1 and 3", ["", "version: 3"], ["https"]],
] as const)("buildAgentConfig opens for a bare command with %s: %j", (_, files, schemes) => {
  expect(build({ files }).commandSchemes).toEqual(schemes);
});

const REGIONS = "regions: { eu: eu.example.org, us: us.example.org }\n";

test.each([
  ["the address of the file", { files: ["server_addr: a.example:1"] }, "a.example", 1],
  ["the region's address", { files: [`${REGIONS}region: eu\nserver_addr: a.example:1`] }, "eu.example.org", 443],
  ["the flag's region", { files: [`${REGIONS}region: eu`], flags: { region: "us" } }, "us.example.org", 443],
  [
    "the environment over the region",
    { files: [`${REGIONS}region: eu`], environment: { GINNEL_SERVER_ADDR: "env.example" } },
    "env.example",
    443,
  ],
  [
    "our variable over the other",
    { environment: { GINNEL_SERVER_ADDR: "ours.example", NGROK_SERVER_ADDR: "theirs.example" } },
    "ours.example",
    443,
  ],
  [
    "the flag over all",
    {
      files: ["server_addr: a.example"],
      environment: { NGROK_SERVER_ADDR: "b.example" },
      flags: { "server-addr": "c.example:9" },
    },
    "c.example",
    9,
  ],
] as const)("buildAgentConfig dials %s", (_, given, host, port) => {
  expect(build(given).serverAddress).toEqual({ host, port });
});

test.each([
  ["nothing", {}, false],
  ["a file", { files: ["remote_management: true"] }, true],
  ["our variable", { environment: { GINNEL_REMOTE_MANAGEMENT: "true" } }, true],
  [
    "the variable over a file",
    { files: ["remote_management: true"], environment: { GINNEL_REMOTE_MANAGEMENT: "false" } },
    false,
  ],
] as const)("buildAgentConfig allows remote management by %s", (_, given, isAllowed) => {
  expect(build(given).allowsRemoteManagement).toBe(isAllowed);
});

test("buildAgentConfig refuses a region that has no server", () => {
  expect(() => build({ files: [REGIONS], flags: { region: "ap" } })).toThrow(
    'region "ap" has no server; the regions of the configuration are eu, us',
  );
  expect(build({ flags: { region: "ap" } })).toMatchObject({ region: "ap", isRegionMapped: false });
});

test.each([
  ["0", 50_000_000],
  ["-1", undefined],
  ["1000", 1000],
  ["5MB", 5_000_000],
] as const)("buildAgentConfig reads inspect_db_size %s", (size, limit) => {
  expect(build({ files: [`inspect_db_size: ${size}`] }).captureLimitBytes).toBe(limit);
});

test("buildAgentConfig switches the web interface off, and knows an address that the user named", () => {
  expect(build({ files: ["web_addr: false"] }).web).toBeUndefined();
  const web = build({ files: ["web_addr: localhost:4041"] }).web;
  expect(web).toMatchObject({ address: { host: "localhost", port: 4041 }, isExplicit: true });
});

test("buildAgentConfig logs to stdout when there is no console screen, except for version 1", () => {
  const target = (text: string) => build({ files: [text] }).log.target.kind;
  expect(target("version: 2\nconsole_ui: false")).toBe("stdout");
  expect(target("version: 2\nconsole_ui: false\nlog: stderr")).toBe("stderr");
  expect(target("console_ui: false")).toBe("off");
});

test("buildAgentConfig takes the environment's proxy only when no file names one", () => {
  const environment = { http_proxy: "http://env.example:1", NO_PROXY: "x.example" };
  const proxy = (...lines: readonly string[]) => build({ environment, files: [lines.join("\n")] }).proxy;
  const ofEnvironment = { scheme: "http", host: "env.example", port: 1 } as const;
  const ofFile = { scheme: "socks5", host: "file.example", port: 2 } as const;
  expect(proxy("server_addr: a.example:443", "http_proxy: false")).toEqual(ofEnvironment);
  expect(proxy("server_addr: x.example:443")).toBeUndefined();
  expect(proxy("version: 2", "server_addr: x.example:443", "proxy_url: socks5://file.example:2")).toEqual(ofFile);
});

test("buildAgentConfig does not ask the environment for a proxy to the edge inside", () => {
  expect(build({ environment: { http_proxy: "nonsense://" } }).proxy).toBeUndefined();
});

const TUNNELS =
  'version: "2"\ntunnels:\n  web: { proto: http, addr: 80 }\n  bad: { proto: http }\n  sso: { proto: http, addr: 80, oauth: { provider: x } }';

test("tunnelsToStart answers the tunnels in the order asked for, each once", () => {
  const config = build({ files: [TUNNELS, "tunnels: { ssh: { proto: tcp, addr: 22 } }"] });
  expect(tunnelsToStart(config, ["ssh", "web", "ssh"]).map(({ name, proto }) => [name, proto])).toEqual([
    ["ssh", "tcp"],
    ["web", "http"],
  ]);
});

test("tunnelsToStart tells of a fault only in the tunnel that is started", () => {
  const config = build({ files: [TUNNELS] });
  expect(() => tunnelsToStart(config, ["web"])).not.toThrow();
  expect(() => tunnelsToStart(config, ["bad"])).toThrow("'0.yml': YAML parsing error: line 4, column 3");
  expect(() => tunnelsToStart(config, ["sso"])).toThrow('tunnel "sso" cannot start: oauth is not yet supported');
});

test("tunnelsToStart lists the tunnels and files when a name is unknown", () => {
  expect(() => tunnelsToStart(build({ files: [TUNNELS] }), ["wbe"])).toThrow(
    /'wbe' is not defined[^]*\n {2}bad\n {2}sso\n {2}web\n[^]*\n {2}0\.yml$/,
  );
  expect(() => tunnelsToStart(build({}), ["web"])).toThrow(/\(none\)[^]*\(none\)/);
});

test.each([
  ["an unknown flag", { flags: { colour: "red" } }, "flag --colour: field colour not found"],
  ["a bad level", { flags: { "log-level": "loud" } }, "flag --log-level: field log_level: expected one of crit"],
  ["a bad address", { environment: { NGROK_SERVER_ADDR: "a:b:c" } }, "environment variable NGROK_SERVER_ADDR: field"],
  ["our bad address", { environment: { GINNEL_SERVER_ADDR: "a:b:c" } }, "environment variable GINNEL_SERVER_ADDR: "],
  [
    "a bad proxy",
    { environment: { ALL_PROXY: "gopher://x", NGROK_SERVER_ADDR: "a:1" } },
    "environment variable ALL_PROXY: expected a proxy URL",
  ],
] as const)("settings refuse %s", (_, given, message) => {
  expect(() => build(given)).toThrow(message);
});
