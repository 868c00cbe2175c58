/** What published agents sent, played to a whole edge: what its answers mean (protocol.md section 13). */
import { afterEach, describe, expect, test } from "bun:test";
import type { Duplex } from "../../src/net/duplex.ts";
import { pipe } from "../../src/net/pipe.ts";
import { STREAM_TYPES } from "../../src/protocol/rpc/stream-type.ts";
import { type Frame, framesOf } from "../support/frame-recorder.ts";
import { freePorts } from "../support/free-ports.ts";
import { recordedFrames, recordedStreams, type RECORDINGS } from "../support/recorded-session.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { LOOPBACK, testEdge, type TestEdge } from "../support/test-edge.ts";
import { eventually } from "../support/turns.ts";

type Recording = (typeof RECORDINGS)[number];

const DATA_FRAME = 1;
const DATA_FIN = 0x11;
const GOAWAY_FRAME = 3;

const edges: TestEdge[] = [];
afterEach(async () => {
  await Promise.all(edges.splice(0).map(({ end }) => end()));
});

function newEdge(): TestEdge {
  const first = freePorts(2);
  const edge = testEdge({ tcp: { hostname: LOOPBACK, ports: { first, last: first + 1 } } });
  edges.push(edge);
  return edge;
}

interface Replayed {
  readonly agentEnd: Duplex;
  readonly heard: RecordingListener;
  /** The answer to each call of the agent, in the order in which they were placed. */
  readonly answers: readonly unknown[];
}

/** Those that begin after Auth get that of the JS SDK first. A goodbye is kept back, so that the session can be looked at. */
async function framesFrom(recording: Recording): Promise<readonly Uint8Array[]> {
  const own = (await recordedFrames(recording)).filter(({ dir }) => dir === "agent->edge");
  const streams = await recordedStreams(recording);
  const opensSession = streams.some(
    ({ streamType }) => streamType === STREAM_TYPES.auth || streamType === STREAM_TYPES.srvInfo,
  );
  const start = opensSession
    ? []
    : (await recordedFrames("js-http")).filter(({ dir, note }) => dir === "agent->edge" && note.startsWith("[connect"));
  const kindOf = (frame: Uint8Array): number => (frame[3] ?? 0) >> 4;
  return [...start, ...own]
    .map(({ bytes }) => bytes)
    .filter((bytes) => bytes.length > 0 && kindOf(bytes) !== GOAWAY_FRAME);
}

/** Agents end their direction of a call when they have the reply, and only then go on. */
async function replay({ edge }: TestEdge, recording: Recording): Promise<Replayed> {
  const [edgeEnd, agentEnd] = pipe({ remoteAddresses: ["192.0.2.1:1", "<edge>"] });
  const heard = new RecordingListener(agentEnd);
  edge.acceptAgent(edgeEnd);
  const dataOf = (id: number): Extract<Frame, { type: "data" }>[] =>
    framesOf(heard.heard).flatMap((frame) => (frame.type === "data" && frame.id === id ? [frame] : []));
  const isAnswered = (id: number): boolean => dataOf(id).some(({ fin }) => fin);
  const calls: number[] = [];
  for (const frame of await framesFrom(recording)) {
    const id = Buffer.from(frame).readUInt32BE(4);
    if (isCall(frame)) calls.push(id);
    if (frame[3] === DATA_FIN && calls.includes(id)) await eventually(`call ${id} is answered`, () => isAnswered(id));
    agentEnd.write(frame);
  }
  await eventually("every call is answered", () => calls.every(isAnswered));
  const answers = calls.map((id) => JSON.parse(Buffer.concat(dataOf(id).map(({ payload }) => payload)).toString()));
  return { agentEnd, heard, answers };
}

/** The first frame of a stream for a call: SYN, and a type other than the heartbeat's. */
function isCall(frame: Uint8Array): boolean {
  const isSyn = (frame[3] ?? 0) >> 4 === DATA_FRAME && ((frame[3] ?? 0) & 2) !== 0;
  return isSyn && frame.length >= 12 && Buffer.from(frame).readUInt32BE(8) !== STREAM_TYPES.heartbeat;
}

const AUTH = { Error: "", ClientId: expect.stringMatching(/^[0-9a-f]{32}$/), Version: "3" };
const RESUMED = { Error: "", ClientId: "ts_example0001" };
const UNBOUND = { Error: "" };
const refused = (code: string): object => ({ Error: expect.stringMatching(new RegExp(`^.+\\n\\n${code}\\n$`, "s")) });
const DEMO = "demo.edge.test";

const CASES: readonly (readonly [Recording, answers: readonly object[]])[] = [
  [
    "js-http",
    [
      AUTH,
      { Error: "", Proto: "https", URL: expect.stringMatching(/^https:\/\/[0-9a-f]{16}\.edge\.test$/) },
      UNBOUND,
      UNBOUND,
    ],
  ],
  // The address that it asks for is not one of this edge.
  ["js-tcp", [AUTH, refused("ERR_NGROK_307")]],
  [
    "js-binds",
    [
      AUTH,
      refused("ERR_GINNEL_UNSUPPORTED"),
      { Error: "", Proto: "tls", URL: `tls://${DEMO}`, Opts: { Hostname: DEMO, TLSTermination: null } },
      refused("ERR_GINNEL_BAD_AUTHORITY"),
      refused("ERR_GINNEL_UNSUPPORTED"),
    ],
  ],
  ["js-reconnect", [RESUMED, { Error: "", Id: "tn_example0001", URL: `https://${DEMO}`, Opts: { Hostname: DEMO } }]],
  ["js-auth-error", [AUTH]],
  ["js-bind-error", [AUTH, { Error: "", URL: `https://${DEMO}` }]],
  ["js-commands", [AUTH]],
  ["go-http", [AUTH, { Error: "", URL: `https://${DEMO}`, Opts: { Hostname: DEMO } }, UNBOUND]],
  [
    "go-tcp-patch",
    [AUTH, { Error: "", Proto: "tcp", URL: expect.stringMatching(/^tcp:\/\/edge\.test:\d+$/) }, { Error: "" }],
  ],
  ["go-diagnose", [{ Region: "test" }]],
  ["go-multileg-leg1", [RESUMED, { Error: "", URL: `https://${DEMO}`, Opts: { Hostname: DEMO } }]],
];

describe("Edge", () => {
  test.each(CASES)("answers the calls of %s", async (recording, answers) => {
    const edge = newEdge();
    const replayed = await replay(edge, recording);
    expect(replayed.answers).toMatchObject([...answers]);
    expect(replayed.heard.isClosed).toBe(false);
    expect(edge.log.filter(({ level }) => level === "error")).toEqual([]);
    replayed.agentEnd.reset();
  });

  test("gives a reconnecting agent the same address under its old id, also while its old session lives", async () => {
    const edge = newEdge();
    const first = await replay(edge, "js-reconnect");
    const second = await replay(edge, "js-reconnect");
    expect(second.answers).toMatchObject([...first.answers].map((answer) => withoutSession(answer)));
    await first.heard.until(() => first.heard.hasEnded);
    expect(second.heard.hasEnded).toBe(false);
    second.agentEnd.reset();
  });
});

/** Ids of the session itself are new each time. */
function withoutSession(answer: unknown): object {
  const { Extra: _, ...rest } = answer as { Extra: unknown }; // replies have one
  return rest;
}
