/** What a session allows a stream with much to say while another one says little. The agent's frames are written by hand. */
import { expect, test } from "bun:test";
import { pipe } from "../../src/net/pipe.ts";
import { AUTH } from "../../src/protocol/rpc/auth.ts";
import { encodeRequest } from "../../src/protocol/rpc/rpc-call.ts";
import { dataFrame } from "../support/frame-bytes.ts";
import { type Frame, FrameRecorder } from "../support/frame-recorder.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { AUTH_REQUEST, PlayedEdge } from "../support/session-pair.ts";
import { eventually, quiet } from "../support/turns.ts";

const CHUNK = new Uint8Array(32_768);
const CHUNKS = 32;

test.each([
  ["ginnel", "ginnel/0.1.0", false],
  ["ngrok-go", "ngrok-go/2.1.1", false],
  // It throws away what it gets above its first window, so nothing may be held back.
  ["ngrok-javascript", "ngrok-javascript/1.7.0 ngrok-rust/0.18.0", true],
])(
  "EdgeSession lets the window of a stream grow beside small talk, with an agent of %s",
  async (clientType, userAgent, grows) => {
    const [near, far] = pipe();
    const edge = new PlayedEdge(near);
    const recorder = new FrameRecorder();
    const said: Frame[] = [];
    far.listen({
      onData: (bytes) => {
        recorder.receive(bytes);
        for (const frame of recorder.take()) {
          said.push(frame);
          const isBeat = frame.type === "data" && !frame.syn && frame.payload.length === 4;
          if (isBeat) far.write(dataFrame(frame.id, frame.payload));
        }
      },
      onDrain: () => {},
      onEnd: () => {},
      onClose: () => {},
    });
    const agent = { ...AUTH_REQUEST.agent, clientType, userAgent };
    far.write(dataFrame(3, encodeRequest(AUTH, { ...AUTH_REQUEST, agent }), "syn"));
    for (let passedMs = 0; edge.roundTripsMs.length === 0 && passedMs < 1000; passedMs += 5) {
      await quiet();
      edge.clock.advance(5);
    }
    expect(edge.roundTripsMs).toEqual([0]);

    const streams = ["bulk", "talk"].map((name) => edge.session.openStream(Buffer.from(`\0\0\0\x09${name}`)));
    const heard = streams.map((stream) => new RecordingListener(stream));
    await eventually("both are open", () => said.filter((frame) => frame.type === "data" && frame.syn).length === 3);
    const [bulk = 0, talk = 0] = said
      .flatMap((frame) => (frame.type === "data" && frame.syn ? [frame.id] : []))
      .slice(-2);
    far.write(dataFrame(talk, "an answer"));
    for (let sent = 1; sent <= CHUNKS; sent += 1) {
      far.write(dataFrame(bulk, CHUNK));
      await eventually("it is heard", () => heard[0]?.bytesHeard === sent * CHUNK.length);
      await quiet();
    }
    const credit = said.reduce(
      (sum, frame) => sum + (frame.type === "increment" && frame.id === bulk ? frame.by : 0),
      0,
    );
    expect(credit > CHUNKS * CHUNK.length).toBe(grows);
    expect(edge.faults).toEqual([]);
  },
);
