/** Recorded messages with faults in their bytes and in their values: each is read, or refused with the error that it is due. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ProtocolError } from "../../src/base/errors.ts";
import { PATCH_TUNNEL_STATE, SRV_INFO, START_TUNNEL_WITH_LABEL, UNBIND } from "../../src/protocol/rpc/agent-calls.ts";
import { AUTH } from "../../src/protocol/rpc/auth.ts";
import { BIND } from "../../src/protocol/rpc/bind.ts";
import { RESTART, STOP, STOP_TUNNEL, UPDATE } from "../../src/protocol/rpc/edge-commands.ts";
import { START_TUNNEL } from "../../src/protocol/rpc/remote-tunnel.ts";
import { decodeReply, decodeRequest, type RpcNotice, type RpcReply } from "../../src/protocol/rpc/rpc-call.ts";
import { RemoteError } from "../../src/protocol/rpc/rpc-error.ts";
import { RECORDINGS, recordedStreams } from "../support/recorded-session.ts";
import { FUZZ_TIMEOUT_MS, mutants, runs } from "./mutants.ts";
import { mutantValues } from "./mutant-values.ts";

const recorded = (await Promise.all(RECORDINGS.map((name) => recordedStreams(name)))).flat();

function seedsOf(streamType: number, side: "fromOpener" | "fromAnswerer", otherwise: string): readonly Uint8Array[] {
  const found = recorded
    .filter((stream) => stream.streamType === streamType)
    .map((stream) => stream[side])
    .filter((bytes) => bytes[0] === 0x7b);
  return [...found, Buffer.from(otherwise)];
}

function jsonOf(seeds: readonly Uint8Array[]): readonly unknown[] {
  return seeds.map((bytes): unknown => JSON.parse(Buffer.from(bytes).toString()));
}

const SOME_DEFINITION =
  '{"Definition":{"name":"a","proto":"http","addr":"80","labels":["a=b"],"basic_auth":["u:passpass"]}}';

const REQUESTS: readonly (readonly [RpcNotice<unknown>, string])[] = [
  [AUTH, "{}"],
  [BIND, '{"Proto":"https","Opts":{"Subdomain":"a","IPRestriction":{"AllowCIDRs":["::/0"]}}}'],
  [UNBIND, '{"Id":"a"}'],
  [SRV_INFO, "{}"],
  [PATCH_TUNNEL_STATE, '{"TunnelId":"a","Name":"b"}'],
  [START_TUNNEL_WITH_LABEL, '{"Labels":{"a":"b"}}'],
  [STOP, "{}"],
  [RESTART, "{}"],
  [UPDATE, '{"Version":"1","PermitMajorVersion":true}'],
  [STOP_TUNNEL, '{"Id":"a","Message":"b","ErrorCode":"c"}'],
  [START_TUNNEL, SOME_DEFINITION],
];

const REPLIES: readonly (readonly [RpcReply<unknown> & { readonly streamType: number }, string])[] = [
  [AUTH, '{"Version":"3","ClientId":"x","Extra":{"DeprecationWarning":{"Msg":"m"},"SessionDuration":1}}'],
  [BIND, '{"Id":"a","URL":"https://a.test","Proto":"https","Opts":{},"Extra":{"Token":"t"}}'],
  [UNBIND, '{"Error":"no\\n\\nERR_NGROK_1\\n"}'],
  [SRV_INFO, '{"Region":"eu"}'],
  [START_TUNNEL, '{"Id":"x"}'],
];

/** Reads; what it throws has to be one of these. */
function expectRefusal(read: () => unknown, ...allowed: readonly (new (...args: never[]) => Error)[]): void {
  try {
    read();
  } catch (error) {
    if (!allowed.some((kind) => error instanceof kind)) throw error;
  }
}

describe.each(REQUESTS)("decodeRequest of $name", (call, otherwise) => {
  const seeds = seedsOf(call.streamType, "fromOpener", otherwise);

  test(
    "reads or throws a ProtocolError",
    () => {
      fc.assert(
        fc.property(mutants(seeds), (bytes) => {
          expectRefusal(() => decodeRequest(call, bytes), ProtocolError);
        }),
        runs(150),
      );
      fc.assert(
        fc.property(mutantValues(jsonOf(seeds)), (value) => {
          const bytes = Buffer.from(JSON.stringify(value) ?? "null");
          expectRefusal(() => decodeRequest(call, bytes), ProtocolError);
          expectNothingInherited();
        }),
        runs(150),
      );
    },
    FUZZ_TIMEOUT_MS,
  );
});

describe.each(REPLIES)("decodeReply of $name", (call, otherwise) => {
  const seeds = seedsOf(call.streamType, "fromAnswerer", otherwise);

  test(
    "reads or throws a ProtocolError or a RemoteError",
    () => {
      fc.assert(
        fc.property(mutants(seeds), (bytes) => {
          expectRefusal(() => decodeReply(call, bytes), ProtocolError, RemoteError);
        }),
        runs(150),
      );
      fc.assert(
        fc.property(mutantValues(jsonOf(seeds)), (value) => {
          const bytes = Buffer.from(JSON.stringify(value) ?? "null");
          expectRefusal(() => decodeReply(call, bytes), ProtocolError, RemoteError);
          expectNothingInherited();
        }),
        runs(150),
      );
    },
    FUZZ_TIMEOUT_MS,
  );
});

/** No message gives all objects a field. */
function expectNothingInherited(): void {
  const names: string[] = [];
  for (const name in {}) names.push(name);
  expect(names).toEqual([]);
}
