/** Agents that share an address, of which one says nothing any more or takes its time. */
import { afterEach, expect, test } from "bun:test";
import { UNHEARD_MS, WORD_WITHIN_MS } from "../../src/edge/sessions/silence-watch.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { AUTH } from "../../src/protocol/rpc/auth.ts";
import { BIND } from "../../src/protocol/rpc/bind.ts";
import { bindRequest } from "../support/bind-request.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { AUTH_REQUEST, PlayedAgent } from "../support/session-pair.ts";
import { severablePipe } from "../support/severable-pipe.ts";
import { LOOPBACK, testEdge, type TestEdge } from "../support/test-edge.ts";
import { eventually, quiet } from "../support/turns.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const POOLED = bindRequest({ Proto: "http", Opts: { Domain: "a.edge.test" }, Extra: { PoolingEnabled: true } });
const SILENT = "agent does not answer, others of its pools go first";

interface Member {
  readonly agent: PlayedAgent;
  /** From now on nothing arrives, in neither direction. */
  readonly sever: () => void;
}

interface Scene {
  readonly edge: TestEdge;
  readonly clock: ManualClock;
  readonly first: Member;
  readonly second: Member;
}

async function member({ edge }: TestEdge): Promise<Member> {
  const {
    ends: [edgeEnd, agentEnd],
    sever,
  } = severablePipe();
  edge.acceptAgent(edgeEnd);
  const agent = new PlayedAgent(agentEnd);
  await agent.session.call(AUTH, AUTH_REQUEST);
  await agent.session.call(BIND, POOLED);
  return { agent, sever };
}

/** Neither of the agents answers its visitors; both echo heartbeats. */
async function scene(): Promise<Scene> {
  const clock = new ManualClock();
  const edge = testEdge({}, clock);
  ends.push(edge.end);
  return { edge, clock, first: await member(edge), second: await member(edge) };
}

/** One request on a connection of its own; resolves once the edge has given it to an agent, or lost it on the way there. */
async function request({ edge }: Scene): Promise<void> {
  const before = requests(edge);
  const connection = await dialTcp({ host: LOOPBACK, port: edge.http }, { timeoutMs: 5_000 });
  ends.push(() => connection.reset());
  connection.listen({ onData: () => {}, onDrain: () => {}, onEnd: () => {}, onClose: () => {} });
  connection.write(Buffer.from("GET / HTTP/1.1\r\nHost: a.edge.test\r\n\r\n"));
  await eventually("the edge has it", () => requests(edge) > before);
  await quiet();
}

function requests({ edge }: TestEdge): number {
  return edge.traffic("ac_operator").reduce((sum, { requests: each }) => sum + each, 0);
}

/** Lets the time go by in which an agent is to be heard of, and in which it is to answer. */
async function wait({ clock }: Scene): Promise<void> {
  for (const afterMs of [UNHEARD_MS, WORD_WITHIN_MS / 2, WORD_WITHIN_MS]) {
    await quiet();
    clock.advance(afterMs);
  }
  await quiet();
}

const taken = ({ first, second }: Scene): readonly number[] => [first, second].map(({ agent }) => agent.proxies.length);
const told = ({ edge }: Scene): number => edge.log.filter(({ message }) => message === SILENT).length;

test("an agent whose network swallows everything gets no more visitors while another one answers", async () => {
  const s = await scene();
  s.first.sever();
  await request(s);
  expect([taken(s), told(s)]).toEqual([[0, 0], 0]);
  await wait(s);
  expect(told(s)).toBe(1);
  for (let time = 0; time < 4; time += 1) await request(s);
  expect(taken(s)).toEqual([0, 4]);
});

test("an agent whose upstream takes its time has its turns all the same", async () => {
  const s = await scene();
  for (let time = 0; time < 3; time += 1) {
    await request(s);
    await wait(s);
  }
  expect([taken(s), told(s)]).toEqual([[2, 1], 0]);
});

test("agents that are all silent take turns", async () => {
  const s = await scene();
  s.first.sever();
  s.second.sever();
  await request(s);
  await request(s);
  await wait(s);
  expect(told(s)).toBe(2);
  const before = s.edge.edge.traffic("ac_operator").map(({ requests: each }) => each);
  await request(s);
  await request(s);
  expect(s.edge.edge.traffic("ac_operator").map(({ requests: each }) => each)).toEqual(before.map((each) => each + 1));
});

test("an agent alone at its address is never asked", async () => {
  const s = await scene();
  s.second.agent.session.close("");
  await eventually("it has gone", () => s.edge.edge.figures.legs === 1);
  s.first.sever();
  await request(s);
  await wait(s);
  expect(told(s)).toBe(0);
});
