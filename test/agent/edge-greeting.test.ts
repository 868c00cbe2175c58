import { expect, test } from "bun:test";
import { type EdgeGreeting, edgeGreeting } from "../../src/agent/edge-greeting.ts";
import { AUTH, type AuthReply } from "../../src/protocol/rpc/auth.ts";
import { decodeReply } from "../../src/protocol/rpc/rpc-call.ts";

function edgeWith(extra: Readonly<Record<string, unknown>>): AuthReply["edge"] {
  return decodeReply(AUTH, Buffer.from(JSON.stringify({ Version: "3", ClientId: "c", Extra: extra }))).edge;
}

const NOTHING: EdgeGreeting = { accountName: "", planName: "", messages: [], expiresInMs: undefined };

const CASES: readonly (readonly [string, AuthReply["edge"] | undefined, number | undefined, Partial<EdgeGreeting>])[] =
  [
    ["no edge yet", undefined, undefined, {}],
    ["an edge that tells nothing", edgeWith({}), 5_000, {}],
    ["the account", edgeWith({ AccountName: "Ann", PlanName: "Free" }), 0, { accountName: "Ann", planName: "Free" }],
    ["each line of the banner", edgeWith({ Banner: "one\r\n\ntwo\n" }), 0, { messages: ["one", "two"] }],
    ["a warning", edgeWith({ Banner: "one", DeprecationWarning: { Msg: "old" } }), 0, { messages: ["one", "old"] }],
    ["what is left of the session", edgeWith({ SessionDuration: 60 }), 45_000, { expiresInMs: 15_000 }],
    ["a session that is over", edgeWith({ SessionDuration: 60 }), 61_000, { expiresInMs: 0 }],
    ["no time without a session", edgeWith({ SessionDuration: 60 }), undefined, {}],
  ];

test.each(CASES)("edgeGreeting tells %s", (_, edge, heldMs, told) => {
  expect(edgeGreeting(edge, heldMs)).toEqual({ ...NOTHING, ...told });
});
