import { afterEach, describe, expect, test } from "bun:test";
import { PublicError } from "../../../src/base/errors.ts";
import type { AgentIdentity } from "../../../src/edge/binding/binder.ts";
import { NAME_HOLD_MS } from "../../../src/edge/binding/name-holds.ts";
import { dialTcp } from "../../../src/net/tcp-dial.ts";
import { listenTcp } from "../../../src/net/tcp-listen.ts";
import type { BindReply } from "../../../src/protocol/rpc/bind.ts";
import { agentOf, type BinderScene, binderScene, PlayedLeg } from "../../support/binder-scene.ts";
import { bindRequest } from "../../support/bind-request.ts";
import { freePorts } from "../../support/free-ports.ts";
import { eventually } from "../../support/turns.ts";

const alice = agentOf("alice");
/** Another agent with the same token. */
const alice2 = agentOf("alice2");
/** Of the same account with another token. */
const bob = agentOf("bob", { credentialId: "cr_2" });
const eve = agentOf("eve", { credentialId: "cr_3", accountId: "ac_2" });

const scenes: (() => void)[] = [];
afterEach(() => {
  for (const end of scenes.splice(0)) end();
});

/** Ends what agents left online when the test is over. */
function scene(...options: Parameters<typeof binderScene>): BinderScene {
  const made = binderScene(...options);
  scenes.push(() => made.tcpPlaces.stopAccepting());
  return made;
}

function bind(
  { binder }: BinderScene,
  agent: AgentIdentity,
  url: string,
  options: { readonly leg?: PlayedLeg; readonly id?: string; readonly token?: string } = {},
): Promise<BindReply> {
  const { leg = new PlayedLeg(), id = "", token = "" } = options;
  const [proto, rest = ""] = url.split("://");
  // A port can be told in a URL alone.
  const opts = proto === "tcp" ? { Addr: rest } : rest.includes(":") ? { URL: url } : { Domain: rest };
  return binder.bind(agent, leg, bindRequest({ Id: id, Proto: proto, Opts: opts, Extra: { Token: token } }));
}

/** The code of a refusal. */
async function refusal(bound: Promise<unknown>): Promise<string | undefined> {
  const [settled] = await Promise.allSettled([bound]);
  if (settled?.status !== "rejected") return undefined;
  return settled.reason instanceof PublicError ? settled.reason.code : String(settled.reason);
}

const onlineAt = ({ routes }: BinderScene, host: string): boolean => routes.find("https", host) !== undefined;

describe("Binder gives", () => {
  test("a random name of 16 hexadecimal digits, another one each time", async () => {
    const s = scene();
    const urls = [await bind(s, alice, "https://"), await bind(s, alice, "https://")].map(({ url }) => url);
    for (const url of urls) expect(url).toMatch(/^https:\/\/[0-9a-f]{16}\.edge\.test$/);
    expect(new Set(urls).size).toBe(2);
  });

  test("back what the agent asked, with the address filled in and an id for coming back", async () => {
    const s = scene();
    const reply = await bind(s, alice, "https://app.edge.test");
    expect(reply).toMatchObject({
      url: "https://app.edge.test",
      protocol: "https",
      wireOptions: { Domain: "app.edge.test", Hostname: "app.edge.test" },
      extra: { token: reply.bindId },
    });
    expect(reply.bindId).toMatch(/^[0-9a-f]{32}$/);
    expect(reply.extra.tunnelId).toMatch(/^tn_\w{27}$/);
  });

  const PAIRS: readonly (readonly [first: string, second: string, AgentIdentity, code: string | undefined])[] = [
    ["https://a.edge.test", "http://a.edge.test", bob, undefined],
    ["http://a.edge.test", "https://a.edge.test", eve, "ERR_NGROK_334"],
    ["https://a.edge.test", "https://a.edge.test", alice, "ERR_NGROK_334"],
    ["https://a.edge.test", "https://a.edge.test", bob, "ERR_NGROK_334"],
    ["tls://a.edge.test", "https://a.edge.test", alice, "ERR_NGROK_334"],
    ["https://a.edge.test", "tls://a.edge.test", alice, "ERR_NGROK_334"],
    ["tls://a.edge.test", "http://a.edge.test", bob, undefined],
    ["https://*.a.test", "https://x.a.test", bob, undefined],
  ];
  test.each(PAIRS)("beside %s the name %s to %o: %s", async (first, second, agent, code) => {
    const s = scene();
    await bind(s, alice, first);
    expect(await refusal(bind(s, agent, second))).toBe(code);
  });

  test("one name to exactly one of two that ask at once", async () => {
    const s = scene();
    const asked = [alice, bob, eve].map((agent) => refusal(bind(s, agent, "https://a.edge.test")));
    const codes = await Promise.all(asked);
    expect(codes.filter((code) => code === "ERR_NGROK_334")).toHaveLength(2);
    expect(codes).toContain(undefined);
  });

  test.each([
    ["http", { http: undefined, https: 443 }, ["ERR_GINNEL_SCHEME_OFF", undefined, undefined]],
    ["https", { http: 80, https: undefined }, [undefined, "ERR_GINNEL_SCHEME_OFF", "ERR_GINNEL_SCHEME_OFF"]],
  ] as const)("no address that visitors cannot reach without a port for %s", async (_, publicPorts, expected) => {
    const s = scene(undefined, 10, publicPorts);
    const urls = ["http://a.edge.test", "https://a.edge.test", "tls://b.edge.test"];
    expect(await Promise.all(urls.map((url) => refusal(bind(s, alice, url))))).toEqual([...expected]);
  });

  test("the port of visitors to whoever asks for it, and no other one", async () => {
    const s = scene(undefined, 10, { http: 8080, https: 8443 });
    const urls = ["https://a.edge.test:8443", "https://b.edge.test:443", "http://c.edge.test:8080"];
    const replies = await Promise.all(urls.map((url) => bind(s, alice, url)));
    expect(replies.map(({ url }) => url)).toEqual([
      "https://a.edge.test:8443",
      "https://b.edge.test:8443",
      "http://c.edge.test:8080",
    ]);
    for (const url of ["https://d.edge.test:8444", "http://d.edge.test:8443", "tls://d.edge.test:0"])
      expect(await refusal(bind(s, alice, url))).toBe("ERR_GINNEL_PUBLIC_PORT");
  });

  test("its name to an agent that returns with a port which visitors used before", async () => {
    const s = scene(undefined, 10, { http: 8080, https: 8443 });
    const { url } = await bind(s, alice, "https://a.edge.test:443", { id: "kept", token: "kept" });
    expect(url).toBe("https://a.edge.test:8443");
    const back = await bind(s, alice, "https://b.edge.test:9443", { id: "other", token: "other" });
    expect(back.url).toBe("https://b.edge.test:8443");
  });

  test("no more endpoints than allowed, also to one that asks for all at once", async () => {
    const s = scene(undefined, 3);
    const asked = Array.from({ length: 6 }, (_, n) => refusal(bind(s, alice, `https://n${n}.edge.test`)));
    const refused = (await Promise.all(asked)).filter((code) => code !== undefined);
    expect(refused).toEqual(Array.from({ length: 3 }, () => "ERR_GINNEL_TOO_MANY_ENDPOINTS"));
    expect(s.routes.size).toBe(3);
  });
});

describe("Binder takes a bind that is made again", () => {
  test("over to the new leg of the same number, and keeps it when the old one ends", async () => {
    const s = scene();
    const [old, young] = [new PlayedLeg(), new PlayedLeg()];
    const { bindId, url } = await bind(s, alice, "https://", { leg: old });
    const again = await bind(s, alice, url, { leg: young, id: bindId });
    expect([again.bindId, again.url]).toEqual([bindId, url]);
    const endpoint = s.routes.find("https", new URL(url).hostname);
    expect(endpoint?.legs).toEqual([young]);
    expect(s.binder.isServing("alice", old)).toBe(false);
    s.binder.legEnded(alice, old);
    expect(endpoint?.legs).toEqual([young]);
    expect(onlineAt(s, new URL(url).hostname)).toBe(true);
  });

  test("under its old id and name at an edge that does not know it", async () => {
    const s = scene();
    const reply = await bind(s, alice, "https://f00d.edge.test", { id: "kept" });
    expect([reply.bindId, reply.url]).toEqual(["kept", "https://f00d.edge.test"]);
  });

  test("on several legs at once as one endpoint, also without a name", async () => {
    const s = scene();
    const legs = [0, 1, 2].map((number) => Object.assign(new PlayedLeg(), { number }));
    const asked = legs.map((leg) => bind(s, alice, "https://", { leg, id: "same" }));
    const urls = new Set((await Promise.all(asked)).map(({ url }) => url));
    expect([urls.size, s.routes.size]).toEqual([1, 1]);
    const host = [...urls][0]?.slice("https://".length) ?? "";
    expect(s.routes.find("https", host)?.legs).toEqual(legs);
    for (const leg of legs) s.binder.legEnded(alice, leg);
    expect(s.routes.size).toBe(0);
  });

  test("from nobody else: ids are an agent's own", async () => {
    const s = scene();
    const { bindId } = await bind(s, alice, "https://a.edge.test");
    expect((await bind(s, eve, "https://b.edge.test", { id: bindId })).url).toBe("https://b.edge.test");
    s.binder.unbind(eve, bindId);
    expect(onlineAt(s, "a.edge.test")).toBe(true);
  });
});

describe("Binder gives nothing to a leg that has gone", () => {
  test.each(["https://a.edge.test", "tcp://"])("or was replaced while %s was looked up", async (url) => {
    const first = freePorts(1);
    const s = scene({ first, last: first });
    const leg = new PlayedLeg();
    const asked = refusal(bind(s, alice, url, { leg }));
    leg.isCurrent = false;
    expect(await asked).toBe("ERR_GINNEL_SESSION_REPLACED");
    expect(s.routes.size).toBe(0);
  });

  test("so that a late call of the old session takes nothing from the new one", async () => {
    const s = scene();
    const [old, young] = [new PlayedLeg(), new PlayedLeg()];
    const late = refusal(bind(s, alice, "https://a.edge.test", { leg: old, id: "a" }));
    old.isCurrent = false;
    const again = bind(s, alice, "https://a.edge.test", { leg: young, id: "a" });
    expect([await late, (await again).bindId]).toEqual(["ERR_GINNEL_SESSION_REPLACED", "a"]);
    s.binder.legEnded(alice, old);
    expect(s.routes.find("https", "a.edge.test")?.legs).toEqual([young]);
  });
});

describe("Binder keeps the name of an agent that was lost", () => {
  async function lost(): Promise<BinderScene> {
    const s = scene();
    const leg = new PlayedLeg();
    await bind(s, alice, "https://a.edge.test", { leg });
    s.binder.legEnded(alice, leg);
    expect(onlineAt(s, "a.edge.test")).toBe(false);
    return s;
  }

  test("from another token for a minute", async () => {
    const s = await lost();
    s.clock.advance(NAME_HOLD_MS - 1);
    expect(await refusal(bind(s, bob, "https://a.edge.test"))).toBe("ERR_NGROK_334");
    s.clock.advance(1);
    expect(await refusal(bind(s, bob, "https://a.edge.test"))).toBeUndefined();
  });

  test.each([
    ["the agent itself", alice],
    ["a new run of the agent", alice2],
  ])("but not from %s", async (_, agent) => {
    const s = await lost();
    expect(await refusal(bind(s, agent, "https://a.edge.test"))).toBeUndefined();
  });

  test("but not when its token was taken away", async () => {
    const s = scene();
    const leg = new PlayedLeg();
    await bind(s, alice, "https://a.edge.test", { leg });
    s.directory.gone.add(alice.credentialId);
    s.binder.legEnded(alice, leg);
    expect(await refusal(bind(s, bob, "https://a.edge.test"))).toBeUndefined();
  });

  test("but not of one that unbound it", async () => {
    const s = scene();
    const { bindId } = await bind(s, alice, "https://a.edge.test");
    expect(s.binder.unbind(alice, bindId)?.facts.url).toBe("https://a.edge.test");
    expect(s.binder.unbind(alice, bindId)).toBeUndefined();
    expect(await refusal(bind(s, eve, "https://a.edge.test"))).toBeUndefined();
  });
});

describe("Binder asks the agent that holds a wanted name whether it lives", () => {
  test("and leaves it the name when it does", async () => {
    const s = scene();
    const leg = new PlayedLeg();
    await bind(s, alice, "https://a.edge.test", { leg });
    expect(await refusal(bind(s, alice2, "https://a.edge.test"))).toBe("ERR_NGROK_334");
    expect(leg.timesAsked).toBe(1);
  });

  test("over each of its legs, and leaves it the name while one lives", async () => {
    const s = scene();
    const [first, further] = [new PlayedLeg(), Object.assign(new PlayedLeg(), { number: 1 })];
    const { bindId } = await bind(s, alice, "https://a.edge.test", { leg: first });
    await s.binder.bind(alice, further, bindRequest({ Id: bindId }));
    further.alive = () => Promise.resolve(false);
    expect(await refusal(bind(s, alice2, "https://a.edge.test"))).toBe("ERR_NGROK_334");
    expect(s.routes.find("https", "a.edge.test")?.legs).toEqual([first]);
    first.alive = () => Promise.resolve(false);
    expect(await refusal(bind(s, alice2, "https://a.edge.test"))).toBeUndefined();
  });

  test("and gives the name away when it does not", async () => {
    const s = scene();
    const [dead, living] = [new PlayedLeg(), new PlayedLeg()];
    await bind(s, alice, "https://a.edge.test", { leg: dead });
    dead.alive = () => Promise.resolve(false);
    await bind(s, alice2, "https://a.edge.test", { leg: living });
    expect(s.routes.find("https", "a.edge.test")?.legs).toEqual([living]);
    // Its session ends later; nothing of the newer one may go with it.
    s.binder.legEnded(alice, dead);
    expect(s.routes.find("https", "a.edge.test")?.legs).toEqual([living]);
  });

  test("and takes one whose other leg is on its way out for one that does not", async () => {
    const s = scene();
    const [closing, dead] = [new PlayedLeg(), Object.assign(new PlayedLeg(), { number: 1 })];
    const { bindId: id } = await bind(s, alice, "https://a.edge.test", { leg: closing });
    await bind(s, alice, "https://a.edge.test", { leg: dead, id });
    closing.isOpen = false;
    dead.alive = () => Promise.resolve(false);
    const living = new PlayedLeg();
    await bind(s, alice2, "https://a.edge.test", { leg: living });
    expect(s.routes.find("https", "a.edge.test")?.legs).toEqual([living]);
  });

  test("but only for its own account", async () => {
    const s = scene();
    const leg = new PlayedLeg();
    await bind(s, alice, "https://a.edge.test", { leg });
    leg.alive = () => Promise.resolve(false);
    expect(await refusal(bind(s, eve, "https://a.edge.test"))).toBe("ERR_NGROK_334");
    expect(leg.timesAsked).toBe(0);
  });
});

describe("Binder opens TCP ports", () => {
  const PORTS = 2;

  function tcpScene(): { readonly s: BinderScene; readonly first: number } {
    const first = freePorts(PORTS);
    return { s: scene({ first, last: first + PORTS - 1 }), first };
  }

  test("of its range until none is left, and hands over the visitors", async () => {
    const { s, first } = tcpScene();
    const urls = [(await bind(s, alice, "tcp://")).url, (await bind(s, alice, "tcp://")).url];
    expect(urls.toSorted()).toEqual([`tcp://edge.test:${first}`, `tcp://edge.test:${first + 1}`]);
    expect(await refusal(bind(s, alice, "tcp://"))).toBe("ERR_GINNEL_NO_PORT");
    const visitor = await dialTcp({ host: "127.0.0.1", port: first }, { timeoutMs: 5_000 });
    await eventually("the visitor has arrived", () => s.visitors.length === 1);
    expect(s.visitors[0]?.endpoint.facts.url).toBe(`tcp://edge.test:${first}`);
    for (const { connection } of s.visitors) connection.reset();
    visitor.reset();
  });

  test.each([
    ["taken by an endpoint", 0, "ERR_NGROK_334"],
    ["beyond the range", PORTS, "ERR_NGROK_307"],
  ])("but not one that is %s", async (_, offset, code) => {
    const { s, first } = tcpScene();
    await bind(s, alice, `tcp://edge.test:${first}`);
    expect(await refusal(bind(s, alice2, `tcp://edge.test:${first + offset}`))).toBe(code);
    expect(await refusal(bind(s, alice2, `tcp://other.test:${first + 1}`))).toBe("ERR_NGROK_307");
  });

  test("but not one that another program has", async () => {
    const { s, first } = tcpScene();
    using _other = listenTcp({ hostname: "127.0.0.1", port: first }, (connection) => connection.reset());
    const [refused] = await Promise.allSettled([bind(s, alice, `tcp://edge.test:${first}`)]);
    expect(refused).toMatchObject({
      reason: {
        code: "ERR_NGROK_334",
        message: `The address tcp://edge.test:${first} cannot be had: another program at the edge listens on its port.`,
      },
    });
    expect((await bind(s, alice, "tcp://")).url).toBe(`tcp://edge.test:${first + 1}`);
  });

  test("and keeps that of an agent that was lost for it, not for whoever asks for any", async () => {
    const { s, first } = tcpScene();
    const leg = new PlayedLeg();
    await bind(s, alice, `tcp://edge.test:${first}`, { leg, id: "t" });
    s.binder.legEnded(alice, leg);
    expect(await refusal(bind(s, bob, `tcp://edge.test:${first}`))).toBe("ERR_NGROK_334");
    expect((await bind(s, alice2, "tcp://")).url).toBe(`tcp://edge.test:${first + 1}`);
    expect((await bind(s, alice, `tcp://edge.test:${first}`, { id: "t" })).bindId).toBe("t");
  });

  test("of an agent that was lost to another run of it, when no other is free", async () => {
    const { s, first } = tcpScene();
    const leg = new PlayedLeg();
    for (const port of [first, first + 1]) await bind(s, alice, `tcp://edge.test:${port}`, { leg });
    s.binder.legEnded(alice, leg);
    expect(await refusal(bind(s, bob, "tcp://"))).toBe("ERR_GINNEL_NO_PORT");
    expect(await refusal(bind(s, alice2, "tcp://"))).toBeUndefined();
  });

  test("again for the account that they were given to at random, in a process that knows nothing of it", async () => {
    const { s, first } = tcpScene();
    const { url, bindId: id, extra } = await bind(s, alice, "tcp://");
    s.binder.unbind(alice, id);
    const next = scene({ first, last: first + PORTS - 1 });
    next.directory.verdict = "notReserved";
    const { token } = extra;
    expect(await refusal(bind(next, alice, url, { id }))).toBe("ERR_NGROK_307");
    expect(await refusal(bind(next, eve, url, { id, token }))).toBe("ERR_NGROK_307");
    const leg = new PlayedLeg();
    expect(await bind(next, alice, url, { id, token, leg })).toMatchObject({ url, bindId: id, extra: { token } });
    expect(next.binder.recheck()).toEqual([]);
    // Another leg, and the next session, get the same.
    expect(await bind(next, alice, url, { id, token })).toMatchObject({ url, extra: { token } });
    next.binder.unbind(alice, id);
    expect(await bind(next, alice, url, { id, token })).toMatchObject({ url, extra: { token } });
  });

  test("again only while nobody else has them", async () => {
    const { s, first } = tcpScene();
    const { url, bindId: id, extra } = await bind(s, alice, "tcp://");
    s.binder.unbind(alice, id);
    const next = scene({ first, last: first + PORTS - 1 });
    next.directory.verdict = "notReserved";
    for (let port = first; port < first + PORTS; port += 1) await bind(next, eve, "tcp://");
    expect(await refusal(bind(next, alice, url, { id, token: extra.token }))).toBe("ERR_NGROK_334");
  });

  test("chosen by the agent without a proof that they were given to it", async () => {
    const { s, first } = tcpScene();
    const { bindId, extra } = await bind(s, alice, `tcp://edge.test:${first}`);
    expect(extra.token).toBe(bindId);
  });

  test("once for a bind that comes twice at a time", async () => {
    const { s } = tcpScene();
    const asked = [bind(s, alice, "tcp://", { id: "t" }), bind(s, alice, "tcp://", { id: "t" })];
    const [one, two] = await Promise.all(asked);
    expect([one?.url, s.routes.size]).toEqual([two?.url ?? "", 1]);
  });

  test("that take no visitor once the edge stops", async () => {
    const { s, first } = tcpScene();
    await bind(s, alice, `tcp://edge.test:${first}`);
    s.tcpPlaces.stopAccepting();
    await bind(s, alice, `tcp://edge.test:${first + 1}`);
    for (const port of [first, first + 1]) {
      using _free = listenTcp({ hostname: "127.0.0.1", port }, (connection) => connection.reset());
      expect(_free.port).toBe(port);
    }
  });
});
