import { describe, expect, test } from "bun:test";
import { UsageError } from "../../src/base/errors.ts";
import { type AccessLogSettings, buildEdgeConfig } from "../../src/config/edge-config.ts";
import {
  edgeLayerOfEnvironment,
  edgeLayerOfFlags,
  parseTokenFile,
  readEdgeFile,
  type EdgeLayer,
} from "../../src/config/edge-layer.ts";
import { EDGE_SETTINGS } from "../../src/config/edge-settings.ts";
import { hashToken } from "../../src/model/access-token.ts";

const MACHINE = { platform: "linux", environment: {}, home: "/home/ann", isRoot: false } as const;
const DOMAIN: EdgeLayer = { domain: ["tunnel.example.org"] };

describe("buildEdgeConfig", () => {
  test("buildEdgeConfig needs no more than a domain", () => {
    expect(buildEdgeConfig([DOMAIN], MACHINE)).toEqual({
      domains: ["tunnel.example.org"],
      http: { host: "", port: 80 },
      https: { host: "", port: 443 },
      agents: undefined,
      publicPorts: { http: undefined, https: undefined },
      tcpPorts: { first: 20_000, last: 29_999 },
      trustedProxies: [],
      certificate: undefined,
      acme: undefined,
      usesLocalCa: true,
      region: "us",
      dataDir: "/home/ann/.local/state/ginnel",
      store: {
        url: "sqlite:///home/ann/.local/state/ginnel/ginnel.db",
        secretsKey: { file: "/home/ann/.local/state/ginnel/secrets.key" },
      },
      management: { address: undefined, origins: [] },
      tokenHashes: [],
      authtokenFile: undefined,
      reserved: [],
      workers: 1,
      limits: {
        maxSessions: 1000,
        maxEndpointsPerSession: 200,
        maxStreamsPerSession: 10_000,
        headTimeoutMs: 30_000,
        handshakeTimeoutMs: 60_000,
        idleTimeoutMs: 300_000,
        drainTimeoutMs: 30_000,
      },
      log: { target: { kind: "stdout" }, level: "info", format: "term" },
      operator: undefined,
      accessLog: { target: { kind: "off" }, showsQuery: false },
    });
  });

  test.each([
    ["9090", { host: "127.0.0.1", port: 9090 }],
    ["127.0.0.1:9090", { host: "127.0.0.1", port: 9090 }],
    ["[::1]:9090", { host: "::1", port: 9090 }],
    ["0.0.0.0:9090", { host: "0.0.0.0", port: 9090 }],
    ["off", undefined],
  ])("buildEdgeConfig has the operator's address %s, a port alone on the loopback", (text, operator) => {
    expect(buildEdgeConfig([{ domain: ["a.test"], "operator-addr": [text] }], MACHINE).operator).toEqual(operator);
  });

  const KEY = "0a".repeat(32);
  test.each<[string, EdgeLayer, object]>([
    ["in another data folder", { data: ["d"] }, { url: "sqlite://d/ginnel.db", secretsKey: { file: "d/secrets.key" } }],
    ["of another file", { "secrets-key-file": ["k"] }, { secretsKey: { file: "k" } }],
    ["with the key itself", { "secrets-key": [KEY] }, { secretsKey: new Uint8Array(32).fill(10) }],
    ["on a server", { store: ["postgres://a:b@c/d"] }, { url: "postgres://a:b@c/d" }],
  ])("buildEdgeConfig has a store %s", (_, layer, store) => {
    expect(buildEdgeConfig([{ ...DOMAIN, ...layer }], MACHINE).store).toMatchObject(store);
  });

  test("buildEdgeConfig needs no home for a store that lies elsewhere", () => {
    const layer = { ...DOMAIN, data: ["d"], store: ["postgres://c/d"], "secrets-key": [KEY] };
    expect(buildEdgeConfig([layer], { ...MACHINE, home: undefined }).store.url).toBe("postgres://c/d");
  });

  test("buildEdgeConfig has the address and the origins of the management API", () => {
    const layer = { ...DOMAIN, "management-addr": ["4041"], "management-origins": ["https://a.test/", "http://b:1"] };
    expect(buildEdgeConfig([layer], MACHINE).management).toEqual({
      address: { host: "127.0.0.1", port: 4041 },
      origins: ["https://a.test", "http://b:1"],
    });
  });

  const ACME: EdgeLayer = { acme: ["letsencrypt"], "acme-agree": ["true"] };
  test.each<[string, EdgeLayer]>([
    ["a certificate", { crt: ["c"], key: ["k"] }],
    ["a public authority", ACME],
  ])("buildEdgeConfig leaves the local authority out where there is %s", (_, layer) => {
    expect(buildEdgeConfig([{ ...DOMAIN, ...layer, "local-ca": ["false"] }], MACHINE).usesLocalCa).toBe(false);
  });

  test("buildEdgeConfig refuses an edge without any certificate", () => {
    expect(() => buildEdgeConfig([{ ...DOMAIN, "local-ca": ["false"] }], MACHINE)).toThrow(
      "agents could not reach this edge: local-ca is false, so it needs crt and key, or acme",
    );
  });

  test("buildEdgeConfig has the networks of trusted proxies", () => {
    const layer = { ...DOMAIN, "trusted-proxies": ["10.0.0.0/24", "2001:db8::/32"] };
    expect(buildEdgeConfig([layer], MACHINE).trustedProxies.map(({ text }) => text)).toEqual([
      "10.0.0.0/24",
      "2001:db8::/32",
    ]);
  });

  test.each([
    ["management-addr", ":4041", "an address with its host"],
    ["trusted-proxies", "10.0.0.1", "10.0.0.1"],
    ["trusted-proxies", "10.0.0.1/24", "10.0.0.0/24"],
    ["trusted-proxies", "balancer", "balancer"],
    ["management-origins", "https://a.test/page", "a web origin such as"],
    ["management-origins", "a.test", "a web origin such as"],
    ["store", "ginnel.db", "a URL such as sqlite:"],
    ["secrets-key", "abc", "64 hexadecimal digits"],
    ["operator-addr", ":9090", "an address with its host"],
    ["access-log-query", "yes", "true or false"],
  ])("edgeLayerOfFlags refuses %s %s", (name, text, message) => {
    expect(() => edgeLayerOfFlags({ [name]: [text] })).toThrow(message);
  });

  test.each<[string, AccessLogSettings["target"]]>([
    ["log", { kind: "log" }],
    ["stderr", { kind: "stderr" }],
    ["false", { kind: "off" }],
    ["access.log", { kind: "file", path: "access.log" }],
  ])("buildEdgeConfig has the target %s of the access log", (text, target) => {
    const layer = { domain: ["a.test"], "access-log": [text], "access-log-query": ["true"] };
    expect(buildEdgeConfig([layer], MACHINE).accessLog).toEqual({ target, showsQuery: true });
  });

  const FILE = `
domain: [Tunnel.example.org, other.example.net]
http: off
https: "[::]:8443"
agents: 127.0.0.1:9000
tcp-ports: 1024-1030
crt: a.pem
key: a.key
region: eu
data: /srv/ginnel
authtoken: [one, two]
reserve: ["*.apps.example.com", www.customer.org]
max_sessions: 5
idle-timeout: 1m30s
log: /var/log/ginnel.log
log-level: debug
log-format: json
`;

  test("buildEdgeConfig takes every setting from a file, with dashes or underscores", () => {
    expect(buildEdgeConfig([readEdgeFile("edge.yml", FILE)], MACHINE)).toMatchObject({
      domains: ["tunnel.example.org", "other.example.net"],
      http: undefined,
      https: { host: "::", port: 8443 },
      agents: { host: "127.0.0.1", port: 9000 },
      tcpPorts: { first: 1024, last: 1030 },
      certificate: { crt: "a.pem", key: "a.key" },
      region: "eu",
      dataDir: "/srv/ginnel",
      tokenHashes: [hashToken("one"), hashToken("two")],
      reserved: ["*.apps.example.com", "www.customer.org"],
      limits: { maxSessions: 5, idleTimeoutMs: 90_000 },
      log: { target: { kind: "file", path: "/var/log/ginnel.log" }, level: "debug", format: "json" },
    });
  });

  test("buildEdgeConfig lays flags over environment over file", () => {
    const file = readEdgeFile("edge.yml", FILE);
    const environment = edgeLayerOfEnvironment({
      GINNEL_REGION: "ap",
      GINNEL_DOMAIN: "a.example, b.example",
      GINNEL_OTHER: "x",
    });
    const flags = edgeLayerOfFlags({ domain: ["c.example"], "tcp-ports": ["off"], authtoken: ["three"] });
    expect(buildEdgeConfig([file, environment], MACHINE)).toMatchObject({
      region: "ap",
      domains: ["a.example", "b.example"],
    });
    expect(buildEdgeConfig([file, environment, flags], MACHINE)).toMatchObject({
      region: "ap",
      domains: ["c.example"],
      tcpPorts: undefined,
      tokenHashes: [hashToken("three")],
    });
  });

  test.each([
    [{}, "no base domain"],
    [{ ...DOMAIN, crt: ["a.pem"] }, "crt and key need each other"],
    [{ ...DOMAIN, "secrets-key": [KEY], "secrets-key-file": ["k"] }, "two sources of one key"],
    [{ ...DOMAIN, "operator-addr": ["9"], "management-addr": ["9"] }, "operator-addr and management-addr cannot both"],
    [{ ...DOMAIN, https: ["off"] }, "agents could not reach this edge"],
    [{ ...DOMAIN, http: [":443"] }, "http and https cannot both listen on :443: change one of them"],
    [{ ...DOMAIN, https: ["[::1]:9"], agents: ["[::1]:9"] }, "https and agents cannot both listen on [::1]:9"],
    [
      { ...DOMAIN, http: ["localhost:443"] },
      "http and https cannot both listen on localhost:443 and on :443, which share the port: change one of them",
    ],
  ])("buildEdgeConfig refuses %j: %s", (layer, message) => {
    expect(() => buildEdgeConfig([layer], MACHINE)).toThrow(message);
  });

  test.each(Object.entries(EDGE_SETTINGS))("EDGE_SETTINGS.%s takes its own usual value", (_, setting) => {
    if ("usual" in setting) expect(() => setting.parse(setting.usual)).not.toThrow();
    expect(setting.help).not.toBe("");
  });
});

describe("readEdgeFile", () => {
  test.each([
    [
      "region: us\ntcp-port: 1-2",
      "'edge.yml': YAML parsing error: line 2, column 1: field tcp-port not found in type config.Edge; did you mean tcp-ports?",
    ],
    ["domain: my_edge.org", 'line 1, column 1: field domain: Invalid "_"'],
    ["domain: '*.example.org'", "a base domain is written without *."],
    ["region: [us, eu]", "field region: may be given only once"],
    ["http: nowhere", "is no address to listen on"],
    ["tcp-ports: 20-10", "expected a range such as 20000-29999"],
    ["max-sessions: none", "expected a whole number of at least 1"],
    ["max-sessions: 5\nmax_sessions: 6", "line 2, column 1: field max_sessions: stands beside max-sessions, its other"],
    ["authtoken: one two", "field authtoken: a token is 1 to 256 printable characters without spaces"],
    ["head-timeout: 30", "expected a duration"],
    ["log-level: loud", "expected one of crit"],
    ["reserve: 'a.*.org'", "Only the first part"],
    ["domain: { a: b }", "expected a list of texts, found a map"],
    ["- a", "expected a map of settings"],
  ])("readEdgeFile refuses %j: %s", (text, message) => {
    expect(() => readEdgeFile("edge.yml", text)).toThrow(message);
  });

  test("readEdgeFile takes an empty file", () => {
    expect(readEdgeFile("edge.yml", "")).toEqual({});
  });
});

test.each([
  ["*.localhost", "ERR_NGROK_416"],
  ["*.e.localhost", "ERR_NGROK_416"],
  ["*.com", "ERR_GINNEL_WIDE_WILDCARD"],
])("buildEdgeConfig refuses to reserve %s above the domain e.localhost, with the code of records", (name, code) => {
  const layer = { domain: ["e.localhost"], reserve: ["www.example.org", name] };
  expect(() => buildEdgeConfig([layer], MACHINE)).toThrow(
    expect.objectContaining({
      constructor: UsageError,
      message: expect.stringMatching(/^reserve: .*\*\./),
      cause: expect.objectContaining({ code }),
    }),
  );
});

test.each(["*.a.e.localhost", "*.example.com", "intranet"])("buildEdgeConfig reserves %s", (name) => {
  const layer = { domain: ["e.localhost"], reserve: [name] };
  expect(buildEdgeConfig([layer], MACHINE).reserved).toEqual([name]);
});

test("edgeLayerOfFlags and edgeLayerOfEnvironment name the input that is wrong", () => {
  expect(() => edgeLayerOfFlags({ colour: ["red"] })).toThrow("unknown flag --colour");
  expect(() => edgeLayerOfFlags({ region: ["EU!"] })).toThrow("flag --region: expected a code");
  expect(() => edgeLayerOfEnvironment({ GINNEL_HTTP: "x" })).toThrow("environment variable GINNEL_HTTP:");
});

test("edgeLayerOfFlags refuses an empty --domain", () => {
  expect(() => edgeLayerOfFlags({ domain: [""] })).toThrow("flag --domain: expected a domain name such as");
});

test.each([
  ["store", "mysql://ann:hush@host/db"],
  ["secrets-key", "hush"],
])("edgeLayerOfFlags never repeats what may be secret in --%s", (name, text) => {
  expect(() => edgeLayerOfFlags({ [name]: [text] })).toThrow(/^(?!.*hush)/);
});

test.each(["crt", "key", "data", "authtoken-file", "secrets-key-file"])(
  "edgeLayerOfFlags refuses an empty --%s",
  (name) => {
    expect(() => edgeLayerOfFlags({ [name]: [""] })).toThrow(`flag --${name}: expected a path, found ""`);
  },
);

test("parseTokenFile takes one token a line, and shows none of them", () => {
  expect(parseTokenFile("t", "# mine\none\r\n\n two # second\nthr#ee\n")).toEqual(["one", "two", "thr#ee"]);
  expect(() => parseTokenFile("t", "one\nsecret two words\n")).toThrow(
    /^t, line 2: a token is 1 to 256 printable characters without spaces$/,
  );
});
