/** One stream on a link of 1 Gbit/s with a round trip of 50 ms, in time that the test moves by hand. */
import { expect, test } from "bun:test";
import { dataFrame } from "../../support/frame-bytes.ts";
import { FrameRecorder } from "../../support/frame-recorder.ts";
import { type HeardStream, MuxEnd } from "../../support/mux-end.ts";

const ONE_WAY_MS = 25;
const LINK_BYTES_PER_MS = 125_000;
const WINDOW = 262_144;
const CHUNK = new Uint8Array(65_536);

/** Bytes that arrive later. */
class Delay {
  readonly #underWay: { readonly atMs: number; readonly bytes: Uint8Array }[] = [];

  put(nowMs: number, bytes: Uint8Array): void {
    if (bytes.length > 0) this.#underWay.push({ atMs: nowMs + ONE_WAY_MS, bytes });
  }

  arrived(nowMs: number): Uint8Array[] {
    let count = 0;
    while ((this.#underWay[count]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) count += 1;
    return this.#underWay.splice(0, count).map(({ bytes }) => bytes);
  }
}

function filled(end: MuxEnd): Uint8Array {
  const batch = new Uint8Array(LINK_BYTES_PER_MS);
  return batch.subarray(0, end.mux.fillBatch(batch));
}

/** Bytes that the streams of the receiver heard during each 500 ms. */
function simulate(roundTripMs: number | undefined, lastMs: number): number[] {
  const [sender, receiver] = [new MuxEnd("agent"), new MuxEnd("edge")];
  receiver.mux.roundTripMs = roundTripMs;
  const [there, back] = [new Delay(), new Delay()];
  const { stream } = sender.open();
  const heard: number[] = [];
  let total = 0;
  receiver.onAccepted = (accepted: HeardStream) =>
    accepted.stream.listen({ onData: (bytes) => (total += bytes.length), onDrain: noop, onEnd: noop, onClose: noop });
  for (let nowMs = 0; nowMs < lastMs; nowMs += 1) {
    while (sender.mux.queuedBytes < WINDOW) stream.write(CHUNK);
    there.put(nowMs, filled(sender));
    for (const bytes of there.arrived(nowMs)) receiver.mux.receive(bytes, nowMs);
    back.put(nowMs, filled(receiver));
    for (const bytes of back.arrived(nowMs)) sender.mux.receive(bytes, nowMs);
    if (nowMs % 500 === 499) {
      heard.push(total);
      total = 0;
    }
  }
  return heard;
}

test("ReceiveWindow lets one stream use a long link", () => {
  const [, second] = simulate(50, 1000);
  expect(second).toBeGreaterThan(0.8 * 500 * LINK_BYTES_PER_MS);
});

test("ReceiveWindow stays small without a known round trip", () => {
  const [, second] = simulate(undefined, 1000);
  expect(second).toBeLessThanOrEqual((500 / 50 + 1) * WINDOW);
});

test("ReceiveWindow never stalls a peer that throws away credit beyond its first window", () => {
  const receiver = new MuxEnd("edge");
  receiver.mux.roundTripMs = 50;
  const [there, back] = [new Delay(), new Delay()];
  const tap = new FrameRecorder();
  let credit = WINDOW;
  let sent = 0;
  for (let nowMs = 0; nowMs < 5000; nowMs += 1) {
    // As the published agent does: frames of 8 KiB, and a window that never exceeds the first.
    for (let i = 0; i < 15 && credit > 0; i += 1) {
      const length = Math.min(credit, 8192);
      there.put(nowMs, dataFrame(3, CHUNK.subarray(0, length), sent === 0 ? "syn" : ""));
      credit -= length;
      sent += length;
    }
    for (const bytes of there.arrived(nowMs)) receiver.mux.receive(bytes, nowMs);
    back.put(nowMs, filled(receiver));
    for (const bytes of back.arrived(nowMs)) tap.receive(bytes);
    for (const frame of tap.take()) {
      expect(frame.type).toBe("increment");
      if (frame.type === "increment") credit = Math.min(WINDOW, credit + frame.by);
    }
  }
  expect(sent).toBeGreaterThan(0.9 * WINDOW * (5000 / 51));
});

/** The longest queue in front of a link of 25 MB/s, in ms, during each 500 ms, and what of the link the stream used. */
function besideSmallTalk(roundTripMs: number, lastMs: number): { readonly queueMs: number; readonly share: number }[] {
  const rate = 25_000;
  const [sender, receiver] = [new MuxEnd("agent"), new MuxEnd("edge")];
  receiver.mux.roundTripMs = roundTripMs;
  receiver.mux.peerKeepsCredit = true;
  const [there, back] = [new Delay(), new Delay()];
  const [bulk, talk] = [sender.open().stream, sender.open().stream];
  const seen: { readonly queueMs: number; readonly share: number }[] = [];
  const batch = new Uint8Array(LINK_BYTES_PER_MS);
  let [heardBytes, freeAtMs, queueMs] = [0, 0, 0];
  receiver.onAccepted = ({ stream }: HeardStream) =>
    stream.listen({ onData: ({ length }) => (heardBytes += length), onDrain: noop, onEnd: noop, onClose: noop });
  for (let nowMs = 0; nowMs < lastMs; nowMs += 1) {
    if (nowMs % 10 === 0) talk.write(CHUNK.subarray(0, 800));
    while (sender.mux.queuedBytes < WINDOW) bulk.write(CHUNK);
    for (let count = sender.mux.fillBatch(batch); count > 0; count = sender.mux.fillBatch(batch)) {
      freeAtMs = Math.max(freeAtMs, nowMs) + count / rate;
      there.put(freeAtMs, batch.slice(0, count));
    }
    queueMs = Math.max(queueMs, freeAtMs - nowMs);
    for (const bytes of there.arrived(nowMs)) receiver.mux.receive(bytes, nowMs);
    back.put(nowMs, filled(receiver));
    for (const bytes of back.arrived(nowMs)) sender.mux.receive(bytes, nowMs);
    if (nowMs % 500 !== 499) continue;
    seen.push({ queueMs, share: heardBytes / (500 * rate) });
    [heardBytes, queueMs] = [0, 0];
  }
  return seen;
}

test.each([
  ["as measured", 50, 0.95, 40],
  ["measured too long", 70, 0.95, 65],
  ["measured too short", 35, 0.6, 35],
])(
  "ReceiveWindow, beside small talk, fills a line and not its queue, the round trip %s",
  (_, roundTripMs, share, queueMs) => {
    const [, , ...later] = besideSmallTalk(roundTripMs, 4000);
    for (const half of later) {
      expect(half.share).toBeGreaterThan(share);
      expect(half.queueMs).toBeLessThan(queueMs);
    }
  },
);

function noop(): void {}
