import { afterEach, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { CloseCause, Duplex } from "../../src/net/duplex.ts";
import { pipe } from "../../src/net/pipe.ts";
import { splice } from "../../src/net/splice.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { tcpPair } from "../support/socket-pair.ts";

const opened: Array<() => void> = [];

afterEach(() => {
  for (const close of opened.splice(0)) close();
});

async function socketEnds(): Promise<readonly [Duplex, Duplex]> {
  const { ends, dispose } = await tcpPair();
  opened.push(dispose, () => ends[0].reset());
  return ends;
}

interface Joined {
  /** Either end of the whole: what one writes, the other hears. */
  readonly outer: readonly [Duplex, Duplex];
  readonly heard: readonly [RecordingListener, RecordingListener];
  readonly done: Promise<ReadonlyArray<CloseCause | undefined>>;
  readonly bytes: () => readonly [number, number];
}

async function joined(): Promise<Joined> {
  const [[outerA, innerA], [outerB, innerB]] = await Promise.all([socketEnds(), socketEnds()]);
  const { promise, resolve } = Promise.withResolvers<ReadonlyArray<CloseCause | undefined>>();
  const joint = splice(innerA, innerB, { onDone: (...causes) => resolve(causes) });
  return {
    outer: [outerA, outerB],
    heard: [new RecordingListener(outerA), new RecordingListener(outerB)],
    done: promise,
    bytes: () => [joint.bytesFromFirst, joint.bytesFromSecond],
  };
}

test("splice forwards both directions, their ends, and counts", async () => {
  const { outer, heard, done, bytes } = await joined();
  outer[0].write(Buffer.from("question"));
  outer[0].end();
  await heard[1].until(() => heard[1].hasEnded);
  outer[1].write(Buffer.from("late answer"));
  outer[1].end();
  expect(await done).toEqual([undefined, undefined]);
  await heard[0].until(() => heard[0].isClosed);
  expect([heard[0].text, heard[1].text]).toEqual(["late answer", "question"]);
  expect(bytes()).toEqual([8, 11]);
});

test.each([[0], [1]] as const)("splice forwards a reset of side %i", async (index) => {
  const { outer, heard, done } = await joined();
  outer[index].write(Buffer.from("x"));
  const other = heard[1 - index];
  await other?.until(() => other.bytesHeard === 1);
  outer[index].reset();
  await other?.until(() => other.isClosed);
  expect(other?.cause?.code).toBe("ECONNRESET");
  const codes = (await done).map((cause) => cause?.code);
  expect([codes[index], codes[1 - index]]).toEqual(["ECONNRESET", "RESET"]);
});

test("splice keeps the code of a reset", async () => {
  const [near, innerA] = pipe();
  const [innerB, far] = pipe();
  splice(innerA, innerB);
  const heard = new RecordingListener(far);
  near.listen(new RecordingListener());
  near.reset(7);
  await heard.until(() => heard.isClosed);
  expect(heard.cause?.resetCode).toBe(7);
});

test("splice sends first what was read before", async () => {
  const [near, innerA] = pipe();
  const [innerB, far] = pipe();
  const heard = [new RecordingListener(near), new RecordingListener(far)] as const;
  innerA.pause();
  near.write(Buffer.from(" two"));
  splice(innerA, innerB, { toFirst: Buffer.from("back"), toSecond: Buffer.from("one") });
  await heard[1].until(() => heard[1].text === "one two");
  await heard[0].until(() => heard[0].text === "back");
  expect(heard[1].text).toBe("one two");
});

test("splice makes the writer wait for a slow reader", async () => {
  const { outer, heard, bytes } = await joined();
  outer[1].pause();
  const chunk = patternedBytes(200_000);
  let written = 0;
  for (let idleTurns = 0; idleTurns < 50;) {
    const drains = heard[0].drains;
    while (outer[0].write(chunk)) written += chunk.length;
    written += chunk.length;
    for (idleTurns = 0; idleTurns < 50 && heard[0].drains === drains; idleTurns += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(written).toBeLessThan(64 * 1024 * 1024);
  }
  expect(bytes()[0]).toBeLessThan(written);
  outer[1].resume();
  outer[0].end();
  await heard[1].until(() => heard[1].hasEnded);
  expect(heard[1].bytesHeard).toBe(written);
});

test("splice tells of progress", async () => {
  const [near, innerA] = pipe();
  const [innerB, far] = pipe();
  let touches = 0;
  splice(innerA, innerB, { activity: { touch: () => (touches += 1) } });
  const heard = new RecordingListener(far);
  near.listen(new RecordingListener());
  near.write(Buffer.from("x"));
  await heard.until(() => heard.bytesHeard === 1);
  expect(touches).toBe(1);
});

type Step = { readonly side: 0 | 1 } & (
  | { readonly act: "write"; readonly bytes: number }
  | { readonly act: "end" | "reset" | "pause" | "resume" | "wait" }
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ side: side(), act: fc.constant("write" as const), bytes: fc.nat(300_000) }) },
  { weight: 3, arbitrary: fc.record({ side: side(), act: fc.constantFrom("pause", "resume", "wait") }) },
  { weight: 1, arbitrary: fc.record({ side: side(), act: fc.constantFrom("end", "reset") }) },
);

function side(): fc.Arbitrary<0 | 1> {
  return fc.constantFrom(0, 1);
}

test("splice is no different from one connection, whatever both sides do", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const { outer, heard, done } = await joined();
      const sent: [number, number] = [0, 0];
      const ended = [false, false];
      for (const { side: at, ...action } of steps) {
        if (action.act === "write" && !ended[at]) {
          outer[at].write(patternedBytes(action.bytes, sent[at]));
          sent[at] += action.bytes;
        } else if (action.act === "wait") await new Promise((resolve) => setImmediate(resolve));
        else if (action.act !== "write") outer[at][action.act]();
        if (action.act === "end") ended[at] = true;
      }
      const isReset = steps.some(({ act }) => act === "reset");
      for (const end of outer) {
        end.end();
        end.resume();
      }
      await Promise.all([done, ...heard.map((listener) => listener.until(() => listener.isClosed))]);
      for (const index of [0, 1] as const) {
        const whole = patternedBytes(sent[1 - index] ?? 0);
        const { length } = heard[index].heard;
        expect(heard[index].heard.equals(whole.subarray(0, length))).toBe(true);
        if (!isReset)
          expect(heard[index]).toMatchObject({ bytesHeard: whole.length, hasEnded: true, cause: undefined });
      }
    }),
    { numRuns: process.env["DEEP"] === "1" ? 2_000 : 100 },
  );
}, 60_000);

test("splice passes on what was read just before a reset", async () => {
  const [upstream, near] = await socketEnds();
  const [stream, visitor] = pipe();
  const heard = new RecordingListener(visitor);
  splice(stream, near);
  visitor.write(Buffer.from("question"));
  const atUpstream = new RecordingListener(upstream);
  await atUpstream.until(() => atUpstream.bytesHeard > 0);
  upstream.write(Buffer.from("refused, and here is why"));
  upstream.reset();
  await heard.until(() => heard.isClosed);
  expect([heard.text, heard.events]).toEqual(["refused, and here is why", ["data", "close"]]);
  expect(heard.cause?.code).toBe("RESET");
});
