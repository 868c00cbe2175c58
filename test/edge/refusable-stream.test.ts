import { describe, expect, test } from "bun:test";
import { endpointOf, ScriptedAgent } from "../support/scripted-agent.ts";
import { MAX_KEPT_BYTES } from "../../src/edge/refusable-stream.ts";
import type { ProxiedVisitor } from "../../src/edge/endpoint.ts";
import { RESET_CODES } from "../../src/protocol/mux/reset-codes.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { eventually, quiet } from "../support/turns.ts";

const VISITOR = { remoteAddress: "192.0.2.7:5000" };

interface Scene {
  readonly agents: readonly ScriptedAgent[];
  readonly proxied: ProxiedVisitor;
  readonly heard: RecordingListener;
  /** What the visitor sends. */
  readonly send: (text: string) => boolean;
  /** The leg of that number ends the stream that it has. */
  readonly refuse: (index: number, code?: number) => void;
  /** What the leg of that number has got. */
  readonly got: (index: number) => string | undefined;
}

/** A visitor of an endpoint with that many legs in other processes, whose stream begins with "first". */
function scene(legs = 2): Scene {
  const agents = Array.from({ length: legs }, (_, number) =>
    Object.assign(new ScriptedAgent(), { number, isDistant: true }),
  );
  const [first = new ScriptedAgent(), ...others] = agents;
  const endpoint = endpointOf(first, "a.test");
  for (const agent of others) endpoint.join(agent);
  const proxied = endpoint.openProxy(VISITOR, Buffer.from("first"));
  if (proxied === undefined) throw new Error("no stream");
  return {
    agents,
    proxied,
    heard: new RecordingListener(proxied.stream),
    send: (text) => proxied.stream.write(Buffer.from(text)),
    refuse: (index, code = RESET_CODES.noWayToAgent) => agents[index]?.streams[0]?.end.reset(code),
    got: (index) => agents[index]?.streams[0]?.heard.text,
  };
}

describe("RefusableStream", () => {
  test("goes on over the next leg with all that was written, when the first one refuses", async () => {
    const s = scene();
    expect(s.proxied.leg).toBe(s.agents[0] ?? s.proxied.leg);
    s.send(" second");
    s.proxied.stream.end();
    s.refuse(0);
    await eventually("the next leg has all of it", () => s.got(1) === "first second");
    const next = s.agents[1]?.streams[0];
    await next?.heard.until(() => next.heard.hasEnded);
    expect(s.proxied.leg).toBe(s.agents[1] ?? s.proxied.leg);
    next?.end.write(Buffer.from("answer"));
    next?.end.end();
    await s.heard.until(() => s.heard.isClosed);
    expect([s.heard.text, s.heard.cause]).toEqual(["answer", undefined]);
  });

  test("goes on from leg to leg, and ends as the last one refuses", async () => {
    const s = scene(3);
    for (const index of [0, 1, 2]) {
      await eventually("the leg has it", () => s.got(index) === "first");
      s.refuse(index);
    }
    await s.heard.until(() => s.heard.isClosed);
    expect(s.heard.cause?.resetCode).toBe(RESET_CODES.noWayToAgent);
    expect(s.agents.map(({ streams }) => streams.length)).toEqual([1, 1, 1]);
  });

  test.each<[string, (s: Scene) => unknown, number | undefined]>([
    ["when it ends for another reason", () => {}, RESET_CODES.upstreamRefused],
    [
      "when a byte of an answer was heard",
      async (s) => {
        s.agents[0]?.streams[0]?.end.write(Buffer.from("H"));
        await s.heard.until(() => s.heard.text === "H");
      },
      undefined,
    ],
    ["when more was written than is kept", (s) => s.send("x".repeat(MAX_KEPT_BYTES + 1)), undefined],
    ["when no other leg has room", (s) => s.agents.map((agent) => (agent.isFull = true)), undefined],
  ])("ends %s", async (_, before, code) => {
    const s = scene();
    await before(s);
    s.refuse(0, code);
    await s.heard.until(() => s.heard.isClosed);
    expect(s.heard.cause?.resetCode).toBe(code ?? RESET_CODES.noWayToAgent);
    expect(s.agents[1]?.streams).toEqual([]);
  });

  test("asks for no other leg when the visitor has reset it", async () => {
    const s = scene();
    s.refuse(0);
    s.proxied.stream.reset();
    await s.heard.until(() => s.heard.isClosed);
    expect(s.agents[1]?.streams).toEqual([]);
  });

  test("has the writer go on who had no room any more where it was refused", async () => {
    const s = scene();
    s.refuse(0);
    expect(s.send(" second")).toBe(false);
    await s.heard.until(() => s.heard.drains > 0);
    expect(s.send(" third")).toBe(true);
    await eventually("the next leg has all of it", () => s.got(1) === "first second third");
  });

  test("stays paused on the next leg", async () => {
    const s = scene();
    s.proxied.stream.pause();
    s.refuse(0);
    await eventually("the next leg has it", () => s.got(1) === "first");
    s.agents[1]?.streams[0]?.end.write(Buffer.from("answer"));
    await quiet();
    expect(s.heard.text).toBe("");
    s.proxied.stream.resume();
    await s.heard.until(() => s.heard.text === "answer");
  });

  test("is what a leg gives that is not the last, where its session is elsewhere", () => {
    const near = new ScriptedAgent();
    const endpoint = endpointOf(near, "a.test");
    endpoint.join(Object.assign(new ScriptedAgent(), { number: 1, isDistant: true }));
    expect(endpoint.openProxy(VISITOR)?.leg).toBe(near);
  });
});
