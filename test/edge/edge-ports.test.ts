import { afterEach, describe, expect, test } from "bun:test";
import { UsageError } from "../../src/base/errors.ts";
import { EdgePorts, type EdgePortsOptions } from "../../src/edge/edge-ports.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { freePorts } from "../support/free-ports.ts";
import { LOOPBACK } from "../support/test-edge.ts";
import { eventually } from "../support/turns.ts";

const opened: EdgePorts[] = [];
afterEach(() => {
  for (const ports of opened.splice(0)) ports.stopAccepting();
});

const ANY = { hostname: LOOPBACK, port: 0 };
const NO_PUBLIC = { http: undefined, https: undefined };

function open(listen: EdgePortsOptions["listen"], more: Partial<EdgePortsOptions> = {}): EdgePorts {
  const ports = new EdgePorts({
    listen,
    publicPorts: NO_PUBLIC,
    accept: { http: () => {}, https: () => {}, agents: () => {} },
    admit: (connection, serve) => serve(connection),
    onFault: (fault) => {
      throw fault;
    },
    ...more,
  });
  ports.open();
  opened.push(ports);
  return ports;
}

describe("EdgePorts", () => {
  test("hands each connection that is admitted to what its port is for", async () => {
    const served: string[] = [];
    const accept =
      (name: string): EdgePortsOptions["accept"]["http"] =>
      (connection) => {
        served.push(name);
        connection.reset();
      };
    const ports = open(
      { http: ANY, https: ANY, agents: ANY },
      { accept: { http: accept("http"), https: accept("https"), agents: accept("agents") } },
    );
    for (const name of ["agents", "http", "https"] as const) {
      const before = served.length;
      const connection = await dialTcp({ host: LOOPBACK, port: ports.port(name) ?? 0 }, { timeoutMs: 5_000 });
      await eventually("it is served", () => served.length > before);
      connection.reset();
    }
    expect(served).toEqual(["agents", "http", "https"]);
  });

  test.each([
    ["those listened on", NO_PUBLIC, 0],
    ["those that are said", { http: 80, https: 443 }, 80],
  ])("has public ports: %s", (_, publicPorts, http) => {
    const ports = open({ http: ANY }, { publicPorts });
    expect(ports.public).toEqual({ http: http || ports.port("http"), https: publicPorts.https });
    expect([ports.port("https"), ports.port("agents")]).toEqual([undefined, undefined]);
  });

  test("keeps no port when one cannot be had", () => {
    const agents = open({ agents: ANY }).port("agents") ?? 0;
    const http = freePorts(1);
    const taken = { hostname: LOOPBACK, port: agents };
    expect(() => open({ http: { hostname: LOOPBACK, port: http }, agents: taken })).toThrow(UsageError);
    expect(open({ http: { hostname: LOOPBACK, port: http } }).port("http")).toBe(http);
  });

  test("listens where it is told when its own port may be any", () => {
    const chosen = freePorts(2);
    const options = { http: ANY, agents: { hostname: LOOPBACK, port: chosen + 1 } };
    const ports = new EdgePorts({
      listen: options,
      publicPorts: NO_PUBLIC,
      accept: { http: () => {}, https: () => {}, agents: () => {} },
      admit: () => {},
      onFault: () => {},
    });
    opened.push(ports);
    ports.open({ http: chosen, agents: 1 });
    expect([ports.port("http"), ports.port("agents")]).toEqual([chosen, chosen + 1]);
  });
});
