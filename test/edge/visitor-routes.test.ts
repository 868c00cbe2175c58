import { describe, expect, test } from "bun:test";
import { Endpoint, type EndpointFacts } from "../../src/edge/endpoint.ts";
import { ownNames } from "../../src/edge/own-names.ts";
import { OwnSites } from "../../src/edge/own-sites.ts";
import { WaitingVisitors } from "../../src/edge/returning/waiting-visitors.ts";
import { internalPlace, RoutingTable } from "../../src/edge/routing-table.ts";
import { VisitorRoutes } from "../../src/edge/visitor-routes.ts";
import type { InternalUrl } from "../../src/model/internal-url.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordingLog } from "../support/recording-log.ts";
import { endpointOf, ScriptedAgent } from "../support/scripted-agent.ts";
import { quiet } from "../support/turns.ts";

/** Counts how often a word of it was expected. */
class CountingAgent extends ScriptedAgent {
  timesExpected = 0;

  override expectWord(): void {
    this.timesExpected += 1;
  }
}

const HOST = "a.edge.test";
const POOLED = { options: { isPooled: true } };
const INTERNAL: InternalUrl = { scheme: "https", host: "api.internal", port: 443 };
const internally = { place: internalPlace("ac_1", INTERNAL), host: INTERNAL.host };

interface Scene {
  readonly visitorRoutes: VisitorRoutes;
  readonly agents: readonly CountingAgent[];
  readonly endpoints: readonly Endpoint[];
  readonly waiting: WaitingVisitors;
  readonly clock: ManualClock;
}

/** An endpoint of an agent of its own for each of the facts. */
function scene(...each: readonly Partial<EndpointFacts>[]): Scene {
  const routes = new RoutingTable<Endpoint>();
  const site = { host: "site.edge.test", maxBodyBytes: 0, fetch: () => Promise.resolve(new Response("")) };
  const { log } = recordingLog();
  const sites = new OwnSites({ sites: [site], httpsPort: () => 443, clock: new ManualClock(), log });
  const agents = each.map(() => new CountingAgent());
  const endpoints = agents.map((agent, index) => {
    const endpoint = new Endpoint({ ...endpointOf(agent, HOST).facts, ...each[index] });
    endpoint.join(agent);
    endpoint.markAnswered();
    expect(routes.claim(endpoint)).toBeUndefined();
    return endpoint;
  });
  const clock = new ManualClock();
  const waiting = new WaitingVisitors({ clock, onFault: neverFaults, log });
  const visitorRoutes = new VisitorRoutes({ names: ownNames(["edge.test"]), sites, routes, waiting });
  return { visitorRoutes, agents, endpoints, waiting, clock };
}

function neverFaults(fault: unknown): never {
  throw fault;
}

describe("VisitorRoutes", () => {
  test.each([
    [HOST, true],
    ["edge.test", false],
    ["api.edge.test", false],
    ["site.edge.test", false],
  ])("leads to the endpoint of a wildcard for %s: %p", (host, isFound) => {
    const { visitorRoutes, endpoints } = scene({ host: "*.edge.test" }, { place: "https", host: "edge.test" });
    expect(visitorRoutes.find("http", host)).toBe(isFound ? endpoints[0] : undefined);
    expect(visitorRoutes.find("https", "edge.test")).toBeUndefined();
  });

  test("gives members of a pool their turns, and asks none of their agents before something was sent", () => {
    const tls = { ...POOLED, place: "tls" } as const;
    const { visitorRoutes, agents, endpoints } = scene(tls, tls);
    expect([visitorRoutes.find("tls", HOST), visitorRoutes.find("tls", HOST)]).toEqual([endpoints[0], endpoints[0]]);
    expect(agents.map(({ timesExpected }) => timesExpected)).toEqual([0, 0]);
    const taken = [1, 2, 3].map(() => visitorRoutes.take("tls", HOST));
    expect(taken.map((endpoint) => endpoints.findIndex((one) => one === endpoint))).toEqual([0, 1, 0]);
    expect(agents.map(({ timesExpected }) => timesExpected)).toEqual([0, 0]);
    for (const endpoint of endpoints) visitorRoutes.sent(endpoint);
    expect(agents.map(({ timesExpected }) => timesExpected)).toEqual([1, 1]);
  });

  test.each([
    ["alone in its pool", POOLED],
    ["without a pool", {}],
  ])("expects nothing of an endpoint %s", (_, facts) => {
    const { visitorRoutes, agents, endpoints } = scene(facts);
    for (const endpoint of endpoints) visitorRoutes.sent(endpoint);
    expect(agents[0]?.timesExpected).toBe(0);
  });

  test("gives internal endpoints to their account, as long as they are online", () => {
    const { visitorRoutes, agents, endpoints } = scene({ ...POOLED, ...internally }, { ...POOLED, ...internally });
    const taken = [1, 2].map(() => visitorRoutes.takeInternal("ac_1", INTERNAL));
    expect(taken.map((endpoint) => endpoints.findIndex((one) => one === endpoint))).toEqual([0, 1]);
    expect(agents.map(({ timesExpected }) => timesExpected)).toEqual([0, 0]);
    expect(visitorRoutes.takeInternal("ac_2", INTERNAL)).toBeUndefined();
    for (const agent of agents) agent.isOpen = false;
    expect(visitorRoutes.takeInternal("ac_1", INTERNAL)).toBeUndefined();
  });
});

describe("VisitorRoutes with names on their way back", () => {
  const visitor = { ip: "192.0.2.1", bytes: 0, onOver: () => {} };
  const http = (host: string) => ({ place: "http", host }) as const;

  test.each([
    ["the name is expected", [http(HOST)], [], true],
    ["a wildcard above it is", [http("*.edge.test")], [], true],
    ["another name is", [http("b.edge.test")], [], false],
    ["the name is online, and a wildcard expected", [http("*.edge.test")], [http(HOST)], false],
    ["a wildcard is online, and the name expected", [http(HOST)], [http("*.edge.test")], true],
    ["a wider wildcard is online than is expected", [http("*.edge.test")], [http("*.test")], true],
    ["a closer wildcard is online than is expected", [http("*.test")], [http("*.edge.test")], false],
  ] as const)("has a visitor wait or not when %s", (_, expected, online, waits) => {
    const { visitorRoutes, waiting } = scene(...online);
    waiting.expect(expected, 1_000);
    const name = visitorRoutes.expected("http", HOST);
    expect(name?.host).toBe(waits ? expected[0].host : undefined);
    if (name !== undefined) expect(visitorRoutes.wait(name, visitor)).toBeFunction();
  });

  test.each([
    ["for a name of https", { place: "https", host: HOST }, true],
    ["for a name of tls", { place: "tls", host: HOST }, true],
    ["for a wildcard of tls", { place: "tls", host: "*.edge.test" }, true],
    ["not for one of https, whose agent may be who comes", { place: "https", host: "*.edge.test" }, false],
    ["not for a name of http", { place: "http", host: HOST }, false],
  ] as const)("has a visitor wait before the handshake %s", async (_, name, waits) => {
    const { visitorRoutes, waiting } = scene();
    waiting.expect([name], 1_000);
    const leaving = new AbortController();
    const wait = visitorRoutes.waitForTls(HOST, visitor, leaving.signal);
    expect(wait !== undefined).toBe(waits);
    leaving.abort();
    await wait;
  });

  test("has a visitor of a name wait before the handshake, and not for the wildcard of https above it", async () => {
    const { visitorRoutes, waiting } = scene();
    const wildcard = { place: "https", host: "*.edge.test" } as const;
    waiting.expect([wildcard, { place: "tls", host: HOST }], 1_000);
    const wait = visitorRoutes.waitForTls(HOST, visitor, new AbortController().signal);
    expect(wait).toBeDefined();
    waiting.close();
    await wait;
  });

  test("has a visitor wait on before the handshake when another name came than its own", async () => {
    const { visitorRoutes, waiting, clock } = scene();
    waiting.expect([{ place: "tls", host: "*.edge.test" }], 1_000);
    let ended: string | undefined;
    const wait = visitorRoutes.waitForTls(HOST, visitor, new AbortController().signal)?.then((end) => (ended = end));
    waiting.came({ place: "tls", host: "b.edge.test" });
    clock.advance(20);
    await quiet();
    expect(ended).toBeUndefined();
    clock.advance(1_000);
    await wait;
    expect(ended).toBe("over");
  });

  test.each([
    ["refuses one of tls, whose request nobody here sees", "tls", "full"],
    ["lets one of https on to the answer to its request", "https", undefined],
  ] as const)("%s when no more may wait", async (_, place, end) => {
    const { visitorRoutes, waiting } = scene();
    waiting.expect([{ place, host: HOST }], 1_000);
    waiting.close();
    expect(await visitorRoutes.waitForTls(HOST, visitor, new AbortController().signal)).toBe(end);
  });
});
