/** Tunnels to the agent's own web port (reference.md C-10). */
import { describe, expect, test } from "bun:test";
import { hostname } from "node:os";
import { hostsOfThisMachine, refuseOpenWebPort } from "../../../src/agent/api/own-web-port.ts";
import { UsageError } from "../../../src/base/errors.ts";
import { httpTunnel, tcpTunnel, tlsTunnel } from "../../support/tunnel-definitions.ts";

const PORT = { address: { host: "127.0.0.1", port: 4040 }, mayBePublished: false };
const TERMINATION = {
  certificate: { kind: "file", path: "a" },
  key: { kind: "file", path: "b" },
  clientCas: [],
} as const;

test.each([
  ["http", httpTunnel({ upstream: 4040 })],
  ["http by address", httpTunnel({ upstream: "127.0.0.5:4040" })],
  ["http by IPv6", httpTunnel({ upstream: "[::1]:4040" })],
  ["http by any address", httpTunnel({ upstream: "0.0.0.0:4040" })],
  ["http by a short address", httpTunnel({ upstream: "127.1:4040" })],
  ["http by a number", httpTunnel({ upstream: "2130706433:4040" })],
  ["http by zero", httpTunnel({ upstream: "0:4040" })],
  ["http by another name of the loopback", httpTunnel({ upstream: "ip6-localhost:4040" })],
  ["http by a name below localhost", httpTunnel({ upstream: "web.localhost:4040" })],
  ["http by IPv6 in full", httpTunnel({ upstream: "[0:0:0:0:0:0:0:1]:4040" })],
  ["http by IPv4 inside of IPv6", httpTunnel({ upstream: "[::ffff:127.0.0.1]:4040" })],
  ["http by any address of IPv6", httpTunnel({ upstream: "[0::0]:4040" })],
  ["http by a name with a dot behind it", httpTunnel({ upstream: "localhost.:4040" })],
  ["tcp", tcpTunnel({ upstream: 4040 })],
  ["tls", tlsTunnel({ upstream: 4040 })],
  ["tls that asks for nothing", tlsTunnel({ upstream: 4040, termination: TERMINATION })],
])("refuseOpenWebPort refuses %s, and names the ways out", (_, definition) => {
  expect(() => refuseOpenWebPort(definition, PORT)).toThrow(UsageError);
  expect(() => refuseOpenWebPort(definition, PORT)).toThrow(/"web".*basic_auth.*web_publish/);
});

test.each([
  ["http", httpTunnel({ upstream: 4040 }), true],
  ["http that rewrites the Host", httpTunnel({ upstream: 4040, hostHeader: { kind: "rewrite" } }), false],
  ["http that sets a Host", httpTunnel({ upstream: 4040, hostHeader: { kind: "value", value: "localhost" } }), false],
  ["tcp, whose visitors may write any Host", tcpTunnel({ upstream: 4040 }), false],
  ["tls, whose visitors may write any Host", tlsTunnel({ upstream: 4040, termination: TERMINATION }), false],
])("refuseOpenWebPort with web_publish decides over %s", (_, definition, isAllowed) => {
  const refuse = expect(() => refuseOpenWebPort(definition, { ...PORT, mayBePublished: true }));
  if (isAllowed) refuse.not.toThrow();
  else refuse.toThrow(UsageError);
});

test.each([
  ["with credentials", httpTunnel({ upstream: 4040, basicAuth: ["ann:a-good-password"] })],
  [
    "with client certificates",
    tlsTunnel({ upstream: 4040, termination: { ...TERMINATION, clientCas: [{ kind: "file", path: "ca" }] } }),
  ],
  ["to another port", httpTunnel({ upstream: 4041 })],
  ["to another machine", httpTunnel({ upstream: "192.0.2.1:4040" })],
  ["to a folder", httpTunnel({ upstream: "file:///srv" })],
])("refuseOpenWebPort lets a tunnel pass %s", (_, definition) => {
  expect(() => refuseOpenWebPort(definition, PORT)).not.toThrow();
});

test("refuseOpenWebPort knows the address that the web port has", () => {
  const address = { host: "192.0.2.1", port: 4040 };
  const definition = httpTunnel({ upstream: "192.0.2.1:4040" });
  expect(() => refuseOpenWebPort(definition, { ...PORT, address })).toThrow(UsageError);
});

const OWN_HOSTS = ["laptop", "127.0.0.1", "192.0.2.9", "2001:db8::9", "fe80::9%eth0"];

describe.each(["0.0.0.0", "::", "", "agent.home.test"])("refuseOpenWebPort of a port at %p", (host) => {
  const port = { address: { host, port: 4040 }, mayBePublished: false };

  test.each([
    ["an address of this machine", httpTunnel({ upstream: "192.0.2.9:4040" })],
    ["one of IPv6", httpTunnel({ upstream: "[2001:DB8:0::9]:4040" })],
    ["one of a link", httpTunnel({ upstream: "[fe80::9%eth0]:4040" })],
    ["its name", httpTunnel({ upstream: "Laptop:4040" })],
    ["tcp", tcpTunnel({ upstream: "192.0.2.9:4040" })],
    ["tls", tlsTunnel({ upstream: "192.0.2.9:4040" })],
    ["the loopback", tcpTunnel({ upstream: 4040 })],
  ])("refuses a tunnel by %s", (_, definition) => {
    expect(() => refuseOpenWebPort(definition, port, () => OWN_HOSTS)).toThrow(UsageError);
  });

  test("lets a tunnel to another machine pass", () => {
    const definition = tcpTunnel({ upstream: "192.0.2.10:4040" });
    expect(() => refuseOpenWebPort(definition, port, () => OWN_HOSTS)).not.toThrow();
  });
});

test("refuseOpenWebPort leaves other addresses of this machine alone when the port is on the loopback", () => {
  const definition = tcpTunnel({ upstream: "192.0.2.9:4040" });
  expect(() => refuseOpenWebPort(definition, PORT, () => OWN_HOSTS)).not.toThrow();
});

test("hostsOfThisMachine tells its name, and every address it has", () => {
  expect(hostsOfThisMachine()).toEqual(expect.arrayContaining([hostname().toLowerCase(), "127.0.0.1"]));
});
