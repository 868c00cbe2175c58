import { describe, expect, test } from "bun:test";
import { Endpoint, type EndpointFacts } from "../../src/edge/endpoint.ts";
import { ownNames } from "../../src/edge/own-names.ts";
import { OwnSites } from "../../src/edge/own-sites.ts";
import { internalPlace, RoutingTable } from "../../src/edge/routing-table.ts";
import { VisitorRoutes } from "../../src/edge/visitor-routes.ts";
import type { InternalUrl } from "../../src/model/internal-url.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordingLog } from "../support/recording-log.ts";
import { endpointOf, ScriptedAgent } from "../support/scripted-agent.ts";

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
    expect(routes.claim(endpoint)).toBeUndefined();
    return endpoint;
  });
  return { visitorRoutes: new VisitorRoutes({ names: ownNames(["edge.test"]), sites, routes }), agents, endpoints };
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

  test("gives members of a pool their turns, and expects a word of those that get visitors", () => {
    const tls = { ...POOLED, place: "tls" } as const;
    const { visitorRoutes, agents, endpoints } = scene(tls, tls);
    expect([visitorRoutes.find("tls", HOST), visitorRoutes.find("tls", HOST)]).toEqual([endpoints[0], endpoints[0]]);
    expect(agents.map(({ timesExpected }) => timesExpected)).toEqual([0, 0]);
    const taken = [1, 2, 3].map(() => visitorRoutes.take("tls", HOST));
    expect(taken.map((endpoint) => endpoints.findIndex((one) => one === endpoint))).toEqual([0, 1, 0]);
    expect(agents.map(({ timesExpected }) => timesExpected)).toEqual([2, 1]);
  });

  test.each([
    ["alone in its pool", POOLED],
    ["without a pool", {}],
  ])("expects nothing of an endpoint %s", (_, facts) => {
    const { visitorRoutes, agents, endpoints } = scene(facts);
    for (const endpoint of endpoints) visitorRoutes.served(endpoint);
    expect(agents[0]?.timesExpected).toBe(0);
  });

  test("gives internal endpoints to their account, as long as they are online", () => {
    const { visitorRoutes, agents, endpoints } = scene({ ...POOLED, ...internally }, { ...POOLED, ...internally });
    const taken = [1, 2].map(() => visitorRoutes.takeInternal("ac_1", INTERNAL));
    expect(taken.map((endpoint) => endpoints.findIndex((one) => one === endpoint))).toEqual([0, 1]);
    expect(agents.map(({ timesExpected }) => timesExpected)).toEqual([1, 1]);
    expect(visitorRoutes.takeInternal("ac_2", INTERNAL)).toBeUndefined();
    for (const agent of agents) agent.isOpen = false;
    expect(visitorRoutes.takeInternal("ac_1", INTERNAL)).toBeUndefined();
  });
});
