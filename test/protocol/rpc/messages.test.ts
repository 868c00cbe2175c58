import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ProtocolError, PublicError } from "../../../src/base/errors.ts";
import { PATCH_TUNNEL_STATE } from "../../../src/protocol/rpc/agent-calls.ts";
import { answerOptions } from "../../../src/protocol/rpc/answered-options.ts";
import { AUTH } from "../../../src/protocol/rpc/auth.ts";
import { BIND } from "../../../src/protocol/rpc/bind.ts";
import { decodeReply, decodeRequest, encodeReply, encodeRequest } from "../../../src/protocol/rpc/rpc-call.ts";
import { encodeErrorText, parseErrorText } from "../../../src/protocol/rpc/rpc-error.ts";
import { recordedStreams } from "../../support/recorded-session.ts";

const RUNS = { numRuns: process.env["DEEP"] === "1" ? 20_000 : 300 };

function message(wire: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(wire));
}

function wireOf(request: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(request.subarray(4)));
}

describe("decodeRequest", () => {
  test("reads every option of an http bind of the JS SDK", async () => {
    const stream = (await recordedStreams("js-binds")).find(({ id }) => id === 7);
    const request = decodeRequest(BIND, stream?.fromOpener ?? new Uint8Array());
    expect(request).toMatchObject({
      bindId: "",
      protocol: "http",
      forwardsTo: "http://localhost:8080",
      forwardsProtocol: "http2",
      extra: { metadata: "m", bindings: ["public"], poolingEnabled: true, name: "", token: "" },
      options: {
        domain: "demo.edge.test",
        proxyProtocol: 2,
        compression: true,
        circuitBreaker: { errorThreshold: 0.5 },
        ipRestriction: { allowedCidrs: ["10.0.0.0/8"], deniedCidrs: ["192.0.2.0/24"] },
        basicAuth: { credentials: [{ username: "user", cleartextPassword: "example-password", hashedPassword: "" }] },
        oauth: { provider: "google", allowedEmails: ["a@example.com"], scopes: ["email"], appId: "" },
        oidc: { issuerUrl: "https://issuer.example", appId: "client-id", appSecret: "client-secret-example" },
        webhookVerification: { provider: "github", secret: "webhook-secret-example" },
        requestHeaders: { added: ["x-a:1"], removed: ["x-b"], addedParsed: {} },
        responseHeaders: { added: ["x-c:2"], removed: ["x-d"] },
        websocketTcpConverter: true,
        userAgentFilter: { allowed: ["^curl"], denied: ["^bad"] },
        trafficPolicy: '{"on_http_request":[]}',
      },
    });
    expect(request.options).toHaveProperty("mutualTlsCas.certificates", expect.stringMatching(/^LS0t/));
  });

  test.each([
    ["Rust", { AuthToken: "t", HeartbeatInterval: 1_500_000_000 }],
    ["Go", { Authtoken: "t", HeartbeatInterval: 1_500_000_000 }],
    ["nobody", { AUTHTOKEN: "t", heartbeatinterval: 1_500_000_000 }],
  ])("ignores the case of field names, here as %s writes them", (_, extra) => {
    const { agent } = decodeRequest(AUTH, message({ version: ["3"], CLIENTID: "ts_1", extra }));
    expect(agent).toMatchObject({ authtoken: "t", heartbeatIntervalMs: 1500, heartbeatToleranceMs: 15_000 });
  });

  test.each([{}, { Version: null, ClientId: null, Extra: null }])("reads %j as all defaults", (wire) => {
    const request = decodeRequest(AUTH, message(wire));
    expect(request).toMatchObject({
      versions: [],
      sessionId: "",
      agent: { authtoken: "", heartbeatIntervalMs: 10_000 },
    });
    expect(request.agent.ginnel).toBeUndefined();
  });

  test("tells why a command is not supported, and null as an old agent", () => {
    const Extra = { StopUnsupportedError: "", RestartUnsupportedError: "not here", UpdateUnsupportedError: null };
    const { agent } = decodeRequest(AUTH, message({ Extra }));
    expect([agent.stopUnsupported, agent.restartUnsupported]).toEqual(["", "not here"]);
    expect(agent.updateUnsupported).toContain("too old");
  });

  test.each([
    ["a text as object", AUTH, { Extra: "x" }, "agent"],
    ["a list as object", AUTH, { Extra: [] }, "agent"],
    ["a number as text", AUTH, { ClientId: 7 }, "sessionId"],
    ["a negative duration", AUTH, { Extra: { HeartbeatInterval: -1 } }, "agent.heartbeatIntervalMs"],
    ["an unknown protocol", BIND, { Proto: "ssh" }, "protocol"],
    ["a wrong option", BIND, { Proto: "tcp", Opts: { Addr: 1 } }, "Opts.address"],
    ["a wrong PROXY version", BIND, { Proto: "http", Opts: { ProxyProto: 3 } }, "Opts.proxyProtocol"],
    ["credentials that are none", BIND, { Opts: { BasicAuth: { credentials: "a:b" } } }, "Opts.basicAuth.credentials"],
  ] as const)("refuses %s and names the field", (_, call, wire, path) => {
    expect(() => decodeRequest<unknown>(call, message(wire))).toThrow(path);
    expect(() => decodeRequest<unknown>(call, message(wire))).toThrow(ProtocolError);
  });

  test.each(['{"a":}', "{]", '{"a":"\\x"}', "", '{"a":1,}'])("refuses %j, which is not JSON", (text) => {
    expect(() => decodeRequest(AUTH, new TextEncoder().encode(text))).toThrow(ProtocolError);
  });

  test("refuses what is not UTF-8", () => {
    expect(() => decodeRequest(AUTH, Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d))).toThrow(ProtocolError);
  });

  test("never takes a field from the prototype of objects", () => {
    const wire = '{"__proto__":{"Authtoken":"x"},"constructor":1,"Extra":{"__proto__":{"Authtoken":"x"}}}';
    expect(decodeRequest(AUTH, new TextEncoder().encode(wire)).agent.authtoken).toBe("");
  });

  test("answers any JSON with a request or a ProtocolError", () => {
    const names = fc.constantFrom(
      "Id",
      "Proto",
      "Opts",
      "Extra",
      "URL",
      "ProxyProto",
      "BasicAuth",
      "bindings",
      "IPRestriction",
    );
    const leaf = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom("tcp", "tls", "http"));
    const branch = fc.dictionary(names, leaf, { maxKeys: 4 });
    const tree = fc.oneof(leaf, branch, fc.dictionary(names, fc.oneof(leaf, branch), { maxKeys: 4 }));
    fc.assert(
      fc.property(fc.dictionary(names, tree), (wire) => {
        try {
          expect(decodeRequest(BIND, message(wire)).bindId).toBeString();
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      RUNS,
    );
  });
});

describe("encodeRequest", () => {
  test("writes every field of an http bind, those that Rust needs in its spelling", () => {
    const bind = decodeRequest(BIND, message({ Proto: "http" }));
    const wire = wireOf(encodeRequest(BIND, { ...bind, wireOptions: undefined }));
    const Opts = { Hostname: "", Auth: "", Subdomain: "", HostHeaderRewrite: false, ProxyProto: 0, BasicAuth: null };
    expect(wire).toMatchObject({
      Id: "",
      Proto: "http",
      Opts,
      Extra: { Token: "", Bindings: [], PoolingEnabled: false },
    });
  });

  test("writes options that were kept from a reply as they were", () => {
    const wireOptions = { hostname: "demo.edge.test", New: [1] };
    const bind = decodeRequest(BIND, message({ Proto: "tcp" }));
    expect(wireOf(encodeRequest(BIND, { ...bind, wireOptions }))).toMatchObject({
      Opts: wireOptions,
    });
  });

  test("leaves out what a patch does not change, and sends what it empties", () => {
    const unchanged = { name: undefined, description: undefined, poolingEnabled: undefined, trafficPolicy: undefined };
    const wire = wireOf(encodeRequest(PATCH_TUNNEL_STATE, { tunnelId: "tn", metadata: "", ...unchanged }));
    expect(wire).toEqual({ TunnelId: "tn", Metadata: "" });
  });

  test("refuses a message that no peer would take", () => {
    const bind = decodeRequest(BIND, message({ Extra: { Metadata: "x".repeat(1 << 20) } }));
    expect(() => encodeRequest(BIND, bind)).toThrow(ProtocolError);
  });
});

describe("AUTH", () => {
  test("carries what ginnel adds, both ways", () => {
    const request = decodeRequest(AUTH, message({ Extra: { Ginnel: { ResetCodes: true, TakesOver: true } } }));
    expect(request.agent.ginnel).toEqual({ resetCodes: true, takesOver: true, startTunnelVersion: 0 });
    const reply = decodeReply(AUTH, message({ Extra: { Ginnel: { ResetCodes: true, Worker: 2 } } }));
    const again = decodeReply(AUTH, encodeReply(AUTH, reply));
    expect(again.edge.ginnel).toEqual({ resetCodes: true, worker: 2, workers: 0 });
  });
});

describe("answerOptions", () => {
  test.each([
    [
      "https",
      {},
      "https://a.test",
      { Hostname: "a.test", Auth: "", Subdomain: "", HostHeaderRewrite: false, ProxyProto: 0 },
    ],
    ["tcp", { Addr: null }, "tcp://a.test:1", { Addr: "a.test:1", ProxyProto: 0 }],
    ["tls", {}, "tls://a.test", { Hostname: "a.test", Subdomain: "", ProxyProto: 0, MutualTLSAtAgent: false }],
    ["tcp", { addr: "", New: 1, ProxyProto: 2 }, "tcp://[::1]:5", { addr: "[::1]:5", New: 1, ProxyProto: 2 }],
    ["tcp", { URL: "tcp://", Addr: "" }, "tcp://a.test:1", { URL: "tcp://a.test:1", Addr: "a.test:1", ProxyProto: 0 }],
  ] as const)("fills in what a %s agent that sent %j needs", (protocol, requested, url, answered) => {
    expect(answerOptions(protocol, requested, url)).toEqual(answered);
  });

  test("gives a host of an http endpoint without the port", () => {
    expect(answerOptions("http", {}, "http://a.localhost:4080")["Hostname"]).toBe("a.localhost");
  });
});

describe("the text of an error", () => {
  test("is written so that message and code can be told apart", () => {
    const error = new PublicError("ERR_NGROK_3200", { host: "a.test" });
    expect(encodeErrorText(error)).toBe("Tunnel a.test not found\n\nERR_NGROK_3200\n");
    expect(parseErrorText(encodeErrorText(error))).toMatchObject({ message: error.message, code: error.code });
  });

  test.each([
    ["a\r\nb\r\n\r\nERR_NGROK_1\r\n", "a\nb", "ERR_NGROK_1"],
    ["no code", "no code", undefined],
    ["ours\n\nERR_GINNEL_NO_PORT\n", "ours", "ERR_GINNEL_NO_PORT"],
    ["Bad. ERR_NGROK_105", "Bad. ERR_NGROK_105", "ERR_NGROK_105"],
    ["text\n\nERR_NGROK_105 and more", "text", "ERR_NGROK_105"],
    ["ERR_NGROK_\n", "ERR_NGROK_", undefined],
  ])("is read from %j", (errorText, message, code) => {
    const error = parseErrorText(errorText);
    expect({ message: error.message, code: error.code }).toEqual({ message, code });
  });
});
