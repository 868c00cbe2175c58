import { expect, test } from "bun:test";
import { agentTraits, UNKNOWN_AGENT } from "../../../src/protocol/rpc/foreign-agents.ts";

const RUST = {
  usesLargerWindows: false,
  maxStreams: 500,
  abortNeedsFinFirst: true,
  mayIgnoreStopTunnel: true,
  halfCloseClosesUpstream: false,
};
const GO = {
  usesLargerWindows: true,
  abortNeedsFinFirst: false,
  halfCloseClosesUpstream: true,
  answersUnsupportedCommands: false,
};
const GINNEL = {
  usesLargerWindows: true,
  understandsResetCodes: true,
  abortNeedsFinFirst: false,
  halfCloseClosesUpstream: false,
};

test.each([
  ["ngrok-javascript", "ngrok-javascript/1.7.0 ngrok-rust/0.18.0", RUST],
  ["ngrok-python", "ngrok-python/1.4.0 ngrok-rust/0.14.0", RUST],
  ["my-wrapper", "my-wrapper/1 ngrok-rust/0.18.0", RUST],
  ["ngrok-go", "ngrok-go/2.1.1", GO],
  ["", "ngrok-go/1.9.0", GO],
  ["ginnel", "ginnel/0.1.0", GINNEL],
] as const)("agentTraits knows %s with the user agent %s", (clientType, userAgent, traits) => {
  expect(agentTraits({ clientType, userAgent })).toMatchObject(traits);
});

test.each([
  ["", ""],
  ["ginnel2", "x"],
  ["x", "not-ginnel/1"],
])("agentTraits takes %j with the user agent %j for the most careful kind", (clientType, userAgent) => {
  expect(agentTraits({ clientType, userAgent })).toBe(UNKNOWN_AGENT);
  expect(UNKNOWN_AGENT).toMatchObject({
    usesLargerWindows: false,
    maxStreams: 500,
    abortNeedsFinFirst: true,
    halfCloseClosesUpstream: true,
  });
});
