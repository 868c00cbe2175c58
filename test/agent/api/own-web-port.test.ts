/** Tunnels to the agent's own web port (reference.md C-10). */
import { expect, test } from "bun:test";
import { refuseOpenWebPort } from "../../../src/agent/api/own-web-port.ts";
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
  ["tcp", tcpTunnel({ upstream: 4040 })],
  ["tls", tlsTunnel({ upstream: 4040 })],
  ["tls that asks for nothing", tlsTunnel({ upstream: 4040, termination: TERMINATION })],
])("refuseOpenWebPort refuses %s, and names the ways out", (_, definition) => {
  expect(() => refuseOpenWebPort(definition, PORT)).toThrow(UsageError);
  expect(() => refuseOpenWebPort(definition, PORT)).toThrow(/"web".*basic_auth.*web_publish/);
  expect(() => refuseOpenWebPort(definition, { ...PORT, mayBePublished: true })).not.toThrow();
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
