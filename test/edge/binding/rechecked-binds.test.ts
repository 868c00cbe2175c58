import { afterEach, describe, expect, test } from "bun:test";
import { PublicError } from "../../../src/base/errors.ts";
import type { NameVerdict } from "../../../src/edge/directory.ts";
import { OPEN_ACCOUNT } from "../../../src/edge/static-directory.ts";
import { Acl } from "../../../src/model/acl.ts";
import { NO_LIMITS } from "../../../src/model/records/account.ts";
import { agentOf, type BinderScene, binderScene, PlayedLeg } from "../../support/binder-scene.ts";
import { bindRequest } from "../../support/bind-request.ts";
import { freePorts } from "../../support/free-ports.ts";

const alice = agentOf("alice");
const bob = agentOf("bob", { credentialId: "cr_2" });

const scenes: BinderScene[] = [];
afterEach(() => {
  for (const { tcpPlaces } of scenes.splice(0)) tcpPlaces.stopAccepting();
});

function scene(ports = 0): BinderScene & { readonly first: number } {
  const first = ports === 0 ? 0 : freePorts(ports);
  const made = binderScene(ports === 0 ? undefined : { first, last: first + ports - 1 });
  scenes.push(made);
  return { ...made, first };
}

const named = (domain: string): Readonly<Record<string, unknown>> => ({
  Id: domain,
  Proto: "https",
  Opts: { Domain: domain },
});
const tcp = (address: string): Readonly<Record<string, unknown>> => ({
  Id: "t",
  Proto: "tcp",
  Opts: { Addr: address },
});

async function codeOf(bound: Promise<unknown>): Promise<string | undefined> {
  const [settled] = await Promise.allSettled([bound]);
  if (settled?.status !== "rejected") return undefined;
  return settled.reason instanceof PublicError ? settled.reason.code : String(settled.reason);
}

describe("Binder.recheck", () => {
  const CASES: readonly (readonly [string, NameVerdict, readonly string[]])[] = [
    ["allowed", "allowed", []],
    ["reserved by the account", { id: "rd_1", region: "" }, []],
    ["reserved in another region", { id: "rd_1", region: "eu" }, ["a.edge.test ERR_NGROK_322"]],
    ["reserved by somebody else", "ofAnotherAccount", ["a.edge.test ERR_NGROK_320"]],
    ["not reserved any more", "notReserved", ["a.edge.test ERR_NGROK_319"]],
  ];
  test.each(CASES)("of a name that is %s", async (_, verdict, dropped) => {
    const s = scene();
    const leg = new PlayedLeg();
    await s.binder.bind(alice, leg, bindRequest(named("a.edge.test")));
    s.directory.verdict = verdict;
    expect(s.binder.recheck().map(({ host }) => host)).toEqual(dropped.map(() => "a.edge.test"));
    expect(leg.dropped).toEqual([...dropped]);
    expect(s.routes.size).toBe(1 - dropped.length);
  });

  test("ends what an ACL no longer allows, and leaves the rest", async () => {
    const s = scene();
    const leg = new PlayedLeg();
    for (const domain of ["a.edge.test", "b.edge.test"]) await s.binder.bind(alice, leg, bindRequest(named(domain)));
    s.directory.acl = new Acl(["bind:a.edge.test"]);
    s.binder.recheck();
    expect(leg.dropped).toEqual(["b.edge.test ERR_NGROK_316"]);
    expect(s.routes.find("https", "a.edge.test")).toBeDefined();
  });

  test.each([
    ["random and nobody's", "allowed", "notReserved", undefined],
    ["random and now of another account", "allowed", "ofAnotherAccount", "t ERR_NGROK_309"],
    ["reserved and given back", { id: "ra_1", region: "" }, "notReserved", "t ERR_NGROK_307"],
    ["reserved and kept", { id: "ra_1", region: "" }, { id: "ra_1", region: "" }, undefined],
  ] as const)("of a TCP address that is %s", async (_, before, after, dropped) => {
    const s = scene(1);
    const leg = new PlayedLeg();
    s.directory.verdict = before;
    const address = before === "allowed" ? "" : `edge.test:${s.first}`;
    await s.binder.bind(alice, leg, bindRequest(tcp(address)));
    s.directory.verdict = after;
    s.binder.recheck();
    expect(leg.dropped).toEqual(dropped === undefined ? [] : [dropped]);
  });
});

test("Binder gives no reserved port to whoever asks for any", async () => {
  const s = scene(2);
  s.directory.reservedPorts.add(s.first);
  expect((await s.binder.bind(alice, new PlayedLeg(), bindRequest(tcp("")))).url).toBe(
    `tcp://edge.test:${s.first + 1}`,
  );
  expect(await codeOf(s.binder.bind(bob, new PlayedLeg(), bindRequest(tcp(""))))).toBe("ERR_GINNEL_NO_PORT");
});

test("Binder gives an account no more endpoints than it may have, over all its agents", async () => {
  const s = scene();
  s.directory.rules = { ...OPEN_ACCOUNT, limits: { ...NO_LIMITS, endpoints: 2 } };
  const leg = new PlayedLeg();
  await s.binder.bind(alice, leg, bindRequest(named("a.edge.test")));
  await s.binder.bind(bob, new PlayedLeg(), bindRequest(named("b.edge.test")));
  const third = (): Promise<unknown> => s.binder.bind(bob, new PlayedLeg(), bindRequest(named("c.edge.test")));
  expect(await codeOf(third())).toBe("ERR_GINNEL_TOO_MANY_ENDPOINTS");
  s.binder.unbind(alice, "a.edge.test");
  expect(await codeOf(third())).toBeUndefined();
});

test("Binder makes no endpoint by a reservation that goes while its holder is asked whether it lives", async () => {
  const s = scene();
  const holder = new PlayedLeg();
  await s.binder.bind(alice, holder, bindRequest(named("a.edge.test")));
  holder.alive = () => {
    s.directory.verdict = "notReserved";
    return Promise.resolve(false);
  };
  expect(await codeOf(s.binder.bind(alice, new PlayedLeg(), bindRequest({ ...named("a.edge.test"), Id: "" })))).toBe(
    "ERR_NGROK_319",
  );
});
