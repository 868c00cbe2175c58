import { describe, expect, test } from "bun:test";
import { bindRequest, rebindRequest } from "../../src/agent/bind-request.ts";
import type { EdgeTlsTexts } from "../../src/agent/edge-tls-texts.ts";
import { endpointWishes } from "../../src/model/endpoint-wish.ts";
import type { TunnelDefinition } from "../../src/model/tunnel-definition.ts";
import { BIND, type BindRequest } from "../../src/protocol/rpc/bind.ts";
import { certificates } from "../support/tls-pair.ts";
import { httpTunnel, tcpTunnel, tlsTunnel } from "../support/tunnel-definitions.ts";

/** As it reads on the wire. */
function wire(tunnel: TunnelDefinition, partnerUrl?: string): Record<string, unknown> {
  const [wish] = endpointWishes(tunnel);
  if (wish === undefined) throw new Error("no wish");
  return Object.fromEntries(Object.entries(Object(BIND.request.toWire(bindRequest(tunnel, wish, { partnerUrl })))));
}

describe("bindRequest", () => {
  test.each<[string, TunnelDefinition, Record<string, unknown>]>([
    [
      "asks for any host",
      httpTunnel(),
      {
        Id: "",
        Proto: "https",
        ForwardsTo: "http://localhost:8080",
        Opts: { Domain: "", Hostname: "", Subdomain: "", ProxyProto: 0, BasicAuth: null, HostHeaderRewrite: false },
        Extra: { Name: "web", Token: "" },
      },
    ],
    [
      "asks for a host of one's own, with texts and the PROXY protocol",
      httpTunnel({
        schemes: ["http"],
        host: { kind: "host", host: "*.shop.test" },
        metadata: "m",
        description: "d",
        proxyProtocol: 2,
      }),
      { Proto: "http", Opts: { Domain: "*.shop.test", ProxyProto: 2 }, Extra: { Metadata: "m", Description: "d" } },
    ],
    [
      "asks for a port in a URL",
      httpTunnel({ host: { kind: "host", host: "shop.test", port: 8443 } }),
      { Proto: "https", Opts: { URL: "https://shop.test:8443", Domain: "" } },
    ],
    [
      "asks for a subdomain",
      tlsTunnel({ host: { kind: "subdomain", label: "mail" } }),
      { Proto: "tls", ForwardsTo: "localhost:8443", Opts: { Subdomain: "mail", MutualTLSAtAgent: false } },
    ],
    [
      "tells that the agent demands certificates of visitors",
      tlsTunnel({
        termination: {
          certificate: { kind: "text", text: certificates.server.certPem },
          key: { kind: "text", text: certificates.server.keyPem },
          clientCas: [{ kind: "text", text: certificates.caPem }],
        },
      }),
      { Opts: { MutualTLSAtAgent: true, TLSTermination: null } },
    ],
    [
      "hands credentials on, split at the first colon",
      httpTunnel({ basicAuth: ["ada:love:lace", "bob:"] }),
      {
        Opts: {
          BasicAuth: {
            credentials: [{ username: "ada", cleartext_password: "love:lace" }, { username: "bob" }],
          },
        },
      },
    ],
    ["asks for any TCP port", tcpTunnel(), { Proto: "tcp", ForwardsTo: "localhost:22", Opts: { Addr: "" } }],
    [
      "asks for a TCP address",
      tcpTunnel({ remoteAddress: { host: "edge.test", port: 20_022 }, proxyProtocol: 1 }),
      { Opts: { Addr: "edge.test:20022", ProxyProto: 1 } },
    ],
    [
      "asks for a port on whichever host the edge has",
      tcpTunnel({ remoteAddress: { host: "", port: 20_022 } }),
      { Opts: { Addr: ":20022" } },
    ],
  ])("bindRequest %s", (_, tunnel, expected) => {
    expect(wire(tunnel)).toMatchObject(expected);
  });

  test("bindRequest gives the edge what it ends TLS with", () => {
    const base64 = (text: string): string => Buffer.from(text).toString("base64");
    const pair = { certPem: "certificate", keyPem: "key" };
    const optionsOf = (tunnel: TunnelDefinition, edgeTls: EdgeTlsTexts): unknown => {
      const [wish] = endpointWishes(tunnel);
      if (wish === undefined) throw new Error("no wish");
      return Object(BIND.request.toWire(bindRequest(tunnel, wish, { edgeTls }))).Opts;
    };
    expect(optionsOf(httpTunnel(), { clientCas: "authorities" })).toMatchObject({
      MutualTLSCA: { mutual_tls_ca: base64("authorities") },
    });
    expect(optionsOf(tlsTunnel(), { clientCas: "authorities", pair })).toMatchObject({
      TLSTermination: { cert: base64("certificate"), key: base64("key") },
      MutualTLSAtEdge: { mutual_tls_ca: base64("authorities") },
    });
    expect(optionsOf(tlsTunnel(), { pair: { certPem: "", keyPem: "" } })).toMatchObject({
      TLSTermination: {},
      MutualTLSAtEdge: null,
    });
  });

  test("bindRequest tells the port of an internal name in a URL", () => {
    const host = { kind: "host", host: "api.internal", port: 8443 } as const;
    expect(wire(httpTunnel({ host }))).toMatchObject({
      Opts: { URL: "https://api.internal:8443" },
    });
  });

  test.each([
    ["https://given.edge.test", "given.edge.test"],
    ["https://given.localhost:4443", "given.localhost"],
    ["https://*.shop.test", "*.shop.test"],
  ])("bindRequest asks for the host of the partner %s", (partnerUrl, domain) => {
    const tunnel = httpTunnel({ host: { kind: "subdomain", label: "other" } });
    expect(wire(tunnel, partnerUrl)).toMatchObject({ Opts: { Domain: domain, Subdomain: "" } });
  });
});

test("rebindRequest carries id, token and the options of the reply as the edge wrote them", () => {
  const wish = { name: "web", proto: "https", host: { kind: "random" } } as const;
  const request: BindRequest = bindRequest(httpTunnel(), wish);
  const again = rebindRequest(request, {
    bindId: "b1",
    url: "https://x.test",
    protocol: "https",
    wireOptions: { Hostname: "x.test", Unheard: [1] },
    extra: { token: "t1", tunnelId: "tn_1", ginnel: undefined },
  });
  expect(BIND.request.toWire(again)).toMatchObject({
    Id: "b1",
    Opts: { Hostname: "x.test", Unheard: [1] },
    Extra: { Name: "web", Token: "t1" },
  });
});

test("bindRequest asks for the modules of a tunnel, and for its traffic policy", () => {
  const modules = {
    addresses: { allow: ["10.0.0.0/8"], deny: [] },
    compresses: true,
    convertsWebSockets: true,
    breakerThreshold: 0.5,
    requestHeaders: { add: ["a:b"], remove: ["c"] },
    responseHeaders: { add: [], remove: ["d"] },
    userAgents: { allow: ["x"], deny: ["y"] },
    webhook: { provider: "github", secret: "s" },
  } as const;
  const wish = { name: "web", proto: "https", host: { kind: "random" } } as const;
  const request = bindRequest(httpTunnel({ modules }), wish, { trafficPolicy: "{}" });
  expect(BIND.request.toWire(request)).toMatchObject({
    Opts: {
      IPRestriction: { allow_cidrs: ["10.0.0.0/8"] },
      Compression: {},
      WebsocketTCPConverter: {},
      CircuitBreaker: { error_threshold: 0.5 },
      RequestHeaders: { add: ["a:b"], remove: ["c"] },
      ResponseHeaders: { remove: ["d"] },
      UserAgentFilter: { allow: ["x"], deny: ["y"] },
      WebhookVerification: { provider: "github", secret: "s" },
      TrafficPolicy: "{}",
    },
  });
});
