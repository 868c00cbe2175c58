/** Authtokens that are guessed over sessions of their own, all at once, from the address where honest agents are too. */
import { afterEach, expect, spyOn, test } from "bun:test";
import { LONGEST_WAIT_MS, MAX_WAITING, PACE_MS } from "../../src/edge/guesses/guess-lane.ts";
import { MAX_FAILURES_OF_ADDRESS } from "../../src/edge/sessions/failed-agents.ts";
import { openDirectory } from "../../src/edge/static-directory.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { clientTlsContext } from "../../src/net/tls-context.ts";
import { AUTH } from "../../src/protocol/rpc/auth.ts";
import { RemoteError } from "../../src/protocol/rpc/rpc-error.ts";
import { EdgeProcess } from "../support/edge-process.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { AUTH_REQUEST, PlayedAgent } from "../support/session-pair.ts";
import { EDGE_CA_PEM, LOOPBACK, testEdge } from "../support/test-edge.ts";
import { eventually } from "../support/turns.ts";

const GUESSES = 200;
const TIMEOUT_MS = 60_000;
const tokenOf = (digit: string): string => `${digit.repeat(27)}_${"s".repeat(21)}`;
const RIGHT = new Set([tokenOf("1"), tokenOf("2")]);
const NAME = "connect.edge.test";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A session over TLS of its own, before Auth. */
async function connected(port: number, caPem = EDGE_CA_PEM): Promise<PlayedAgent> {
  const plain = await dialTcp({ host: LOOPBACK, port }, { timeoutMs: TIMEOUT_MS });
  const tls = { context: clientTlsContext([caPem]), serverName: NAME, verify: true, timeoutMs: TIMEOUT_MS };
  const agent = new PlayedAgent((await connectTls(plain, tls)).connection);
  ends.push(() => agent.session.close(""));
  return agent;
}

/** What comes of Auth: the code of the refusal, or `in`. */
async function enter({ session }: PlayedAgent, authtoken: string): Promise<string> {
  try {
    await session.call(AUTH, { ...AUTH_REQUEST, agent: { ...AUTH_REQUEST.agent, authtoken } });
    return "in";
  } catch (error) {
    return error instanceof RemoteError ? (error.code ?? error.message) : String(error);
  }
}

test(
  "Edge looks at no more authtokens that are guessed at once, and lets honest agents of the same address in",
  async () => {
    const clock = new ManualClock();
    const credential = await openDirectory.authenticate("any");
    const directory = {
      ...openDirectory,
      authenticate: (authtoken: string) => Promise.resolve(RIGHT.has(authtoken) ? credential : undefined),
    };
    const lookedUp = spyOn(directory, "authenticate");
    const edge = testEdge({ directory }, clock);
    ends.push(edge.end);
    expect(await enter(await connected(edge.agents), tokenOf("1"))).toBe("in");
    lookedUp.mockClear();

    const guessers = await Promise.all(Array.from({ length: GUESSES }, () => connected(edge.agents)));
    const answers: string[] = [];
    const all = guessers.map(async (guesser, index) => answers.push(await enter(guesser, `guess-${index}`)));
    const answeredAtOnce = GUESSES - MAX_WAITING;
    await eventually("all are answered who do not wait", () => answers.length === answeredAtOnce);
    expect(lookedUp).toHaveBeenCalledTimes(MAX_FAILURES_OF_ADDRESS);
    expect(answers.filter((answer) => answer === "ERR_NGROK_107")).toHaveLength(MAX_FAILURES_OF_ADDRESS);
    expect(new Set(answers)).toEqual(new Set(["ERR_NGROK_107", "ERR_GINNEL_AGENTS_WAIT"]));

    // That token was here before; the other one takes turns with the guesses.
    expect(await enter(await connected(edge.agents), tokenOf("1"))).toBe("in");
    expect(await enter(await connected(edge.agents), tokenOf("2"))).toBe("ERR_GINNEL_AGENTS_WAIT");
    for (let passedMs = PACE_MS; passedMs <= LONGEST_WAIT_MS; passedMs += PACE_MS) {
      const before = answers.length;
      clock.advance(PACE_MS);
      await eventually("a further guess is answered", () => answers.length > before);
    }
    await Promise.all(all);
    expect(answers.filter((answer) => answer === "ERR_GINNEL_FAILED_AGENTS")).toHaveLength(
      LONGEST_WAIT_MS / PACE_MS - 1,
    );
    clock.advance(PACE_MS);
    expect(await enter(await connected(edge.agents), tokenOf("2"))).toBe("in");
  },
  TIMEOUT_MS,
);

test(
  "the workers of an edge count guesses together",
  async () => {
    await using edge = await EdgeProcess.start("--workers=2");
    const guessers = await Promise.all(
      Array.from({ length: MAX_FAILURES_OF_ADDRESS + 10 }, () => connected(edge.ports.https, edge.caPem)),
    );
    const answers: string[] = [];
    const further = Promise.withResolvers<void>();
    const all = guessers.map(async (guesser, index) => {
      answers.push(await enter(guesser, `guess-${index}`));
      if (answers.length > MAX_FAILURES_OF_ADDRESS) further.resolve();
    });
    await further.promise;
    // Two counts would have room for all of them.
    expect(answers.filter((answer) => answer === "ERR_NGROK_107").length).toBeLessThanOrEqual(MAX_FAILURES_OF_ADDRESS);
    expect(answers).toContain("ERR_GINNEL_FAILED_AGENTS");
    for (const { session } of guessers) session.close("");
    await Promise.all(all);
  },
  TIMEOUT_MS,
);
