/** What an edge can do to an agent that dialled it: keep it from serving, and nothing else. */
import { afterEach, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ProtocolError, UsageError } from "../../src/base/errors.ts";
import { SessionError } from "../../src/net/session-error.ts";
import { RemoteError } from "../../src/protocol/rpc/rpc-error.ts";
import { STREAM_TYPES } from "../../src/protocol/rpc/stream-type.ts";
import { dataFrame, incrementFrame, resetFrame } from "../support/frame-bytes.ts";
import { httpTunnel } from "../support/tunnel-definitions.ts";
import { eventually, quiet } from "../support/turns.ts";
import { type HostileSession, Prey } from "./hostile-edge.ts";
import { mutantValues } from "./mutant-values.ts";
import { FUZZ_TIMEOUT_MS, runs } from "./mutants.ts";

const TIMEOUT_MS = 30_000;

const preys: Prey[] = [];
afterEach(async () => {
  for (const prey of preys.splice(0)) await prey[Symbol.asyncDispose]();
});

function prey(answers: ConstructorParameters<typeof Prey>[0] = {}): Prey {
  const caught = new Prey(answers);
  preys.push(caught);
  return caught;
}

/** With one tunnel, `b1`. */
async function online(): Promise<Prey> {
  const caught = prey();
  await caught.agent.start([httpTunnel()]);
  return caught;
}

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(" ", ""), "hex");

function* each(count: number, frameOf: (id: number) => Uint8Array): Generator<Uint8Array> {
  for (let index = 0; index < count; index += 1) yield frameOf(2 + index * 2);
}

/** In batches, as a connection would bring them. */
async function sendAll(session: HostileSession, frames: Iterable<Uint8Array>): Promise<void> {
  let batch: Uint8Array[] = [];
  for (const frame of frames) {
    batch.push(frame);
    if (batch.length < 2_000) continue;
    session.send(...batch);
    batch = [];
    await quiet();
  }
  session.send(...batch);
}

function proxyStart(id: string): Buffer {
  const json = Buffer.from(JSON.stringify({ Id: id, ClientAddr: "192.0.2.1:1", Proto: "https", EdgeType: "0" }));
  const length = Buffer.alloc(8);
  length.writeUInt32LE(json.length);
  return Buffer.concat([hex("00000003"), length, json]);
}

/** Nothing here ends a line, moves a cursor, or turns the direction of text. */
function expectTame(texts: readonly string[]): void {
  for (const text of texts) {
    for (const line of text.split("\n"))
      expect(line).not.toMatch(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
  }
}

/** What is ours on the screen: places, colours, and the like. */
function withoutOurSequences(terminal: string): string {
  // eslint-disable-next-line no-control-regex -- sequences begin with one
  return terminal.replaceAll(/\u001b\[[\d;?]*[HKJm]/g, "");
}

const ATTACKS: readonly (readonly [
  name: string,
  act: (session: HostileSession) => Promise<void> | void,
  isEnded: boolean | "perhaps",
])[] = [
  ["HTTP", (s) => s.send(Buffer.from("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")), false],
  ["bytes that are no frames", (s) => s.send(Buffer.alloc(100_000, 0x02)), true],
  ["a stream twice", (s) => s.send(dataFrame(2, "a", "syn"), dataFrame(2, "a", "syn")), true],
  ["data without a stream id", (s) => s.send(dataFrame(0, "a")), true],
  [
    "half a frame, and the end",
    (s) => {
      s.send(dataFrame(2, "abc", "syn").subarray(0, 9));
      s.connection.end();
    },
    true,
  ],
  ["a goodbye", (s) => s.send(hex("00000830 00000000 00000000 00000000")), true],
  [
    "a goodbye of 16 megabytes",
    (s) => s.send(hex("ffffff30 00000000 00000000 00000001"), Buffer.alloc(2_000_000, "\x1b[2J")),
    "perhaps",
  ],
  [
    "visitors of tunnels that are not here",
    (s) =>
      sendAll(
        s,
        each(10_000, (id) => dataFrame(id, proxyStart(`no${id}`), "syn")),
      ),
    "perhaps",
  ],
  [
    "100,000 streams without a type",
    (s) =>
      sendAll(
        s,
        each(100_000, (id) => dataFrame(id, "\0", "syn")),
      ),
    "perhaps",
  ],
  [
    "100,000 streams of unknown types",
    (s) =>
      sendAll(
        s,
        each(100_000, (id) => dataFrame(id, "\0\0\0\x63", "syn")),
      ),
    "perhaps",
  ],
  [
    "100,000 heartbeats",
    (s) =>
      sendAll(
        s,
        each(100_000, (id) => dataFrame(id, hex("ffffffff 62656174"), "syn")),
      ),
    "perhaps",
  ],
  [
    "beats without end, whose echoes it does not read",
    async (s) => {
      s.connection.pause();
      s.send(dataFrame(2, hex("ffffffff"), "syn"));
      await sendAll(
        s,
        each(200, () => dataFrame(2, Buffer.alloc(30_000, "beat"))),
      );
    },
    false,
  ],
  [
    "empty frames without end",
    (s) => {
      s.send(dataFrame(2, "\0\0\0\x05{", "syn"));
      return sendAll(
        s,
        each(100_000, () => dataFrame(2)),
      );
    },
    false,
  ],
  [
    "credit without end",
    (s) =>
      sendAll(
        s,
        each(50_000, () => incrementFrame(3, 0x7fff_ffff)),
      ),
    false,
  ],
  [
    "resets of what nobody has",
    (s) =>
      sendAll(
        s,
        each(50_000, (id) => resetFrame(id, 7)),
      ),
    false,
  ],
  [
    "proxy headers that never end",
    (s) =>
      sendAll(
        s,
        each(2_000, (id) => dataFrame(id, hex("00000003 0040000000000000 7b"), "syn")),
      ),
    false,
  ],
  [
    "a stop in a loop",
    (s) =>
      sendAll(
        s,
        each(5_000, (id) => dataFrame(id, "\0\0\0\x05{}", "syn")),
      ),
    "perhaps",
  ],
  [
    "restarts and updates in a loop",
    (s) =>
      sendAll(
        s,
        each(5_000, (id) => dataFrame(id, id % 4 === 0 ? "\0\0\0\x06{}" : '\0\0\0\x07{"Version":"9"}', "syn")),
      ),
    "perhaps",
  ],
  [
    "ends of tunnels that are not here",
    (s) =>
      sendAll(
        s,
        each(5_000, (id) => dataFrame(id, '\0\0\0\x09{"Id":"none","Message":"x"}', "syn")),
      ),
    "perhaps",
  ],
  [
    "requests that only an edge answers",
    (s) => s.send(dataFrame(2, "\0\0\0\0{}", "syn"), dataFrame(4, "\0\0\0\x01{}", "syn")),
    false,
  ],
];

describe("Agent lives on when its edge sends", () => {
  test.each(ATTACKS)(
    "%s, and serves again",
    async (_, act, isEnded) => {
      const caught = await online();
      const { session } = caught;
      await act(session);
      if (isEnded === true) await eventually("the session is over", () => caught.agent.status.state !== "online");
      await quiet();
      if (isEnded === false) expect(caught.agent.status.state).toBe("online");
      if (caught.agent.status.state !== "online") {
        caught.clock.advance(1_000);
        await eventually("the agent is back", () => caught.agent.status.state === "online");
      }
      expect(caught.agent.tunnels.map(({ publicUrl }) => publicUrl)).toEqual(["https://a.edge.test"]);
      expect(caught.faults).toEqual([]);
      expectTame([...caught.log, withoutOurSequences(caught.terminal), caught.shown()]);
    },
    TIMEOUT_MS,
  );

  test("no answer to Auth, and tries again", async () => {
    const caught = prey({ auth: undefined });
    const started = caught.agent.start([httpTunnel()]).catch((error: unknown) => error);
    for (let second = 0; second < 120 && caught.sessions.length < 3; second += 1) {
      caught.clock.advance(1_000);
      await quiet();
    }
    expect(caught.sessions.length).toBe(3);
    expect(caught.faults).toEqual([]);
    await caught.agent.stop();
    expect(await started).toMatchObject({ name: "AgentStopped" });
  });

  test("no echo, and dials anew", async () => {
    const caught = await online();
    caught.session.stopEchoing();
    for (let second = 0; second < 20 && caught.sessions.length === 1; second += 1) {
      caught.clock.advance(1_000);
      await quiet();
    }
    await eventually("it is back", () => caught.sessions.length === 2 && caught.agent.status.state === "online");
    expect(caught.faults).toEqual([]);
  });

  test(
    "a goodbye to each session, and dials ever more seldom",
    async () => {
      const caught = await online();
      for (let second = 0; second < 300; second += 1) {
        caught.session.send(hex("00000830 00000000 00000000 00000000"));
        await quiet();
        caught.clock.advance(1_000);
        await quiet();
      }
      expect(caught.sessions.length).toBeLessThan(160);
      expect(caught.faults).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

const ESCAPES = "\u001b]0;owned\u0007\u001b[2J\u001b[31m\r\nlvl=crit msg=forged\u0000\u009b1A\u202e\u2028\u0085";
const escaped = JSON.stringify(ESCAPES);

describe("Agent shows nobody the escapes", () => {
  test.each([
    [
      "of the reply to Auth",
      {
        auth: `{"Version":${escaped},"ClientId":${escaped},"Extra":{"Region":${escaped},"AccountName":${escaped},"PlanName":${escaped},"Banner":${escaped},"Cookie":${escaped},"DeprecationWarning":{"Msg":${escaped},"NextDate":${escaped},"NextMin":${escaped}},"ConnectAddresses":[{"Region":${escaped},"ServerAddr":"192.0.2.1:443"}]}}`,
      },
    ],
    ["of a refusal of Auth", { auth: `{"Error":${escaped}}` }],
    ["of a refusal of Auth for good", { auth: `{"Error":${JSON.stringify(`${ESCAPES}\n\nERR_NGROK_107\n`)}}` }],
    ["of a refusal to bind", { bind: `{"Error":${JSON.stringify(`${ESCAPES}\n\nERR_NGROK_334\n`)}}` }],
    [
      "of the reply to a bind",
      {
        bind: `{"Id":"b1","URL":${JSON.stringify(`https://a.test/${ESCAPES}`)},"Proto":${escaped},"Opts":{},"Extra":{"Token":${escaped},"TunnelID":${escaped}}}`,
      },
    ],
    [
      "of an id",
      { bind: `{"Id":${escaped},"URL":"https://a.test","Proto":"https","Opts":{"x":${escaped}},"Extra":{}}` },
    ],
    [
      "of a warning",
      {
        bind: `{"Id":"b1","URL":"https://a.test","Proto":"https","Opts":{},"Extra":{"Ginnel":{"Warning":${escaped}}}}`,
      },
    ],
    ["of an answer that is no JSON", { bind: ESCAPES }],
  ])(
    "%s, where it shows what the edge answers",
    async (_, answers) => {
      const caught = prey(answers);
      const started = caught.agent.start([httpTunnel()]).catch((error: unknown) => error);
      await eventually("the edge has spoken", () => caught.lines.length > 0);
      await quiet();
      caught.clock.advance(1_000);
      await quiet();
      const stopped = caught.agent.stop("test");
      caught.clock.advance(2_000);
      await stopped;
      const failure = await started;
      expect(caught.faults).toEqual([]);
      expectTame([
        ...caught.log,
        withoutOurSequences(caught.terminal),
        caught.shown(Array.isArray(failure) ? undefined : failure),
      ]);
      expect([...caught.log, caught.terminal].join("")).not.toContain("\nlvl=crit");
    },
    TIMEOUT_MS,
  );

  test.each([
    [
      "of a tunnel that it ends",
      dataFrame(2, `\0\0\0\x09{"Id":"b1","Message":${escaped},"ErrorCode":${escaped}}`, "syn"),
    ],
    ["of a goodbye", Buffer.concat([hex("00001930 00000000 00000000 00000001"), Buffer.from(ESCAPES).subarray(0, 17)])],
    ["of a version to update to", dataFrame(2, `\0\0\0\x07{"Version":${escaped}}`, "syn")],
    ["of a tunnel to start", dataFrame(2, `\x67\0\0\x01{"Definition":{"name":${escaped},"addr":${escaped}}}`, "syn")],
    ["of a visitor's address", dataFrame(2, Buffer.concat([proxyStart("b1")]), "syn")],
  ])("%s, where it shows what the edge says unasked", async (_, frame) => {
    const caught = await online();
    const before = caught.lines.length;
    caught.session.send(frame);
    await quiet();
    caught.clock.advance(1_000);
    await quiet();
    expect(caught.lines.length + caught.session.frames.length).toBeGreaterThan(before);
    expect(caught.faults).toEqual([]);
    expectTame([...caught.log, withoutOurSequences(caught.terminal), caught.shown()]);
  });
});

describe("Agent.start of an edge", () => {
  const TYPED = [ProtocolError, RemoteError, SessionError, UsageError];
  const seeds = [
    {
      Id: "b1",
      URL: "https://a.edge.test",
      Proto: "https",
      Opts: { Hostname: "a.edge.test" },
      Error: "",
      Extra: { Token: "t" },
    },
    {
      Id: "b2",
      URL: "tcp://edge.test:20001",
      Proto: "tcp",
      Opts: { Addr: "edge.test:20001" },
      Extra: { Token: "t", TunnelID: "" },
    },
    { Error: "no\n\nERR_NGROK_334\n" },
  ];

  test(
    "that answers binds with anything starts a tunnel, or says in words why not",
    async () => {
      await fc.assert(
        fc.asyncProperty(mutantValues(seeds), async (value) => {
          await using caught = new Prey({ bind: JSON.stringify(value) ?? "" });
          const pair = httpTunnel({ schemes: ["https", "http"] });
          const started = caught.agent.start([pair]).catch((error: unknown) => error);
          await eventually("it has decided", () => caught.sessions.at(-1)?.has(STREAM_TYPES.bind) === true);
          await quiet();
          caught.clock.advance(15_000);
          const outcome = await started;
          if (!Array.isArray(outcome)) expect(TYPED.some((kind) => outcome instanceof kind) ? "" : outcome).toBe("");
          for (const { publicUrl } of caught.agent.tunnels) expect(URL.canParse(publicUrl)).toBe(true);
          expect(caught.faults).toEqual([]);
        }),
        runs(60),
      );
    },
    FUZZ_TIMEOUT_MS,
  );

  test(
    "that answers Auth with anything comes to a session, or to a reason without one",
    async () => {
      const auth = {
        Version: "3",
        ClientId: "x",
        Error: "",
        Extra: {
          Version: "v",
          Region: "eu",
          Cookie: "c",
          AccountName: "a",
          PlanName: "p",
          Banner: "b",
          SessionDuration: 1,
          DeprecationWarning: { Msg: "m" },
          ConnectAddresses: [{ Region: "a", ServerAddr: "b" }],
          Ginnel: { ResetCodes: true },
        },
      };
      await fc.assert(
        fc.asyncProperty(mutantValues([auth]), async (value) => {
          await using caught = new Prey({ auth: JSON.stringify(value) ?? "" });
          const started = caught.agent.start([]).catch((error: unknown) => error);
          await started;
          await eventually("the edge has spoken", () => caught.lines.length > 0);
          caught.clock.advance(1_000);
          expect(caught.faults).toEqual([]);
          expectTame([...caught.log, withoutOurSequences(caught.terminal), caught.shown()]);
        }),
        runs(60),
      );
    },
    FUZZ_TIMEOUT_MS,
  );

  test.each([
    ["a bind", { bind: `{"Id":"${"x".repeat(2_000_000)}` }],
    ["Auth", { auth: `{"Extra":{"Banner":"${"x\\n".repeat(700_000)}` }],
  ])(
    "that answers %s with more than a message may have is not listened to",
    async (_, answers) => {
      const caught = prey(answers);
      const started = caught.agent.start([httpTunnel()]).catch((error: unknown) => error);
      await eventually("it was refused", () =>
        caught.sessions.some((session) => session.resets().length > 0 || session.isCut),
      );
      await caught.agent.stop();
      expect(await started).toBeInstanceOf(Error);
      expect(caught.faults).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test("that names other places to dial is dialled where its user said", async () => {
    const caught = prey({
      auth: '{"Version":"3","ClientId":"x","Extra":{"ConnectAddresses":[{"Region":"a","ServerAddr":"192.0.2.1:443"},{"Region":"b","ServerAddr":"192.0.2.2:443"}]}}',
    });
    await caught.agent.start([httpTunnel()]);
    await quiet();
    expect(caught.sessions.length).toBe(1);
    expect(caught.agent.legs.length).toBe(1);
  });
});
