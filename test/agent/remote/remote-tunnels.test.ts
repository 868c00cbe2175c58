/** What an edge may start on an agent, which a test plays. */
import { describe, expect, test } from "bun:test";
import type { RemotelyStarted } from "../../../src/agent/remote/remote-control.ts";
import { MAX_REMOTE_TUNNELS, RemoteTunnels } from "../../../src/agent/remote/remote-tunnels.ts";
import { Forwarder } from "../../../src/agent/forwarder/forwarder.ts";
import { TapQueue } from "../../../src/agent/forwarder/tap-queue.ts";
import { bindRequest } from "../../../src/agent/bind-request.ts";
import { Tunnel } from "../../../src/agent/tunnel.ts";
import { PublicError } from "../../../src/base/errors.ts";
import { endpointWishes } from "../../../src/model/endpoint-wish.ts";
import type { TunnelDefinition } from "../../../src/model/tunnel-definition.ts";
import { RemoteError } from "../../../src/protocol/rpc/rpc-error.ts";
import { TrafficMeters } from "../../../src/telemetry/traffic-meters.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { httpTunnel, tcpTunnel } from "../../support/tunnel-definitions.ts";

const WEB_PORT = { address: { host: "127.0.0.1", port: 4040 }, mayBePublished: true };
const CERT = "-----BEGIN CERTIFICATE-----\n";

class PlayedAgent implements RemotelyStarted {
  readonly status = { state: "online" } as const;
  readonly tunnels: Tunnel[] = [];
  readonly asked: TunnelDefinition[] = [];
  /** What a start comes to. */
  starting = (): Promise<void> => Promise.resolve();

  async startTunnel(definition: TunnelDefinition): Promise<readonly Tunnel[]> {
    this.asked.push(definition);
    await this.starting();
    const services = { taps: new TapQueue(clock), clock, log };
    const forwarder = await Forwarder.open(definition, services);
    const [wish] = endpointWishes(definition);
    if (wish === undefined) throw new Error("no wish");
    const parts = { definition, wish, forwarder, metrics: new TrafficMeters(0), capture: undefined };
    const reply = {
      bindId: `bind_${this.asked.length}`,
      url: "https://a.edge.test",
      protocol: "https" as const,
      wireOptions: {},
      extra: { token: "", tunnelId: "", ginnel: undefined },
    };
    const request = bindRequest(definition, wish, { partnerUrl: undefined, trafficPolicy: "" });
    const tunnel = new Tunnel(parts, request, reply);
    this.tunnels.push(tunnel);
    return [tunnel];
  }

  stopTunnel(): Promise<boolean> {
    return Promise.resolve(true);
  }
}

const clock = new ManualClock();
const { log } = recordingLog();

function remote(own: readonly TunnelDefinition[] = []): RemoteTunnels {
  return new RemoteTunnels({ own, webPort: () => WEB_PORT, clock, log });
}

async function failureOf(body: Readonly<Record<string, unknown>>, tunnels = remote()): Promise<PublicError> {
  const agent = new PlayedAgent();
  try {
    await tunnels.startTunnel(agent, body);
  } catch (error) {
    expect(agent.asked).toEqual([]);
    if (error instanceof PublicError) return error;
    throw error;
  }
  throw new Error("it was started");
}

describe("RemoteTunnels", () => {
  test("startTunnel starts what it is told to, and says whose wish it was", async () => {
    const agent = new PlayedAgent();
    expect(await remote().startTunnel(agent, { name: "web", proto: "http", addr: "8080" })).toBe("bind_1");
    expect(agent.asked).toEqual([{ ...httpTunnel({ name: "web" }), isRemote: true }]);
  });

  test.each([
    ["a folder", { proto: "http", addr: "file:///srv" }],
    ["a socket", { proto: "http", addr: "unix:/var/run/docker.sock" }],
    ["a metadata service", { proto: "http", addr: "169.254.169.254" }],
    ["a metadata service by TCP", { proto: "tcp", addr: "metadata.google.internal:80" }],
    ["a metadata service in another spelling", { proto: "tcp", addr: "[::ffff:a9fe:a9fe]:80" }],
    ["its web interface", { proto: "http", addr: 4040 }],
    ["its web interface behind a password", { proto: "http", addr: 4040, basic_auth: ["ann:a-good-password"] }],
    ["a file of authorities", { proto: "http", addr: "https://localhost", upstream_tls_verify_cas: "/etc/passwd" }],
    ["a file with a policy", { proto: "http", addr: 80, traffic_policy_file: "/etc/passwd" }],
    ["a file with a certificate", { proto: "tls", addr: 443, crt: "/etc/a.pem", key: CERT }],
    ["a file with a key", { proto: "tls", addr: 443, crt: CERT, key: "/etc/a.key" }],
    ["a file with client authorities", { proto: "tls", addr: 443, crt: CERT, key: CERT, client_cas: ["/etc/ca"] }],
  ])("startTunnel refuses %s", async (_, body) => {
    const { code, status } = await failureOf({ name: "x", ...body });
    expect([code, status]).toEqual(["ERR_GINNEL_REMOTE_REACH", 403]);
  });

  test.each([
    ["a folder", { proto: "http", addr: "file:///srv" }, httpTunnel({ upstream: "file:///srv" })],
    ["a metadata service", { proto: "tcp", addr: "169.254.169.254:80" }, tcpTunnel({ upstream: "169.254.169.254:80" })],
  ])("startTunnel takes %s that a tunnel of the user's leads to", async (_, body, own) => {
    const agent = new PlayedAgent();
    const tunnels = remote([own]);
    // Its folder is not there: the start fails, but nothing refuses it.
    await tunnels.startTunnel(agent, body).catch((error: unknown) => {
      expect(error).not.toMatchObject({ code: "ERR_GINNEL_REMOTE_REACH" });
    });
    expect(agent.asked.map(({ upstream }) => upstream)).toEqual([own.upstream]);
    expect(tunnels.reach({ ...own, isRemote: true })).toBeUndefined();
  });

  test("startTunnel never takes a file, also to an upstream of the user's", async () => {
    const body = { proto: "http", addr: 80, traffic_policy_file: "/etc/passwd" };
    expect((await failureOf(body, remote([httpTunnel({ upstream: 80 })]))).code).toBe("ERR_GINNEL_REMOTE_REACH");
  });

  test.each([
    ["nothing", {}, "proto"],
    ["no address", { proto: "http" }, "addr"],
    ["an unknown key", { proto: "http", addr: 80, shell: "rm" }, "shell"],
    ["an unknown protocol", { proto: "udp", addr: 80 }, "udp"],
    ["a bad name", { proto: "http", addr: 80, hostname: "a..b" }, "two periods"],
    ["what is not built yet", { proto: "http", addr: 80, oauth: { provider: "x" } }, "oauth"],
    ["a name that is a list", { proto: "http", addr: 80, name: ["x"] }, "name"],
  ])("startTunnel refuses %s as the agent API does", async (_, body, text) => {
    const { code, message } = await failureOf(body);
    expect(code).toBe("ERR_GINNEL_REMOTE_TUNNEL");
    expect(message).toContain(text);
  });

  test("startTunnel tells with which code the edge refused the bind", async () => {
    const agent = new PlayedAgent();
    agent.starting = () => Promise.reject(new RemoteError("taken", "ERR_NGROK_334"));
    const failure = await remote()
      .startTunnel(agent, { proto: "http", addr: 80 })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "ERR_GINNEL_REMOTE_TUNNEL",
      message: expect.stringContaining("ERR_NGROK_334"),
    });
  });

  test("startTunnel runs only so many, those on their way included", async () => {
    const agent = new PlayedAgent();
    const gate = Promise.withResolvers<void>();
    agent.starting = () => gate.promise;
    const tunnels = remote();
    const start = (): Promise<string> => tunnels.startTunnel(agent, { proto: "http", addr: 80 });
    const all = Array.from({ length: MAX_REMOTE_TUNNELS }, start);
    const tooMany = { code: "ERR_GINNEL_REMOTE_TUNNEL", message: expect.stringContaining(`${MAX_REMOTE_TUNNELS}`) };
    expect(await start().catch((error: unknown) => error)).toMatchObject(tooMany);
    gate.resolve();
    await Promise.all(all);
    expect(await start().catch((error: unknown) => error)).toMatchObject(tooMany);
    agent.tunnels.pop();
    expect(await start()).toStartWith("bind_");
  });

  test.each([
    ["192.0.2.1", 80, true],
    ["127.0.0.1", 80, true],
    ["127.0.0.1", 4040, false],
    ["::1", 4040, false],
    ["169.254.169.254", 80, false],
    ["fd00:ec2::254", 80, false],
  ])("reach of a name that leads to %s, port %i", (address, port, isAllowed) => {
    const definition = { ...httpTunnel({ upstream: `rebound.example:${port}` }), isRemote: true };
    expect(remote().reach(definition)?.(address)).toBe(isAllowed);
  });

  test("reach of the user's own tunnels is not limited", () => {
    expect(remote().reach(httpTunnel({ upstream: "rebound.example:80" }))).toBeUndefined();
  });
});
