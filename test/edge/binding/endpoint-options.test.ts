import { describe, expect, test } from "bun:test";
import { PublicError } from "../../../src/base/errors.ts";
import { endpointOptions } from "../../../src/edge/binding/endpoint-options.ts";
import type { EndpointTls } from "../../../src/edge/endpoint-tls.ts";
import { AddressRules } from "../../../src/model/address-rules.ts";
import { VisitorPolicy } from "../../../src/policy/visitor-policy.ts";
import type { BindRequest } from "../../../src/protocol/rpc/bind.ts";
import { STREAM_TYPES } from "../../../src/protocol/rpc/stream-type.ts";
import { bindRequest } from "../../support/bind-request.ts";
import { recordedStreams, type RECORDINGS } from "../../support/recorded-session.ts";
import { makeTestCertificates } from "../../support/test-certificates.ts";

type RecordingName = (typeof RECORDINGS)[number];

const { server, stranger, caPem } = await makeTestCertificates();
const base64 = (pem: string): string => Buffer.from(pem).toString("base64");
const basic = (username: string, password: string): string => `Basic ${btoa(`${username}:${password}`)}`;

/** The setting that the bind is refused for, or the code of another refusal. */
function refusalOf(request: BindRequest): string | undefined {
  try {
    endpointOptions(request);
    return undefined;
  } catch (error) {
    if (!(error instanceof PublicError)) throw error;
    return /does not support (.*) yet/.exec(error.message)?.[1] ?? error.code;
  }
}

describe("endpointOptions refuses by name", () => {
  const HTTP: readonly (readonly [setting: string, opts: object])[] = [
    ["OAuth", { OAuth: { provider: "google" } }],
    ["OpenID Connect", { OIDC: { issuer_url: "https://idp.test" } }],
    ["a sealed webhook secret", { WebhookVerification: { provider: "github", sealed_secret: "aGk=" } }],
    ["a hashed basic auth password", { BasicAuth: { credentials: [{ username: "u", hashed_password: "aGk=" }] } }],
  ];
  test.each(HTTP)("%s of an https endpoint", (setting, opts) => {
    expect(refusalOf(bindRequest({ Proto: "https", Opts: opts }))).toBe(setting);
  });

  test.each([
    ["the upstream protocol http2", { ForwardsProto: "http2" }],
    ["the binding kubernetes", { Extra: { Bindings: ["kubernetes"] } }],
    ["more than one binding", { Extra: { Bindings: ["public", "internal"] } }],
    ["a sealed TLS key", { Proto: "tls", Opts: { TLSTermination: { cert: "", key: "", sealed_key: "aGk=" } } }],
  ])("%s of any protocol", (setting, wire) => {
    expect(refusalOf(bindRequest(wire))).toBe(setting);
  });

  test.each([
    ["a certificate that is none", base64("no PEM"), base64(server.keyPem)],
    ["a key of another certificate", base64(server.certPem), base64(stranger.keyPem)],
    ["a key alone", "", base64(server.keyPem)],
    ["a certificate alone", base64(server.certPem), ""],
  ])("%s", (_, cert, key) => {
    const request = bindRequest({ Proto: "tls", Opts: { TLSTermination: { cert, key } } });
    expect(refusalOf(request)).toBe("ERR_GINNEL_BAD_CERTIFICATE");
  });
});

describe("endpointOptions refuses mutual TLS", () => {
  const ca = { mutual_tls_ca: base64(caPem) };
  const ended = { cert: "", key: "" };
  const policy = 'on_tcp_connect: [{ actions: [{ type: terminate-tls, config: { min_version: "1.3" } }] }]';

  test.each<[string, object, string]>([
    ["without an authority", { Proto: "https", Opts: { MutualTLSCA: { mutual_tls_ca: "" } } }, "BAD_AUTHORITY"],
    [
      "with one that is none",
      { Proto: "https", Opts: { MutualTLSCA: { mutual_tls_ca: base64("x") } } },
      "BAD_AUTHORITY",
    ],
    ["where visitors speak no TLS", { Proto: "http", Opts: { MutualTLSCA: ca } }, "MUTUAL_TLS"],
    ["where the edge does not end it", { Proto: "tls", Opts: { MutualTLSAtEdge: ca } }, "MUTUAL_TLS"],
    ["beside terminate-tls", { Proto: "https", Opts: { MutualTLSCA: ca, TrafficPolicy: policy } }, "2203"],
    ["of TLS that ends, beside it", { Proto: "tls", Opts: { TLSTermination: ended, TrafficPolicy: policy } }, "2203"],
  ])("%s", (_, wire, code) => {
    expect(refusalOf(bindRequest({ ...wire }))).toEndWith(code);
  });

  test("of an internal endpoint, whose requests come by no handshake", () => {
    const request = bindRequest({ Proto: "https", Opts: { MutualTLSCA: ca } });
    expect(() => endpointOptions(request, { isInternal: true })).toThrow(PublicError);
  });
});

describe("endpointOptions reads", () => {
  test("nothing from a bind that asks for nothing", () => {
    for (const Proto of ["http", "https", "tcp", "tls"]) expect(endpointOptions(bindRequest({ Proto }))).toEqual({});
  });

  test.each([1, 2] as const)("version %d of the PROXY protocol for every protocol", (version) => {
    for (const Proto of ["http", "https", "tcp", "tls"]) {
      expect(endpointOptions(bindRequest({ Proto, Opts: { ProxyProto: version } }))).toEqual({
        proxyProtocol: version,
      });
    }
  });

  test("basic auth from both places, old and new", () => {
    const credentials = [{ username: "new", cleartext_password: "pass:word" }];
    const { basicAuth } = endpointOptions(bindRequest({ Opts: { Auth: "old:password", BasicAuth: { credentials } } }));
    expect(basicAuth?.admits(basic("old", "password"))).toBe(true);
    expect(basicAuth?.admits(basic("new", "pass:word"))).toBe(true);
    expect(basicAuth?.admits(basic("new", "password"))).toBe(false);
  });

  test("that visitors come with WebSockets", () => {
    for (const Proto of ["http", "https"]) {
      const request = bindRequest({ Proto, Opts: { WebsocketTCPConverter: {} } });
      expect(endpointOptions(request)).toEqual({ convertsWebSockets: true });
    }
  });

  test("that the address is shared", () => {
    const extra = { PoolingEnabled: true };
    for (const Proto of ["http", "https", "tcp", "tls"]) {
      expect(endpointOptions(bindRequest({ Proto, Extra: extra }))).toEqual({ isPooled: true });
    }
  });

  test("where TLS ends", () => {
    const given = { cert: base64(server.certPem), key: base64(server.keyPem) };
    const terminated = (TLSTermination: object | null): EndpointTls | undefined =>
      endpointOptions(bindRequest({ Proto: "tls", Opts: { TLSTermination } })).terminateTls;
    expect(terminated(null)).toBeUndefined();
    expect(terminated({ cert: "", key: "" })?.identity).toBeUndefined();
    expect(terminated(given)?.identity).toEqual({ certPem: server.certPem, keyPem: server.keyPem });
  });
});

describe("endpointOptions makes a policy of", () => {
  test.each([
    ["compression", { Compression: {} }],
    ["the circuit breaker", { CircuitBreaker: { error_threshold: 0.5 } }],
    ["an IP restriction", { IPRestriction: { allow_cidrs: ["10.0.0.0/8"] } }],
    ["webhook verification", { WebhookVerification: { provider: "github", secret: "x" } }],
    ["changing request headers", { RequestHeaders: { add: ["a:b"] } }],
    ["changing request headers by a map", { RequestHeaders: { addParsed: { a: "b" } } }],
    ["changing response headers", { ResponseHeaders: { remove: ["a"] } }],
    ["the user agent filter", { UserAgentFilter: { allow: ["x"] } }],
    ["a traffic policy", { TrafficPolicy: "on_http_request: [{ actions: [{ type: deny }] }]" }],
  ])("%s", (_, opts) => {
    expect(endpointOptions(bindRequest({ Proto: "https", Opts: opts })).policy).toBeInstanceOf(VisitorPolicy);
  });

  test("addresses, on every protocol", () => {
    for (const Proto of ["http", "https", "tcp", "tls"]) {
      const request = bindRequest({ Proto, Opts: { IPRestriction: { deny_cidrs: ["10.0.0.0/8"] } } });
      const { policy } = endpointOptions(request);
      expect(policy?.onConnect("10.1.2.3")).toMatchObject({ type: "refuse" });
      expect(policy?.onConnect("192.0.2.1")).toBeUndefined();
    }
  });

  test("the IP policy of the account that it refers to, as it is at any time", () => {
    let rules = AddressRules.parse({ allow: ["10.0.0.0/8"], deny: [] }, "nobody");
    const request = bindRequest({ Proto: "tcp", Extra: { IPPolicyRef: "ipp_1" } });
    const { policy } = endpointOptions(request, {
      findIpPolicy: (id) => (id === "ipp_1" ? () => rules : undefined),
    });
    expect(policy?.onConnect("10.1.2.3")).toBeUndefined();
    rules = AddressRules.parse({ allow: ["192.0.2.0/24"], deny: [] }, "nobody");
    expect(policy?.onConnect("10.1.2.3")).toMatchObject({ type: "refuse" });
    expect(refusalOf(request)).toBe("ERR_NGROK_2216");
  });

  test.each([
    ["a network that is none", { IPRestriction: { allow_cidrs: ["10.0.0.1/8"] } }, "ERR_NGROK_1409"],
    ["a header that cannot be changed", { RequestHeaders: { add: ["content-length:1"] } }, "ERR_NGROK_2211"],
    ["a sender that is not known", { WebhookVerification: { provider: "nobody", secret: "x" } }, "ERR_NGROK_2203"],
    ["a pattern that is none", { UserAgentFilter: { deny: ["("] } }, "ERR_NGROK_2261"],
    ["a document that is none", { TrafficPolicy: "[" }, "ERR_NGROK_2236"],
  ])("nothing of %s", (_, opts, code) => {
    expect(refusalOf(bindRequest({ Proto: "https", Opts: opts }))).toBe(code);
  });
});

const RECORDED_BINDS: readonly (readonly [RecordingName, verdicts: readonly (string | undefined)[]])[] = [
  ["js-http", [undefined]],
  ["js-tcp", [undefined]],
  ["js-binds", ["the upstream protocol http2", undefined, "ERR_GINNEL_BAD_AUTHORITY"]],
  ["js-reconnect", [undefined]],
  ["js-bind-error", [undefined]],
  ["go-http", [undefined]],
  ["go-tcp-patch", [undefined]],
  ["go-multileg-leg1", [undefined]],
];

test.each(RECORDED_BINDS)("endpointOptions understands or refuses by name every bind of %s", async (name, verdicts) => {
  const streams = await recordedStreams(name);
  const binds = streams.filter(({ streamType }) => streamType === STREAM_TYPES.bind);
  const requests = binds.map(({ fromOpener }) => bindRequest(JSON.parse(Buffer.from(fromOpener).toString())));
  expect(requests.map(refusalOf)).toEqual([...verdicts]);
});
