import { expect, test } from "bun:test";
import type { StreamFailure } from "../../../src/edge/visitors/proxy-stream.ts";
import { failureError, noStreamError } from "../../../src/edge/visitors/stream-failure.ts";
import { refuseResponse } from "../../../src/protocol/http1/faults.ts";
import { MUX_ERRORS } from "../../../src/protocol/mux/error-codes.ts";
import { RESET_CODES } from "../../../src/protocol/mux/reset-codes.ts";
import { endpointOf, ScriptedAgent } from "../../support/scripted-agent.ts";

const reset = (resetCode: number): StreamFailure => ({ type: "reset", cause: { code: "RESET", resetCode } });

const CASES: readonly (readonly [name: string, failure: StreamFailure, code: string, text: string])[] = [
  ["an upstream that ended", { type: "ended" }, "ERR_NGROK_3004", "it closed the connection"],
  ["an upstream that reset", reset(MUX_ERRORS.streamReset), "ERR_NGROK_3004", "it closed the connection"],
  ["a pipe that was reset", { type: "reset", cause: undefined }, "ERR_NGROK_3004", "it closed the connection"],
  ["an upstream that refused", reset(RESET_CODES.upstreamRefused), "ERR_NGROK_8012", "connection refused"],
  ["a dial that took too long", reset(RESET_CODES.upstreamTimedOut), "ERR_NGROK_8012", "timed out"],
  ["a name without address", reset(RESET_CODES.upstreamNameUnresolved), "ERR_NGROK_8012", "cannot be resolved"],
  ["an answer that is no HTTP", { type: "refused", error: refuseResponse("version") }, "ERR_NGROK_3004", "no version"],
  ["an answer that the agent refused", reset(RESET_CODES.upstreamProtocolError), "ERR_NGROK_3004", "breaks the rules"],
  ["a session that ended", { type: "reset", cause: { code: "SESSION_ENDED" } }, "ERR_NGROK_3210", "app.test"],
  ["a tunnel that is gone", reset(RESET_CODES.unknownBind), "ERR_NGROK_3210", "app.test"],
];

test.each(CASES)("failureError names %s", (_, failure, code, text) => {
  const error = failureError(failure, endpointOf(new ScriptedAgent(), "app.test"));
  expect([error.code, error.status, error.message]).toEqual([code, 502, expect.stringContaining(text)]);
});

test.each([
  [true, "ERR_GINNEL_BUSY"],
  [false, "ERR_NGROK_3210"],
])(
  "failureError says the same of another process that has no way to the agent as of this one; online: %p",
  (isOnline, code) => {
    const agent = new ScriptedAgent();
    const endpoint = endpointOf(agent, "app.test");
    if (!isOnline) endpoint.leave(agent);
    expect(endpoint.isOnline).toBe(isOnline);
    expect(failureError(reset(RESET_CODES.noWayToAgent), endpoint)).toEqual(noStreamError(endpoint));
    expect(noStreamError(endpoint)).toMatchObject({ code });
  },
);
