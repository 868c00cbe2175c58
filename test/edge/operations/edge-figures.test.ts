import { expect, test } from "bun:test";
import { edgeFigures } from "../../../src/edge/operations/edge-figures.ts";
import { endpointOf, ScriptedAgent } from "../../support/scripted-agent.ts";

test("edgeFigures counts endpoints that are online by protocol, and those whose agent does not answer", () => {
  const silent = Object.assign(new ScriptedAgent(), { isSilent: true });
  const endpoints = [endpointOf(new ScriptedAgent(), "a.test"), endpointOf(silent, "b.test")];
  const visitors = { isDraining: false, countByProtocol: () => new Map() };
  const figures = edgeFigures({ endpoints, registry: { agents: 2, sessions: 2 }, visitors, gate: { turnedAway: 0 } });
  expect(figures).toMatchObject({ isReady: true, silentEndpoints: 1, endpoints: new Map([["http", 2]]) });
});
