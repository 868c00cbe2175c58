import { describe, expect, spyOn, test } from "bun:test";
import { PublicError } from "../../../src/base/errors.ts";
import { newId } from "../../../src/base/record-id.ts";
import type { AgentIdentity } from "../../../src/edge/binding/binder.ts";
import { LONGEST_WAIT_MS, PACE_MS } from "../../../src/edge/guesses/guess-lane.ts";
import { AgentRegistry, type RegisteredLeg } from "../../../src/edge/sessions/agent-registry.ts";
import { MAX_FAILURES_OF_ADDRESS } from "../../../src/edge/sessions/failed-agents.ts";
import { OPEN_ACCOUNT } from "../../../src/edge/static-directory.ts";
import { AddressRules } from "../../../src/model/address-rules.ts";
import { NO_LIMITS } from "../../../src/model/records/account.ts";
import { AUTH } from "../../../src/protocol/rpc/auth.ts";
import { GatedDirectory, PlayedLeg } from "../../support/binder-scene.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { quiet } from "../../support/turns.ts";

/** A session that ends when it is told to, and tells the registry. */
class PlayedSession extends PlayedLeg implements RegisteredLeg {
  override readonly number: number;
  override readonly id: string;
  remoteAddress = "192.0.2.1:1234";
  /** What it was told when it was told to go. */
  goodbye = "";
  agent: AgentIdentity | undefined;
  readonly #registry: AgentRegistry<PlayedSession>;

  constructor(registry: AgentRegistry<PlayedSession>, number = 0) {
    super();
    this.id = newId("ts", new Date());
    this.number = number;
    this.#registry = registry;
    registry.onConnected(this);
  }

  async auth(sessionId = "", token = "1"): Promise<AgentIdentity> {
    const extra = { Authtoken: token, LegNumber: this.number };
    const request = AUTH.request.schema.parse({ ClientId: sessionId, Extra: extra });
    this.agent = await this.#registry.admit(this, request);
    return this.agent;
  }

  close(reason = ""): void {
    if (!this.isOpen) return;
    this.goodbye = reason;
    this.isOpen = false;
    this.#registry.onEnded(this);
  }
}

interface Scene {
  readonly registry: AgentRegistry<PlayedSession>;
  readonly clock: ManualClock;
  readonly directory: GatedDirectory;
  /** Sessions that still serve an endpoint. */
  readonly serving: Set<unknown>;
  readonly connect: (number?: number) => PlayedSession;
}

function scene(maxSessions = 100): Scene {
  const clock = new ManualClock();
  const directory = new GatedDirectory();
  const serving = new Set<unknown>();
  const registry = new AgentRegistry<PlayedSession>({
    directory,
    maxSessions,
    isServing: (_, leg) => serving.has(leg),
    clock,
  });
  return { registry, clock, directory, serving, connect: (number) => new PlayedSession(registry, number) };
}

async function refusal(asked: Promise<unknown>): Promise<string | undefined> {
  const [settled] = await Promise.allSettled([asked]);
  if (settled?.status !== "rejected") return undefined;
  return settled.reason instanceof PublicError ? settled.reason.code : String(settled.reason);
}

describe("AgentRegistry.admit", () => {
  test.each([
    ["no token", "", "ERR_NGROK_4018"],
    ["a token with a space", "a b", "ERR_NGROK_105"],
    ["a token with a line break", "a\nb", "ERR_NGROK_105"],
    ["a token that is too long", "x".repeat(501), "ERR_NGROK_105"],
    ["a token that nobody knows", "unknown", "ERR_NGROK_107"],
  ])("refuses %s", async (_, token, code) => {
    const s = scene();
    expect(await refusal(s.connect().auth("", token))).toBe(code);
    expect(s.registry.sessions).toBe(0);
  });

  test("lets guesses of an address wait when there were too many, and the right tokens from there in", async () => {
    const s = scene();
    const guess = (): Promise<string | undefined> => refusal(s.connect().auth("", "unknown"));
    for (let count = 0; count < MAX_FAILURES_OF_ADDRESS; count++) expect(await guess()).toBe("ERR_NGROK_107");
    const [wrong, right, elsewhere] = [guess(), s.connect().auth(), s.connect()];
    elsewhere.remoteAddress = "192.0.2.2:1";
    expect((await elsewhere.auth()).clientId).not.toBe("");
    expect(s.registry.sessions).toBe(1);
    s.clock.advance(PACE_MS);
    expect(await wrong).toBe("ERR_GINNEL_FAILED_AGENTS");
    s.clock.advance(PACE_MS);
    expect((await right).clientId).not.toBe("");
  });

  test("looks at 30 of 1,000 guesses that come at once, and at one more in each second", async () => {
    const s = scene();
    const asked = spyOn(s.directory, "authenticate");
    const guesses = Array.from({ length: 1_000 }, () => s.connect());
    const answers = guesses.map((leg) => refusal(leg.auth("", "unknown")));
    const counts: number[] = [];
    for (let second = 0; second < 3; second += 1) {
      await quiet();
      counts.push(asked.mock.calls.length);
      s.clock.advance(PACE_MS);
    }
    expect(counts).toEqual([MAX_FAILURES_OF_ADDRESS, MAX_FAILURES_OF_ADDRESS + 1, MAX_FAILURES_OF_ADDRESS + 2]);
    for (const leg of guesses) leg.close();
    s.clock.advance(LONGEST_WAIT_MS);
    expect((await Promise.all(answers)).every((answer) => answer !== undefined)).toBe(true);
    expect(s.clock.pending).toBe(0);
  });

  test("keeps none of 500 agents waiting that come at once with the right token", async () => {
    const s = scene(500);
    const came = await Promise.all(Array.from({ length: 500 }, () => s.connect().auth()));
    expect([came.length, s.registry.sessions, s.clock.pending]).toEqual([500, 500, 0]);
  });

  test("counts neither those without a token nor malformed ones as guesses", async () => {
    const s = scene();
    for (const token of ["", "a b"]) {
      for (let count = 0; count < 2 * MAX_FAILURES_OF_ADDRESS; count++) await refusal(s.connect().auth("", token));
    }
    expect(await refusal(s.connect().auth("", "unknown"))).toBe("ERR_NGROK_107");
  });

  test("takes nobody in who left while waiting", async () => {
    const s = scene();
    for (let count = 0; count < MAX_FAILURES_OF_ADDRESS; count++) await refusal(s.connect().auth("", "unknown"));
    const leg = s.connect();
    const admitted = refusal(leg.auth());
    leg.close();
    s.clock.advance(PACE_MS);
    expect(await admitted).toContain("ended before its turn");
    expect(s.registry.sessions).toBe(0);
  });

  test("gives each new agent an id of its own", async () => {
    const s = scene();
    const ids = [(await s.connect().auth()).clientId, (await s.connect().auth()).clientId];
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(ids).size).toBe(2);
  });

  test.each([
    ["the same token", "1", true],
    ["another token", "2", false],
  ])("resumes an agent that is here, with %s: %s %p", async (_, token, isSame) => {
    const s = scene();
    const { clientId } = await s.connect().auth();
    const again = await s.connect().auth(clientId, token);
    expect(again.clientId === clientId).toBe(isSame);
    expect(again.credentialId).toBe(`cr_${token}`);
  });

  test.each([
    ["kept by an agent over a restart of the edge", "0123456789abcdef", true],
    ["that is too short to be ours", "short", false],
    ["that could break a log line", "0123456789\nabcdef", false],
    ["that is a name of objects' own", "__proto__", true],
  ])("takes an unknown id %s (%j): %p", async (_, id, isTaken) => {
    const s = scene();
    expect((await s.connect().auth(id)).clientId === id).toBe(isTaken);
  });

  test("refuses one session more than allowed, and lets one in again when one has gone", async () => {
    const s = scene(2);
    const [first] = [s.connect(), s.connect()].map((session) => ({ session, let: session.auth() }));
    await first?.let;
    expect(await refusal(s.connect().auth())).toBe("ERR_NGROK_108");
    first?.session.close();
    expect(await refusal(s.connect().auth())).toBeUndefined();
  });

  test("counts an agent once, however many sessions it has, until the last of them has gone", async () => {
    const s = scene(2);
    s.directory.rules = { ...OPEN_ACCOUNT, limits: { ...NO_LIMITS, sessions: 2 } };
    const legs = [0, 1, 2].map((number) => s.connect(number));
    const [first] = legs;
    const clientId = (await first?.auth())?.clientId ?? "";
    for (const further of legs.slice(1)) await further.auth(clientId);
    await s.connect().auth();
    expect([s.registry.sessions, await refusal(s.connect().auth())]).toEqual([4, "ERR_NGROK_108"]);
    first?.close();
    expect(await refusal(s.connect().auth())).toBe("ERR_NGROK_108");
    expect(await refusal(s.connect(0).auth(clientId))).toBeUndefined();
    for (const leg of legs) leg.close();
    // It has come back, and is one of the two still.
    expect([s.registry.agents, await refusal(s.connect().auth())]).toEqual([2, "ERR_NGROK_108"]);
  });

  test("refuses more legs of one agent than anyone needs", async () => {
    const s = scene();
    const { clientId } = await s.connect(0).auth();
    for (let leg = 1; leg < 16; leg += 1) await s.connect(leg).auth(clientId);
    const refused: unknown = await s
      .connect(16)
      .auth(clientId)
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: "ERR_NGROK_108",
      message: expect.stringContaining("may have 16 sessions"),
      // Nobody can raise this one.
      hint: expect.not.stringContaining("operator"),
    });
  });

  test("lets a session that ended during the look-up take nobody's place", async () => {
    const s = scene();
    const living = s.connect();
    const { clientId } = await living.auth();
    s.directory.close();
    const gone = s.connect();
    const asked = refusal(gone.auth(clientId));
    gone.close();
    s.directory.open();
    expect(await asked).toContain("ProtocolError");
    s.clock.advance(60_000);
    expect([living.isOpen, s.registry.isCurrent(living), s.registry.sessions]).toEqual([true, true, 1]);
  });
});

test("AgentRegistry.connectionsBeside counts who was not let in yet, and who was replaced and has not gone", async () => {
  const s = scene();
  const counts: number[] = [];
  const count = (): void => void counts.push(s.registry.connectionsBeside);
  const old = s.connect();
  count();
  const { clientId } = await old.auth();
  count();
  const young = s.connect();
  count();
  await young.auth(clientId);
  count();
  old.close();
  count();
  young.close();
  count();
  expect(counts).toEqual([1, 0, 1, 1, 0, 0]);
});

describe("AgentRegistry, when an agent comes twice,", () => {
  async function twice(): Promise<Scene & { readonly old: PlayedSession; readonly young: PlayedSession; id: string }> {
    const s = scene();
    const old = s.connect();
    const { clientId } = await old.auth();
    const young = s.connect();
    await young.auth(clientId);
    return { ...s, old, young, id: clientId };
  }

  test("counts the newer session only", async () => {
    const { registry, old, young } = await twice();
    expect([registry.isCurrent(old), registry.isCurrent(young), registry.sessions]).toEqual([false, true, 1]);
  });

  test("ends the older one when it serves nothing any more", async () => {
    const { registry, serving, old, young } = await twice();
    serving.add(old);
    registry.onBound(young);
    expect(old.isOpen).toBe(true);
    serving.delete(old);
    registry.onBound(young);
    expect([old.isOpen, young.isOpen]).toEqual([false, true]);
  });

  test("ends the older one after a while in any case, and keeps no timer of one that has gone", async () => {
    const { clock, old, young, connect, id } = await twice();
    clock.advance(10_000);
    expect([old.isOpen, young.isOpen, clock.pending]).toEqual([false, true, 0]);
    await connect().auth(id);
    expect(clock.pending).toBe(1);
    young.close();
    expect(clock.pending).toBe(0);
  });

  test("keeps the agent when the older one ends", async () => {
    const { registry, old, young } = await twice();
    old.close();
    expect(registry.isCurrent(young)).toBe(true);
    young.close();
    expect(registry.sessions).toBe(0);
  });

  test("bounds how many older ones it has", async () => {
    const { connect, id, clock } = await twice();
    const sessions: PlayedSession[] = [];
    for (let n = 0; n < 20; n += 1) {
      const session = connect();
      await session.auth(id);
      sessions.push(session);
    }
    expect(sessions.filter(({ isOpen }) => isOpen)).toHaveLength(5);
    expect(clock.pending).toBe(4);
  });

  test("tells each older one beyond these to go, also while others that were told are still there", async () => {
    const { connect, id } = await twice();
    const told = new Set<number>();
    for (let n = 0; n < 8; n += 1) {
      const session = connect();
      session.close = () => void told.add(n);
      await session.auth(id);
    }
    expect([...told]).toEqual([0, 1, 2]);
  });
});

describe("AgentRegistry.closeAll", () => {
  test("says goodbye to all, and resolves for every caller when they have gone", async () => {
    const s = scene();
    const [admitted, unknown] = [s.connect(), s.connect()];
    await admitted.auth();
    await Promise.all([s.registry.closeAll("stops"), s.registry.closeAll("stops")]);
    expect([admitted.isOpen, unknown.isOpen, s.registry.sessions]).toEqual([false, false, 0]);
  });

  test("resolves when all should have gone, also when one was left behind, and leaves no timer", async () => {
    const s = scene();
    s.connect().close = () => {};
    let isOver = false;
    const closed = s.registry.closeAll("stops").then(() => {
      isOver = true;
    });
    s.clock.advance(5_000);
    await quiet();
    expect(isOver).toBe(false);
    s.clock.advance(1_000);
    await closed;
    expect(s.clock.pending).toBe(0);
  });

  test("resolves when nobody is here, and lets nobody stay who comes later", async () => {
    const s = scene();
    await s.registry.closeAll("stops");
    expect(s.connect().isOpen).toBe(false);
  });
});

describe("AgentRegistry and an account", () => {
  const onlyNetwork = AddressRules.parse({ allow: ["192.0.2.0/24"], deny: [] }, "nobody");

  test("refuse one session more than the account may have, not counting one that is replaced", async () => {
    const s = scene();
    s.directory.rules = { ...OPEN_ACCOUNT, limits: { ...NO_LIMITS, sessions: 2 } };
    const { clientId } = await s.connect().auth();
    await s.connect().auth();
    const refused: unknown = await s
      .connect()
      .auth()
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "ERR_NGROK_108", message: expect.stringContaining("account may have 2") });
    expect((await s.connect().auth(clientId)).clientId).toBe(clientId);
  });

  test.each([
    ["192.0.2.7:1", undefined],
    ["203.0.113.7:1", "ERR_NGROK_115"],
    ["[2001:db8::1]:1", "ERR_NGROK_115"],
    ["<agent>", "ERR_NGROK_116"],
  ])("let an agent in from %s: %p", async (remoteAddress, code) => {
    const s = scene();
    s.directory.rules = { ...OPEN_ACCOUNT, agentAddresses: onlyNetwork };
    const session = Object.assign(s.connect(), { remoteAddress });
    expect(await refusal(session.auth())).toBe(code as string);
  });

  test("let anybody in without rules, wherever that is", async () => {
    const session = Object.assign(scene().connect(), { remoteAddress: "<agent>" });
    expect(await refusal(session.auth())).toBeUndefined();
  });

  test("refuse whose credential goes while it is looked up", async () => {
    const s = scene();
    s.directory.close();
    const asked = refusal(s.connect().auth());
    s.directory.open();
    s.directory.gone.add("cr_1");
    expect(await asked).toMatch(/ERR_NGROK_(?:107|300)/);
    expect(s.registry.sessions).toBe(0);
  });
});

describe("AgentRegistry.recheck", () => {
  test("ends the sessions of a credential that is gone, also one that was replaced, and no others", async () => {
    const s = scene();
    const old = s.connect();
    const { clientId } = await old.auth();
    s.serving.add(old);
    const [young, other] = [s.connect(), s.connect()];
    await young.auth(clientId);
    await other.auth("", "2");
    s.directory.gone.add("cr_1");
    s.registry.recheck();
    expect([old, young, other].map(({ isOpen }) => isOpen)).toEqual([false, false, true]);
    for (const { goodbye } of [old, young]) expect(goodbye).toContain("ERR_NGROK_300");
    expect(s.registry.sessions).toBe(1);
  });

  test("ends the sessions that come from where they may not any more", async () => {
    const s = scene();
    const [near, far] = [s.connect(), Object.assign(s.connect(), { remoteAddress: "203.0.113.7:1" })];
    await near.auth();
    await far.auth();
    s.registry.recheck();
    expect([near.isOpen, far.isOpen]).toEqual([true, true]);
    const agentAddresses = AddressRules.parse({ allow: [], deny: ["203.0.113.0/24"] }, "others");
    s.directory.rules = { ...OPEN_ACCOUNT, agentAddresses };
    s.registry.recheck();
    expect([near.isOpen, far.isOpen]).toEqual([true, false]);
    expect(far.goodbye).toContain("ERR_NGROK_115");
  });
});
