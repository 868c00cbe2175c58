import { expect, test } from "bun:test";
import { nextState, type StreamMove, type StreamState } from "../../../src/protocol/mux/stream-state.ts";

const MOVES: readonly StreamMove[] = ["sendFin", "receiveData", "receiveFin", "sendReset", "receiveReset"];

test.each([
  ["open", ["localEnded", "open", "remoteEnded", "reset", "reset"]],
  ["localEnded", [undefined, "localEnded", "ended", "reset", "reset"]],
  ["remoteEnded", ["ended", undefined, "remoteEnded", "reset", "reset"]],
  ["ended", [undefined, undefined, "ended", undefined, "ended"]],
  ["reset", [undefined, "reset", "reset", undefined, "reset"]],
] as const satisfies readonly (readonly [StreamState, readonly (StreamState | undefined)[]])[])(
  "nextState of a stream that is %s",
  (state, expected) => {
    expect(MOVES.map((move) => nextState(state, move))).toEqual([...expected]);
  },
);
