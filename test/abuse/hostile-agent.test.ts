/** What an agent that was let in can do to an edge with frames and calls: lose its own session, and nothing else. */
import { afterEach, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { MAX_BINDS } from "../../src/edge/sessions/bind-pace.ts";
import type { TunnelSession } from "../../src/model/records/tunnel-session.ts";
import { STREAM_TYPES } from "../../src/protocol/rpc/stream-type.ts";
import { dataFrame, incrementFrame, resetFrame } from "../support/frame-bytes.ts";
import { eventually, quiet } from "../support/turns.ts";
import { type HostileAgent, Victims } from "./hostile-agent.ts";
import { mutantValues } from "./mutant-values.ts";
import { FUZZ_TIMEOUT_MS, runs } from "./mutants.ts";

const scenes: Victims[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene[Symbol.asyncDispose]();
});

async function opened(): Promise<Victims> {
  const victims = await Victims.open();
  scenes.push(victims);
  return victims;
}

const TIMEOUT_MS = 30_000;
const FIRST_ID = 101;
const PIECE = Buffer.alloc(32_768, "x");
const REGION_OF_EDGE = "\0\0\0\x08{}";

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(" ", ""), "hex");

/** That many ids of streams that nobody uses. */
function* ids(count: number, first = FIRST_ID): Generator<number> {
  for (let index = 0; index < count; index += 1) yield first + index * 2;
}

function* each(count: number, frameOf: (id: number) => Uint8Array): Generator<Uint8Array> {
  for (const id of ids(count)) yield frameOf(id);
}

type End = "violation" | "goAway" | "lost" | "none";

interface Attack {
  readonly name: string;
  readonly act: (agent: HostileAgent) => Promise<void> | void;
  /** How the session may end, in the words of the log. How many frames the edge reads at once decides about some. */
  readonly ends: readonly End[];
}

/** Whoever provokes resets faster than the edge can write them is cut. */
const FLOOD: readonly End[] = ["none", "violation"];

const ATTACKS: readonly Attack[] = [
  { name: "HTTP", ends: ["violation"], act: (a) => a.send(Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n")) },
  {
    name: "a stream that is opened twice",
    ends: ["violation"],
    act: (a) => a.sendTwice(dataFrame(FIRST_ID, "a", "syn")),
  },
  { name: "data without a stream id", ends: ["violation"], act: (a) => a.send(dataFrame(0, "a")) },
  {
    name: "a reset that is too long",
    ends: ["violation"],
    act: (a) => a.send(hex("00000800 00000003 0000000000000000")),
  },
  { name: "credit that is too short", ends: ["violation"], act: (a) => a.send(hex("00000220 00000003 0001")) },
  { name: "a goodbye that is too short", ends: ["violation"], act: (a) => a.send(hex("00000430 00000000 00000000")) },
  {
    name: "half a frame, and the end",
    ends: ["lost"],
    act: (a) => {
      a.send(dataFrame(FIRST_ID, "abc", "syn").subarray(0, 9));
      a.connection.end();
    },
  },
  {
    name: "a goodbye, and more",
    ends: ["goAway"],
    act: (a) => a.send(hex("00000830 00000000 00000000 00000000"), dataFrame(FIRST_ID, REGION_OF_EDGE, "syn")),
  },
  {
    name: "a frame that never ends",
    ends: ["none"],
    act: (a) => a.send(hex("ffffff11 00000065"), Buffer.alloc(2_000_000)),
  },
  {
    name: "ids of the edge's own streams",
    ends: ["none"],
    act: (a) => a.send(dataFrame(1_000, REGION_OF_EDGE, "syn"), dataFrame(1_002, "\0\0\0\x03", "syn")),
  },
  {
    name: "beats into the edge's heartbeat",
    ends: ["none"],
    act: (a) => a.sendAll(each(50_000, () => dataFrame(2, "beat"))),
  },
  {
    name: "resets of streams that nobody has",
    ends: ["none"],
    act: (a) => a.sendAll(each(50_000, (id) => resetFrame(id, 7))),
  },
  {
    name: "credit for streams that nobody has",
    ends: ["none"],
    act: (a) => a.sendAll(each(50_000, (id) => incrementFrame(id, 0x7fff_ffff))),
  },
  {
    name: "credit beyond all windows",
    ends: ["none"],
    act: (a) => {
      a.send(dataFrame(FIRST_ID, "\0\0\0\x08{", "syn"));
      return a.sendAll(each(50_000, () => incrementFrame(FIRST_ID, 0x7fff_ffff)));
    },
  },
  {
    name: "data for streams that nobody has",
    ends: FLOOD,
    act: (a) => a.sendAll(each(50_000, (id) => dataFrame(id, "x"))),
  },
  {
    name: "ends of streams that nobody has",
    ends: ["none"],
    act: (a) => a.sendAll(each(50_000, (id) => dataFrame(id, "", "fin"))),
  },
  {
    name: "data behind the end of a stream",
    ends: ["none"],
    act: (a) =>
      a.send(dataFrame(FIRST_ID, REGION_OF_EDGE, "syn"), dataFrame(FIRST_ID, "", "fin"), dataFrame(FIRST_ID, "more")),
  },
  {
    name: "more data than a window",
    ends: ["none"],
    act: (a) => {
      a.send(dataFrame(FIRST_ID, "\0\0\0", "syn"));
      return a.sendAll(each(64, () => dataFrame(FIRST_ID, PIECE)));
    },
  },
  {
    name: "100,000 streams without a type",
    ends: FLOOD,
    act: (a) => a.sendAll(each(100_000, (id) => dataFrame(id, "\0", "syn"))),
  },
  {
    name: "100,000 streams of an unknown type",
    ends: FLOOD,
    act: (a) => a.sendAll(each(100_000, (id) => dataFrame(id, "\0\0\0\x63", "syn"))),
  },
  {
    name: "100,000 streams that are opened and reset",
    ends: FLOOD,
    act: (a) =>
      a.sendAll(each(100_000, (id) => Buffer.concat([dataFrame(id, "\0\0\0\x08{", "syn"), resetFrame(id, 7)]))),
  },
  {
    name: "100,000 heartbeats",
    ends: FLOOD,
    act: (a) => a.sendAll(each(100_000, (id) => dataFrame(id, Buffer.from("\xff\xff\xff\xffbeat", "latin1"), "syn"))),
  },
  {
    name: "calls that never end",
    ends: ["none"],
    act: (a) => a.sendAll(each(1_000, (id) => dataFrame(id, `\0\0\0\x01{"Opts":"${"x".repeat(2_000)}`, "syn"))),
  },
  {
    name: "20,000 calls at once",
    ends: FLOOD,
    act: (a) => a.sendAll(each(20_000, (id) => dataFrame(id, '\0\0\0\x02{"Id":"nothing"}', "syn"))),
  },
  {
    name: "empty frames without end",
    ends: ["none"],
    act: (a) => {
      a.send(dataFrame(FIRST_ID, "\0\0\0\x08{", "syn"));
      return a.sendAll(each(100_000, () => dataFrame(FIRST_ID)));
    },
  },
  {
    name: "single bytes without end",
    ends: ["none"],
    act: (a) => {
      a.send(dataFrame(FIRST_ID, "\0\0\0\x08{", "syn"));
      return a.sendAll(each(100_000, () => dataFrame(FIRST_ID, " ")));
    },
  },
  {
    name: "frames of types to come",
    ends: ["none"],
    act: (a) => a.sendAll(each(20_000, () => hex("0000024f 00000005 5858"))),
  },
  {
    name: "replies to requests that nobody sent",
    ends: FLOOD,
    act: (a) => a.sendAll(each(10_000, (id) => dataFrame(id + 1, '{"Error":""}', "syn"))),
  },
];

describe("Edge serves everybody else, and is left with nothing, when an agent sends", () => {
  test.each(ATTACKS)(
    "$name, which costs one session at most",
    async ({ act, ends }) => {
      const victims = await opened();
      const hostile = await victims.hostile();
      await act(hostile);
      expect(await victims.served()).toBe("200 good");
      if (!ends.includes("none")) await eventually("the session is cut", () => victims.ends.length === 1);
      await quiet();
      expect<readonly unknown[]>(ends).toContain(victims.ends[0] ?? "none");
      expect(victims.ends.length).toBeLessThanOrEqual(1);
      expect(await victims.served()).toBe("200 good");
      expect(victims.faults).toEqual([]);
      await victims.emptied();
    },
    TIMEOUT_MS,
  );

  test(
    "what is refused without end, and reads no refusal",
    async () => {
      const victims = await opened();
      const hostile = await victims.hostile();
      hostile.connection.pause();
      // The buffers of the kernel take some hundred thousand resets.
      await hostile.sendAll(each(1_200_000, (id) => dataFrame(id, "\0\0\0\x63", "syn")));
      await eventually("the session is cut", () => victims.ends.length === 1);
      expect(victims.ends).toEqual(["violation"]);
      expect(await victims.served()).toBe("200 good");
      await victims.emptied();
    },
    TIMEOUT_MS,
  );

  test(
    "one byte at a time",
    async () => {
      const victims = await opened();
      const hostile = await victims.hostile();
      for (const byte of dataFrame(FIRST_ID, REGION_OF_EDGE, "syn")) {
        hostile.send(Buffer.of(byte));
        await quiet();
      }
      await eventually("it is answered", () => hostile.reply(FIRST_ID) === '{"Region":"test"}');
      expect(await victims.served()).toBe("200 good");
      await victims.emptied();
    },
    TIMEOUT_MS,
  );
});

describe("Edge, whose agent", () => {
  test("answers no heartbeat and is silent, ends its session in time", async () => {
    const victims = await opened();
    const hostile = await victims.hostile();
    victims.clock.advance(200);
    await eventually("the edge asks", () => hostile.opened("").length > 0);
    victims.clock.advance(20_000);
    await eventually("the session is over", () => victims.ends.includes("silent"));
    await eventually("the connection is cut", () => hostile.isCut);
    expect(victims.faults).toEqual([]);
  });

  test("answers each heartbeat twice and others that were never asked, goes on", async () => {
    const victims = await opened();
    const hostile = await victims.hostile();
    for (let round = 0; round < 5; round += 1) {
      const before = hostile.frames.length;
      victims.clock.advance(5_000);
      await eventually("the edge asks", () => hostile.frames.length > before);
      const [id] = hostile.opened("");
      if (id === undefined) throw new Error("no heartbeat stream");
      const beats = Buffer.from(hostile.reply(id).slice(4), "latin1");
      hostile.send(dataFrame(id, beats), dataFrame(id, beats), dataFrame(id, "\0\0\0\0\xff\xff\xff\xff"));
      await quiet();
    }
    expect([victims.ends.filter((end) => end !== "silent"), victims.faults]).toEqual([[], []]);
    expect(hostile.isCut).toBe(false);
  });

  test(
    "binds and unbinds without end, is told to stop, and leaves no endpoint behind",
    async () => {
      const victims = await opened();
      const hostile = await victims.hostile();
      const replies: string[] = [];
      for (let round = 0; round < MAX_BINDS / 100 + 1; round += 1) {
        const calls = Array.from({ length: 100 }, (_, index) =>
          hostile.place(STREAM_TYPES.bind, JSON.stringify({ Id: `b${index % 5}`, Proto: "http", Opts: {} })),
        );
        await eventually("all are answered", () => calls.every((id) => hostile.isEnded(id)));
        replies.push(...calls.map((id) => hostile.reply(id)));
        const ends = Array.from({ length: 5 }, (_, index) => hostile.place(STREAM_TYPES.unbind, `{"Id":"b${index}"}`));
        await eventually("all are ended", () => ends.every((id) => hostile.isEnded(id)));
        hostile.forget();
      }
      expect(replies.at(0)).toContain('"URL":"http://');
      expect(replies.at(-1)).toContain("ERR_GINNEL_BIND_PACE");
      expect(victims.edge.edge.figures.endpoints.get("http")).toBe(1);
      expect(await victims.served()).toBe("200 good");
      expect(victims.faults).toEqual([]);
      await victims.emptied();
    },
    TIMEOUT_MS,
  );

  test(
    "asks for what no agent asks for, gets it or is refused in words",
    async () => {
      const victims = await opened();
      const hostile = await victims.hostile();
      const seeds = [
        {
          Id: "",
          Proto: "https",
          ForwardsTo: "localhost:80",
          Opts: { Domain: "x.edge.test", Subdomain: "", Hostname: "" },
        },
        {
          Proto: "tcp",
          Opts: { Addr: "edge.test:20001", IPRestriction: { AllowCIDRs: ["10.0.0.0/8"], DenyCIDRs: ["::1/128"] } },
        },
        {
          Proto: "tls",
          Opts: { Domain: "x.edge.test", TLSTermination: { Cert: "YQ==", Key: "YQ==" }, MutualTLSAtEdge: {} },
        },
        {
          Proto: "http",
          Opts: { TrafficPolicy: '{"on_http_request":[{"actions":[{"type":"deny"}]}]}' },
          Extra: { Bindings: ["internal"] },
        },
        {
          Proto: "http",
          Opts: {
            CircuitBreaker: { ErrorThreshold: 0.5 },
            Compression: {},
            BasicAuth: { Credentials: [{ Username: "me", CleartextPassword: "12345678" }] },
          },
        },
        {
          Proto: "http",
          Opts: {
            WebhookVerification: { Provider: "github", Secret: "x" },
            UserAgentFilter: { Allow: ["a+"] },
            RequestHeaders: { Add: ["a:b"] },
          },
        },
      ];
      await fc.assert(
        fc.asyncProperty(mutantValues(seeds), async (value) => {
          victims.clock.advance(100); // for the pace of binds
          const call = hostile.place(STREAM_TYPES.bind, JSON.stringify(value) ?? "null");
          await eventually("it is answered", () => hostile.isEnded(call));
          const reply: unknown = JSON.parse(Buffer.from(hostile.reply(call), "latin1").toString());
          const { Id, Error: refusal } = reply as Readonly<Record<string, unknown>>; // else the next line fails
          expect([typeof Id, typeof (refusal ?? "")]).toEqual(["string", "string"]);
          const end = hostile.place(STREAM_TYPES.unbind, JSON.stringify({ Id }));
          await eventually("it is ended", () => hostile.isEnded(end));
          expect(victims.faults).toEqual([]);
          hostile.forget();
        }),
        runs(60),
      );
      expect(victims.edge.edge.figures.endpoints).toEqual(new Map([["http", 1]]));
      expect(await victims.served()).toBe("200 good");
      await victims.emptied();
    },
    FUZZ_TIMEOUT_MS,
  );

  test.each([
    ["more than a message may have", `{"Error":"${"x".repeat(2_000_000)}`],
    ["nesting without end", `{"Error":${"[".repeat(100_000)}`],
    ["what is no JSON", "]"],
    ["a refusal with escapes", '{"Error":"\\u001b[2J\\u001b]0;x\\u0007\\r\\nadmin: yes"}'],
    ["nothing at all", ""],
  ])(
    "answers a command with %s, is told of as one that does not obey",
    async (_, reply) => {
      const victims = await opened();
      const hostile = await victims.hostile();
      const id = hostile.sessionId;
      const told = victims.edge.edge.agentCommands.stop({ id } as TunnelSession).catch((error: unknown) => error); // only the id is read
      await eventually("the command comes", () => hostile.opened("\0\0\0\x05").length === 1);
      const [stream = 0] = hostile.opened("\0\0\0\x05");
      for (let at = 0; at < reply.length && !hostile.isCut; at += 32_768) {
        hostile.send(dataFrame(stream, reply.slice(at, at + 32_768)));
        await quiet();
      }
      victims.clock.advance(11_000);
      const failure = await told;
      expect(failure).toMatchObject({ name: "PublicError", code: expect.stringMatching(/^ERR_GINNEL_AGENT_/) });
      // eslint-disable-next-line no-control-regex -- that is what is looked for
      expect(String(failure)).not.toMatch(/[\0-\x1f\x7f-\x9f]/);
      expect(victims.faults).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
