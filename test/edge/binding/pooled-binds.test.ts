import { afterEach, describe, expect, test } from "bun:test";
import { PublicError } from "../../../src/base/errors.ts";
import type { AgentIdentity } from "../../../src/edge/binding/binder.ts";
import { dialTcp } from "../../../src/net/tcp-dial.ts";
import { listenTcp } from "../../../src/net/tcp-listen.ts";
import { agentOf, type BinderScene, binderScene, PlayedLeg } from "../../support/binder-scene.ts";
import { bindRequest } from "../../support/bind-request.ts";
import { freePorts } from "../../support/free-ports.ts";
import { eventually } from "../../support/turns.ts";

const alice = agentOf("alice");
/** Of the same account with another token. */
const bob = agentOf("bob", { credentialId: "cr_2" });
const eve = agentOf("eve", { credentialId: "cr_3", accountId: "ac_2" });
const URLS = ["http://app.edge.test", "https://app.edge.test", "tls://app.edge.test", "tcp://"] as const;

const scenes: BinderScene[] = [];
afterEach(() => {
  for (const { tcpPlaces } of scenes.splice(0)) tcpPlaces.stopAccepting();
});

function scene(): { readonly s: BinderScene; readonly port: number } {
  const port = freePorts(1);
  const s = binderScene({ first: port, last: port });
  scenes.push(s);
  return { s, port };
}

/** The code of a refusal, else nothing. */
async function bind(...wanted: Parameters<typeof refusal>): Promise<string | undefined> {
  return (await refusal(...wanted))?.code;
}

async function refusal(
  { s, port }: ReturnType<typeof scene>,
  agent: AgentIdentity,
  url: (typeof URLS)[number],
  { isPooled = true, leg = new PlayedLeg() }: { readonly isPooled?: boolean; readonly leg?: PlayedLeg } = {},
): Promise<PublicError | undefined> {
  const [Proto, host = ""] = url.split("://");
  const Opts = Proto === "tcp" ? { Addr: `edge.test:${port}` } : { Domain: host };
  const request = bindRequest({ Proto, Opts, Extra: { PoolingEnabled: isPooled } });
  try {
    await s.binder.bind(agent, leg, request);
    return undefined;
  } catch (error) {
    if (error instanceof PublicError) return error;
    throw error;
  }
}

describe.each(URLS)("Binder gives %s", (url) => {
  test.each([
    ["to all of an account that share it", bob, true, true, undefined],
    ["not to one that does not share beside one that does", bob, true, false, "ERR_NGROK_334"],
    ["not to one that shares beside one that does not", bob, false, true, "ERR_NGROK_6030"],
    ["not to two that do not share", bob, false, false, "ERR_NGROK_334"],
    ["not to another account, though both share", eve, true, true, "ERR_NGROK_334"],
    ["not to another account that meets one that does not share", eve, false, true, "ERR_NGROK_334"],
  ] as const)("%s", async (_, second, firstPools, secondPools, code) => {
    const made = scene();
    expect(await bind(made, alice, url, { isPooled: firstPools })).toBeUndefined();
    expect(await bind(made, second, url, { isPooled: secondPools })).toBe(code);
  });

  test.each([
    ["tells one of their account that does not share yet", bob, true, false, true],
    ["does not tell another account", eve, true, false, false],
    ["tells nobody where the others do not share", bob, false, false, false],
  ] as const)("to those that share it, and %s how to join them", async (_, second, firstPools, secondPools, isTold) => {
    const made = scene();
    await bind(made, alice, url, { isPooled: firstPools });
    const refused = await refusal(made, second, url, { isPooled: secondPools });
    expect([refused?.code, refused?.message.includes("--pooling-enabled")]).toEqual(["ERR_NGROK_334", isTold]);
  });

  test("to a pool of which a member goes at once when its session ends, and the name with the last", async () => {
    const made = scene();
    const { s, port } = made;
    const [first, second] = [new PlayedLeg(), new PlayedLeg()];
    await bind(made, alice, url, { leg: first });
    await bind(made, bob, url, { leg: second });
    const place = url === "tcp://" ? (`tcp:${port}` as const) : (url.split(":")[0] as "http" | "https" | "tls");
    const found = () => s.routes.at({ place, host: "app.edge.test" })?.facts.clientId;
    s.binder.legEnded(alice, first);
    expect(new Set(Array.from({ length: 20 }, found))).toEqual(new Set(["bob"]));
    s.binder.legEnded(bob, second);
    expect(found()).toBeUndefined();
    expect(await bind(made, bob, url)).toBeUndefined();
  });
});

test("Binder finds no member of a pool whose session said goodbye, though it still serves", async () => {
  const made = scene();
  const leg = new PlayedLeg();
  await bind(made, alice, "https://app.edge.test", { leg });
  await bind(made, bob, "https://app.edge.test");
  leg.isOpen = false;
  const found = Array.from({ length: 20 }, () => made.s.routes.find("https", "app.edge.test")?.facts.clientId);
  expect(new Set(found)).toEqual(new Set(["bob"]));
});

test("Binder gives the visitors of a TCP pool to its members in turn", async () => {
  const made = scene();
  const { s, port } = made;
  await bind(made, alice, "tcp://");
  await bind(made, bob, "tcp://");
  for (let count = 1; count <= 20; count += 1) {
    const visitor = await dialTcp({ host: "127.0.0.1", port }, { timeoutMs: 5_000 });
    await eventually("the visitor has arrived", () => s.visitors.length === count);
    s.visitors[count - 1]?.connection.reset();
    visitor.reset();
  }
  const served = s.visitors.map(({ endpoint }) => endpoint.facts.clientId);
  expect(served).toEqual(Array.from({ length: 10 }, () => ["alice", "bob"]).flat());
});

test("Binder listens on the port of a TCP pool until its last member goes", async () => {
  const made = scene();
  const { s, port } = made;
  const legs = [new PlayedLeg(), new PlayedLeg()] as const;
  await bind(made, alice, "tcp://", { leg: legs[0] });
  await bind(made, bob, "tcp://", { leg: legs[1] });
  s.binder.legEnded(alice, legs[0]);
  const visitor = await dialTcp({ host: "127.0.0.1", port }, { timeoutMs: 5_000 });
  await eventually("the visitor has arrived", () => s.visitors.length === 1);
  expect(s.visitors[0]?.endpoint.facts.clientId).toBe("bob");
  s.visitors[0]?.connection.reset();
  visitor.reset();
  s.binder.legEnded(bob, legs[1]);
  using free = listenTcp({ hostname: "127.0.0.1", port }, (connection) => connection.reset());
  expect(free.port).toBe(port);
});
