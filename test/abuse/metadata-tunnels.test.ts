/** Who may have a tunnel to where a cloud tells a machine its secrets: a program of the machine, no page in its browser, and no edge. */
import { describe, expect, test } from "bun:test";
import { PublicError } from "../../src/base/errors.ts";
import { systemClock } from "../../src/base/clock.ts";
import { postedTunnel } from "../../src/agent/api/posted-tunnel.ts";
import { RemoteTunnels } from "../../src/agent/remote/remote-tunnels.ts";
import { noLog } from "../../src/telemetry/logger.ts";
import { ApiScene } from "../support/api-scene.ts";

const UPSTREAMS = [
  "169.254.169.254:80",
  "169.254.169.254.:80",
  "2852039166:80",
  "0xa9fea9fe:80",
  "0251.0376.0251.0376:80",
  "169.254.43518:80",
  "[::ffff:169.254.169.254]:80",
  "[::ffff:a9fe:a9fe]:80",
  "[64:ff9b::169.254.169.254]:80",
  "[fd00:ec2::254]:80",
  "[fe80::a9fe:a9fe]:80",
  "metadata.google.internal:80",
  "METADATA.google.internal.:80",
  "100.100.100.200:80",
];

/** One of each protocol, and with each spelling of a scheme. */
function definitions(addr: string): readonly object[] {
  const schemes = ["http", "https", "HTTP"].map((scheme) => ({
    name: "web",
    proto: "http",
    addr: `${scheme}://${addr}`,
  }));
  return ["http", "tcp", "tls"].map((proto) => ({ name: "web", proto, addr })).concat(schemes);
}

const REMOTE = new RemoteTunnels({ own: [], webPort: () => undefined, clock: systemClock, log: noLog });

const PAGES: readonly Readonly<Record<string, string>>[] = [
  { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors" },
  { "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors" },
  { Origin: "https://evil.example" },
  { Host: "evil.example" },
  { "Content-Type": "text/plain" },
];

describe.each(UPSTREAMS)("A tunnel to %s", (addr) => {
  test("is a program's to start, as every other", async () => {
    for (const definition of definitions(addr)) {
      const scene = new ApiScene();
      const { status, text } = await scene.call("POST", "/api/tunnels", definition);
      expect([definition, status, text]).toEqual([definition, 201, text]);
    }
  });

  test("is started by no page of a stranger", async () => {
    for (const headers of PAGES) {
      for (const definition of definitions(addr)) {
        const scene = new ApiScene();
        const { status } = await scene.call("POST", "/api/tunnels", definition, headers);
        expect([headers, status === 403 || status === 415, scene.tunnels]).toEqual([headers, true, []]);
      }
    }
  });

  test("is started by no edge, also where it may manage the agent", async () => {
    for (const definition of definitions(addr)) {
      const started: unknown[] = [];
      const agent = {
        status: { state: "online" as const },
        tunnels: [],
        startTunnel: (wanted: unknown): Promise<readonly never[]> => {
          started.push(wanted);
          return Promise.resolve([]);
        },
        stopTunnel: () => Promise.resolve(false),
      };
      const [settled] = await Promise.allSettled([REMOTE.startTunnel(agent, { ...definition })]);
      const reason: unknown = settled?.status === "rejected" ? settled.reason : undefined;
      expect([definition, reason instanceof PublicError ? reason.code : reason]).toEqual([
        definition,
        "ERR_GINNEL_REMOTE_REACH",
      ]);
      expect(started).toEqual([]);
    }
  });
});

describe.each(definitions("friendly.example:80"))(
  "A tunnel of an edge to a name that leads there: %j",
  (definition) => {
    const tunnel = { ...postedTunnel({ ...definition }), isRemote: true };

    test.each(["169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fd00:ec2::254", "100.100.100.200"])(
      "dials it not at %s",
      (address) => {
        const mayDial = REMOTE.reach(tunnel);
        expect([mayDial?.(address), mayDial?.("192.0.2.7")]).toEqual([false, true]);
      },
    );
  },
);
