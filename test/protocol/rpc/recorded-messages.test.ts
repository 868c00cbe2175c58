/** Every message and proxy header of the recorded sessions, read in both roles and written again. */
import { describe, expect, test } from "bun:test";
import {
  PATCH_TUNNEL_STATE,
  SRV_INFO,
  START_TUNNEL_WITH_LABEL,
  UNBIND,
} from "../../../src/protocol/rpc/agent-calls.ts";
import { answerOptions } from "../../../src/protocol/rpc/answered-options.ts";
import { AUTH } from "../../../src/protocol/rpc/auth.ts";
import { BIND } from "../../../src/protocol/rpc/bind.ts";
import { RESTART, STOP, STOP_TUNNEL, UPDATE } from "../../../src/protocol/rpc/edge-commands.ts";
import { JsonObjectReader } from "../../../src/protocol/rpc/json-object-reader.ts";
import { ProxyHeaderDecoder, ProxyHeaderEncoder } from "../../../src/protocol/rpc/proxy-header.ts";
import {
  decodeReply,
  decodeRequest,
  encodeRefusal,
  encodeReply,
  encodeRequest,
  type RpcCall,
  type RpcNotice,
} from "../../../src/protocol/rpc/rpc-call.ts";
import { RemoteError } from "../../../src/protocol/rpc/rpc-error.ts";
import { STREAM_TYPES, StreamTypeReader } from "../../../src/protocol/rpc/stream-type.ts";
import { RECORDINGS, type RecordedStream, recordedStreams } from "../../support/recorded-session.ts";

const all = (
  await Promise.all(
    RECORDINGS.map(async (recording) => (await recordedStreams(recording)).map((stream) => ({ recording, stream }))),
  )
).flat();

function streamsOf(streamType: number): readonly (readonly [name: string, stream: RecordedStream])[] {
  return all
    .filter(({ stream }) => stream.streamType === streamType)
    .map(({ recording, stream }) => [`${recording} stream ${stream.id}`, stream] as const);
}

function messageOf(payload: Uint8Array): Uint8Array {
  return new JsonObjectReader().receive(payload) ?? new Uint8Array();
}

function json(bytes: Uint8Array): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>; // Only compared with others.
}

function itReadsRequests<Q>(call: RpcNotice<Q>): void {
  test.each(streamsOf(call.streamType))(
    `decodeRequest reads again what encodeRequest writes of ${call.name} in %s`,
    (_, stream) => {
      const request = decodeRequest(call, messageOf(stream.fromOpener));
      const again = new StreamTypeReader().receive(encodeRequest(call, request));
      expect(again?.streamType).toBe(call.streamType);
      expect(decodeRequest(call, again?.rest ?? new Uint8Array())).toEqual(request);
    },
  );
}

function itReadsReplies<Q, R>(call: RpcCall<Q, R>): void {
  test.each(streamsOf(call.streamType))(
    `encodeReply and encodeRefusal write ${call.name} as recorded in %s`,
    (_, stream) => {
      const recorded = messageOf(stream.fromAnswerer);
      const errorText = json(recorded)["Error"];
      if (typeof errorText === "string" && errorText !== "") {
        expect(() => decodeReply(call, recorded)).toThrow(RemoteError);
        expect(json(encodeRefusal(call, errorText))).toEqual(json(recorded));
      } else {
        expect(json(encodeReply(call, decodeReply(call, recorded)))).toEqual(json(recorded));
      }
    },
  );
}

describe("recorded messages", () => {
  const calls = [AUTH, BIND, UNBIND, START_TUNNEL_WITH_LABEL, SRV_INFO, PATCH_TUNNEL_STATE, STOP, RESTART, UPDATE];
  for (const call of calls) expect(streamsOf(call.streamType)).not.toBeEmpty();
  itReadsRequests(AUTH);
  itReadsReplies(AUTH);
  itReadsRequests(BIND);
  itReadsReplies(BIND);
  itReadsRequests(UNBIND);
  itReadsReplies(UNBIND);
  itReadsRequests(START_TUNNEL_WITH_LABEL);
  itReadsReplies(START_TUNNEL_WITH_LABEL);
  itReadsRequests(SRV_INFO);
  itReadsReplies(SRV_INFO);
  itReadsRequests(PATCH_TUNNEL_STATE);
  itReadsReplies(PATCH_TUNNEL_STATE);
  itReadsRequests(STOP);
  itReadsReplies(STOP);
  itReadsRequests(RESTART);
  itReadsReplies(RESTART);
  itReadsRequests(UPDATE);
  itReadsReplies(UPDATE);
  itReadsRequests(STOP_TUNNEL);

  const granted = streamsOf(STREAM_TYPES.bind).filter(([, s]) => json(messageOf(s.fromAnswerer))["Error"] === "");
  test.each(granted)("answerOptions answers the options of the Bind in %s as recorded", (_, stream) => {
    const request = decodeRequest(BIND, messageOf(stream.fromOpener));
    const reply = decodeReply(BIND, messageOf(stream.fromAnswerer));
    expect(answerOptions(request.protocol, request.wireOptions ?? {}, reply.url)).toEqual(reply.wireOptions);
  });

  test.each(streamsOf(STREAM_TYPES.proxy))(
    "ProxyHeaderDecoder reads the header of %s wherever it is cut",
    (_, stream) => {
      const whole = new ProxyHeaderDecoder().receive(stream.fromOpener);
      expect(whole?.header).toMatchObject({
        bindId: "tn_example0001",
        visitorAddress: "203.0.113.7:51234",
        edgeType: "0",
      });
      for (let cut = 0; cut <= stream.fromOpener.length - (whole?.payload.length ?? 0); cut++) {
        const decoder = new ProxyHeaderDecoder();
        const early = decoder.receive(stream.fromOpener.subarray(0, cut));
        const found = early ?? decoder.receive(stream.fromOpener.subarray(cut));
        expect(found?.header).toEqual(whole?.header);
        const payloadBytes = (found?.payload.length ?? 0) + (early === undefined ? 0 : stream.fromOpener.length - cut);
        expect(payloadBytes).toBe(whole?.payload.length ?? -1);
      }
    },
  );

  test.each(streamsOf(STREAM_TYPES.proxy))("ProxyHeaderEncoder writes the header of %s again", (_, stream) => {
    const whole = new ProxyHeaderDecoder().receive(stream.fromOpener);
    if (whole === undefined) throw new Error("the recording holds no header");
    const bytes = new ProxyHeaderEncoder(whole.header).encode(whole.header.visitorAddress, whole.payload);
    const again = new StreamTypeReader().receive(bytes);
    expect(again?.streamType).toBe(STREAM_TYPES.proxy);
    expect(new ProxyHeaderDecoder().receive(again?.rest ?? bytes)).toEqual(whole);
  });
});
