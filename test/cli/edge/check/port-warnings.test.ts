import { expect, test } from "bun:test";
import { portWarnings } from "../../../../src/cli/edge/check/port-warnings.ts";
import { listenTcp } from "../../../../src/net/tcp-listen.ts";

const HOST = "127.0.0.1";
const OFF = {
  http: undefined,
  https: undefined,
  agents: undefined,
  operator: undefined,
  management: { address: undefined },
};

test.each([
  ["http", "http: listen"],
  ["https", "https: listen"],
  ["agents", "agents: listen"],
  ["operator", "operator-addr: listen"],
] as const)("portWarnings tells that the port of %s is taken, by its setting", (name, text) => {
  using taken = listenTcp({ hostname: HOST, port: 0 }, (visitor) => visitor.reset());
  const warnings = portWarnings({ ...OFF, [name]: { host: HOST, port: taken.port } }, HOST);
  expect(warnings).toEqual([expect.stringContaining(text)]);
  expect(warnings[0]).toContain("nothing is wrong if that is this edge");
});

test("portWarnings says nothing of ports that can be had, and frees them", () => {
  const freed = listenTcp({ hostname: HOST, port: 0 }, (visitor) => visitor.reset());
  freed.close();
  const config = { ...OFF, https: { host: HOST, port: freed.port }, agents: { host: HOST, port: 0 } };
  expect([portWarnings(config, HOST), portWarnings(config, HOST)]).toEqual([[], []]);
});

test("portWarnings tells of an address that the machine has not", () => {
  const warnings = portWarnings({ ...OFF, http: { host: "192.0.2.1", port: 8080 } }, HOST);
  expect(warnings).toEqual([expect.stringContaining("192.0.2.1:8080")]);
  expect(warnings[0]).not.toContain("this edge");
});

test("portWarnings tells that the port of management-addr is taken", () => {
  using taken = listenTcp({ hostname: HOST, port: 0 }, (visitor) => visitor.reset());
  const management = { address: { host: HOST, port: taken.port } };
  expect(portWarnings({ ...OFF, management }, HOST)).toEqual([expect.stringContaining("management-addr: listen")]);
});

test("portWarnings tries the address where a start listens that names none", () => {
  using taken = listenTcp({ hostname: "::1", port: 0 }, (visitor) => visitor.reset());
  const config = { ...OFF, http: { host: "", port: taken.port } };
  expect([portWarnings(config, "::1").length, portWarnings(config, HOST).length]).toEqual([1, 0]);
});
