/** Recorded sessions with faults in their frames, played to a multiplexer: it goes on, or says what was wrong. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ProtocolError } from "../../src/base/errors.ts";
import { INITIAL_WINDOW_BYTES } from "../../src/protocol/mux/receive-window.ts";
import { framesOf } from "../support/frame-recorder.ts";
import { MuxEnd } from "../support/mux-end.ts";
import { SESSION_VECTORS } from "../support/session-vectors.ts";
import { FUZZ_TIMEOUT_MS, mutants, pieces, runs } from "./mutants.ts";

const MAX_STREAMS = 20;
const ROLES = [
  ["edge", "agent->edge"],
  ["agent", "edge->agent"],
] as const;

/** Feeds until the first violation, drains like a link, and checks what holds whatever was fed. */
function play(end: MuxEnd, parts: readonly Uint8Array[]): void {
  for (const part of parts) {
    try {
      end.mux.receive(part, 0);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      end.mux.goAway(1, error.message);
    }
    expect(end.mux.streamsOpen).toBeLessThanOrEqual(MAX_STREAMS);
    // What leaves are whole frames, also behind a violation.
    framesOf(end.output());
    end.mux.settle(0);
  }
  expect(end.faults).toEqual([]);
  end.mux.end({ code: "SESSION_ENDED" });
  while (end.mux.hasCalls) end.mux.settle(0);
}

describe.each(ROLES)("Mux of an %s", (role, direction) => {
  const seeds = SESSION_VECTORS.map((vector) => Buffer.concat(vector.frames(direction))).filter(
    ({ length }) => length > 0,
  );
  const input = [mutants(seeds), fc.array(fc.nat(1 << 16), { maxLength: 12 })] as const;

  test(
    "goes on or ends with a ProtocolError, and tells every listener of one end",
    () => {
      fc.assert(
        fc.property(...input, (bytes, cuts) => {
          const end = new MuxEnd(role, { maxStreams: MAX_STREAMS });
          // It answers, as upstreams do.
          end.onAccepted = ({ stream }) => {
            stream.write(Buffer.alloc(1_000));
          };
          play(end, pieces(bytes, cuts));
          for (const { heard } of end.accepted) {
            expect(heard.events.filter((event) => event === "close")).toEqual(["close"]);
            expect(heard.events.at(-1)).toBe("close");
          }
          expect([end.mux.streamsOpen, end.mux.queuedBytes, end.mux.hasOutput]).toEqual([0, 0, false]);
        }),
        runs(300),
      );
    },
    FUZZ_TIMEOUT_MS,
  );

  test(
    "keeps no more than a window for a listener that does not read",
    () => {
      fc.assert(
        fc.property(...input, (bytes, cuts) => {
          const end = new MuxEnd(role, { maxStreams: MAX_STREAMS });
          end.onAccepted = ({ stream }) => stream.pause();
          for (let time = 0; time < 3; time += 1) {
            try {
              end.mux.receive(bytes, 0);
            } catch (error) {
              if (!(error instanceof ProtocolError)) throw error;
              break;
            }
          }
          const paused = end.accepted.map(({ heard }) => heard.bytesHeard);
          expect(paused.every((count) => count === 0)).toBe(true);
          for (const { stream } of end.accepted) stream.resume();
          play(end, pieces(new Uint8Array(0), cuts));
          for (const { heard } of end.accepted) expect(heard.bytesHeard).toBeLessThanOrEqual(INITIAL_WINDOW_BYTES);
        }),
        runs(100),
      );
    },
    FUZZ_TIMEOUT_MS,
  );
});
