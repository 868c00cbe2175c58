import { afterEach, describe, expect, test } from "bun:test";
import { PublicError } from "../../../src/base/errors.ts";
import type { CloudEndpoints } from "../../../src/edge/binding/cloud-endpoints.ts";
import { NAME_HOLD_MS } from "../../../src/edge/binding/name-holds.ts";
import { internalPlace } from "../../../src/edge/routing-table.ts";
import type { CloudEndpoint } from "../../../src/model/records/cloud-endpoint.ts";
import { dialTcp } from "../../../src/net/tcp-dial.ts";
import { listenTcp } from "../../../src/net/tcp-listen.ts";
import { agentOf, type BinderScene, binderScene, PlayedLeg } from "../../support/binder-scene.ts";
import { bindRequest } from "../../support/bind-request.ts";
import { aCloudEndpoint, CLOSING } from "../../support/cloud-endpoints.ts";
import { freePorts } from "../../support/free-ports.ts";
import { eventually } from "../../support/turns.ts";

const scenes: BinderScene[] = [];
afterEach(() => {
  for (const { tcpPlaces } of scenes.splice(0)) tcpPlaces.stopAccepting();
});

interface Scene extends BinderScene {
  readonly cloud: CloudEndpoints;
  readonly port: number;
  /** Makes a record, or changes one. */
  readonly put: (changes?: Partial<CloudEndpoint>) => CloudEndpoint;
  /** Ids of who serves visitors of a URL such as `https://a.edge.test`. */
  readonly at: (url: string) => string | undefined;
  readonly warnings: () => readonly unknown[];
}

function scene(...kept: readonly CloudEndpoint[]): Scene {
  const port = freePorts(1);
  const s = binderScene({ first: port, last: port });
  scenes.push(s);
  s.directory.cloud.push(...kept);
  const cloud = s.cloudEndpoints();
  return {
    ...s,
    cloud,
    port,
    put: (changes) => {
      const record = aCloudEndpoint("ac_1", changes);
      cloud.follow(record.id, record);
      return record;
    },
    at: (url) => {
      const { protocol, hostname } = new URL(url);
      return s.routes.find(protocol === "http:" ? "http" : "https", hostname)?.facts.id;
    },
    warnings: () => s.lines.filter(({ level }) => level === "warn").map(({ fields }) => codeOf(fields["err"])),
  };
}

function codeOf(error: unknown): string {
  return error instanceof PublicError ? error.code : String(error);
}

async function bind(s: BinderScene, wire: Readonly<Record<string, unknown>>, leg = new PlayedLeg()): Promise<string> {
  try {
    return (await s.binder.bind(agentOf("alice"), leg, bindRequest(wire))).url;
  } catch (error) {
    return codeOf(error);
  }
}

const A = "https://a.edge.test";

describe("CloudEndpoints", () => {
  test("CloudEndpoints has those online that there are, and follows their records", () => {
    const kept = aCloudEndpoint("ac_1", { url: A });
    const s = scene(kept);
    expect(s.at(A)).toBe(kept.id);
    const made = s.put({ url: "http://b.edge.test" });
    expect(s.at("http://b.edge.test")).toBe(made.id);
    s.cloud.follow(kept.id, undefined);
    s.cloud.follow(made.id, undefined);
    s.cloud.follow("ep_unknown", undefined);
    expect(s.routes.size).toBe(0);
  });

  test("CloudEndpoints moves one in a single step, and keeps what was counted while nothing changes for visitors", () => {
    const s = scene();
    const record = s.put({ url: A });
    const first = s.routes.find("https", "a.edge.test");
    s.cloud.follow(record.id, { ...record, description: "new" });
    expect(s.routes.find("https", "a.edge.test")).toBe(first);
    s.cloud.follow(record.id, { ...record, trafficPolicy: `${CLOSING} # changed` });
    expect(s.routes.find("https", "a.edge.test")).not.toBe(first);
    s.cloud.follow(record.id, { ...record, url: "https://c.edge.test" });
    expect([s.at(A), s.at("https://c.edge.test")]).toEqual([undefined, record.id]);
    expect(s.warnings()).toEqual([]);
  });

  test.each([
    ["no policy", "", "ERR_NGROK_2235"],
    ["a policy of a newer version", "on_http_request: [{actions: [{type: dance}]}]", "ERR_NGROK_2201"],
    ["no URL", { url: "ftp://x" }, "UsageError"],
    ["a name of the edge", { url: "https://api.edge.test" }, "ERR_NGROK_320"],
  ])("CloudEndpoints leaves out one alone that has %s", (_, broken, code) => {
    const changes = typeof broken === "string" ? { trafficPolicy: broken } : broken;
    const record = aCloudEndpoint("ac_1", { url: "https://broken.edge.test", ...changes });
    const good = aCloudEndpoint("ac_1", { url: A });
    const s = scene(record, good);
    if (code === "ERR_NGROK_320") s.directory.verdict = "ofEdge";
    expect(s.at("https://broken.edge.test")).toBeUndefined();
    expect(s.at(A)).toBe(good.id);
    expect(s.warnings()).toEqual([expect.stringContaining(code)]);
    s.directory.verdict = "allowed";
    s.cloud.follow(record.id, { ...record, url: "https://broken.edge.test", trafficPolicy: CLOSING });
    expect(s.at("https://broken.edge.test")).toBe(record.id);
  });

  test("CloudEndpoints takes one away whose new policy cannot be read", () => {
    const s = scene();
    const record = s.put({ url: A });
    s.cloud.follow(record.id, { ...record, trafficPolicy: "{" });
    expect(s.at(A)).toBeUndefined();
    expect(s.warnings()).toEqual(["ERR_NGROK_2236"]);
  });

  test("CloudEndpoints follows who may have a name, and warns once", () => {
    const s = scene();
    const [one, internal] = [s.put({ url: A }), s.put({ url: "http://api.internal:81" })];
    s.directory.verdict = "notReserved";
    s.cloud.recheck();
    s.cloud.recheck();
    expect([s.at(A), s.warnings()]).toEqual([undefined, ["ERR_NGROK_319"]]);
    expect(s.routes.find(internalPlace("ac_1", { scheme: "http", port: 81 }), "api.internal")?.facts.id).toBe(
      internal.id,
    );
    s.directory.verdict = "allowed";
    s.cloud.recheck();
    expect(s.at(A)).toBe(one.id);
  });

  test("CloudEndpoints comes once the agent that has its address has gone", async () => {
    const s = scene();
    const leg = new PlayedLeg();
    expect(await bind(s, { Proto: "https", Opts: { Domain: "a.edge.test" } }, leg)).toBe(A);
    const record = s.put({ url: A });
    expect([s.at(A) === record.id, s.warnings()]).toEqual([false, ["ERR_NGROK_334"]]);
    s.binder.legEnded(agentOf("alice"), leg);
    expect(s.at(A)).toBe(record.id);
    expect(await bind(s, { Proto: "https", Opts: { Domain: "a.edge.test" } })).toBe("ERR_NGROK_334");
  });

  test.each([
    ["tls beside https", { Proto: "tls" }, false, "ERR_NGROK_334"],
    ["http beside https", { Proto: "http" }, false, "http://a.edge.test"],
    [
      "one that pools beside one that does not",
      { Proto: "https", Extra: { PoolingEnabled: true } },
      false,
      "ERR_NGROK_6030",
    ],
    ["one that does not pool beside one that does", { Proto: "https" }, true, "ERR_NGROK_334"],
    ["one that pools beside another", { Proto: "https", Extra: { PoolingEnabled: true } }, true, A],
  ] as const)("CloudEndpoints answers an agent: %s", async (_, wire, isPooled, expected) => {
    const s = scene();
    const record = s.put({ url: A, isPooled });
    expect(await bind(s, { ...wire, Opts: { Domain: "a.edge.test" } })).toBe(expected);
    if (expected !== A) return;
    expect(s.at(A)).toBe(record.id);
    for (const member of s.routes.all()) if (member.facts.id === record.id) s.routes.served(member);
    expect([undefined, record.id]).not.toContain(s.at(A));
  });

  test.each([
    ["ac_1", "https://a.edge.test", true],
    ["ac_2", "https://a.edge.test", false],
    ["ac_2", "http://a.edge.test", false],
    ["ac_2", "https://b.edge.test", true],
  ])(
    "CloudEndpoints of %s leaves to a lost agent of another account what it had: %s",
    async (accountId, url, isFree) => {
      const s = scene();
      const leg = new PlayedLeg();
      await bind(s, { Proto: "https", Opts: { Domain: "a.edge.test" } }, leg);
      s.binder.legEnded(agentOf("alice"), leg);
      const record = aCloudEndpoint(accountId, { url });
      s.cloud.follow(record.id, record);
      expect(s.at(url) === record.id).toBe(isFree);
      s.clock.advance(NAME_HOLD_MS);
      expect(s.at(url)).toBe(record.id);
    },
  );

  test("CloudEndpoints keeps the sides of one host with one account", () => {
    const s = scene();
    s.put({ url: A });
    const stranger = aCloudEndpoint("ac_2", { url: "http://a.edge.test" });
    s.cloud.follow(stranger.id, stranger);
    expect([s.at("http://a.edge.test"), s.warnings()]).toEqual([undefined, ["ERR_NGROK_334"]]);
  });

  test("CloudEndpoints listens on the port of a tcp endpoint while it is online", async () => {
    const s = scene();
    const record = s.put({ url: `tcp://edge.test:${s.port}` });
    const visitor = await dialTcp({ host: "127.0.0.1", port: s.port }, { timeoutMs: 5_000 });
    await eventually("the visitor has come", () => s.visitors.length === 1);
    expect(s.visitors[0]?.endpoint.facts.id).toBe(record.id);
    // Another policy at the same port: visitors find one or the other.
    s.cloud.follow(record.id, { ...record, isPooled: true });
    const next = await dialTcp({ host: "127.0.0.1", port: s.port }, { timeoutMs: 5_000 });
    await eventually("the next visitor has come", () => s.visitors.length === 2);
    s.cloud.follow(record.id, undefined);
    using free = listenTcp({ hostname: "127.0.0.1", port: s.port }, (connection) => connection.reset());
    expect(free.port).toBe(s.port);
    for (const connection of [visitor, next, ...s.visitors.map((one) => one.connection)]) connection.reset();
  });

  test("CloudEndpoints warns of a port that another program has", () => {
    const s = scene();
    using taken = listenTcp({ hostname: "127.0.0.1", port: s.port }, (connection) => connection.reset());
    s.put({ url: `tcp://edge.test:${taken.port}` });
    expect([s.routes.size, s.warnings()]).toEqual([0, ["ERR_NGROK_334"]]);
  });
});
