import { describe, expect, test } from "bun:test";
import { PublicError, UsageError } from "../../src/base/errors.ts";
import { blameValues } from "../../src/config/config-problem.ts";
import { readTunnel } from "../../src/config/tunnel-reader.ts";

const READING = { blame: blameValues("the request"), isStrict: true, defaultSchemes: ["https"] } as const;

function read(fields: object) {
  return readTunnel("web", fields, READING);
}

describe("readTunnel", () => {
  test.each([
    [{}, ["https"]],
    [{ bind_tls: true }, ["https"]],
    [{ bind_tls: "false" }, ["http"]],
    [{ bind_tls: "both" }, ["http", "https"]],
    [{ schemes: ["https", "http", "https"] }, ["http", "https"]],
    [{ schemes: "http" }, ["http"]],
    [{ schemes: [] }, ["https"]],
    [{ url: "http://" }, ["http"]],
    [{ url: "app.example.org" }, ["https"]],
    [{ url: "app.example.org", schemes: ["http"] }, ["http"]],
  ])("readTunnel with %j opens %j", (fields, schemes) => {
    expect(read({ proto: "http", addr: 80, ...fields })).toMatchObject({ schemes });
  });

  test.each([
    [{ host_header: "" }, { hostHeader: { kind: "preserve" } }],
    [{ host_header: "preserve" }, { hostHeader: { kind: "preserve" } }],
    [{ host_header: "rewrite" }, { hostHeader: { kind: "rewrite" } }],
    [{ host_header: "app.dev:80" }, { hostHeader: { kind: "value", value: "app.dev:80" } }],
    [{ inspect: false }, { inspect: false }],
    [{ auth: "u:p" }, { basicAuth: ["u:p"] }],
    [{ auth: "u:p", basic_auth: ["v:longenough"] }, { basicAuth: ["u:p", "v:longenough"] }],
    [{ proxy_proto: "0" }, { proxyProtocol: undefined }],
    [{ proxy_proto: 1 }, { proxyProtocol: 1 }],
    [{ upstream_tls_verify: true }, { upstreamTls: { verify: true, cas: undefined } }],
    [{ upstream_tls_verify_cas: "ca.pem" }, { upstreamTls: { verify: true, cas: { kind: "file", path: "ca.pem" } } }],
    [{ domain: "A.Example.org" }, { host: { kind: "host", host: "a.example.org" } }],
    [{ metadata: null, bindings: ["public"], pooling_enabled: false, app_protocol: "http1" }, { unsupported: [] }],
    [{ traffic_policy: { on_http_request: [] }, oauth: {}, compression: "false" }, { unsupported: [] }],
    [{ bindings: ["kubernetes"] }, { unsupported: ["bindings: kubernetes"] }],
    [{ bindings: ["public"] }, { unsupported: [] }],
    [
      { bindings: ["internal"], url: "https://api.internal:8443" },
      { host: { kind: "host", host: "api.internal", port: 8443 } },
    ],
    [{ url: "http://api.internal" }, { schemes: ["http"], host: { kind: "host", host: "api.internal" } }],
    [{ domain: "API.internal" }, { host: { kind: "host", host: "api.internal" } }],
    [
      { app_protocol: "http2", pooling_enabled: true },
      { upstreamProtocol: "http2", isPooled: true, unsupported: [] },
    ],
    [
      { mutual_tls_cas: "ca.pem", schemes: ["https"] },
      { clientCas: [{ kind: "file", path: "ca.pem" }], unsupported: [] },
    ],
    [
      { traffic_policy_url: "https://policies.example/a" },
      { modules: { trafficPolicy: { kind: "url", url: "https://policies.example/a" } }, unsupported: [] },
    ],
    [
      { traffic_policy_url: "http://127.0.0.1:9/a" },
      { modules: { trafficPolicy: { kind: "url", url: "http://127.0.0.1:9/a" } } },
    ],
    [{ websocket_tcp_converter: true }, { modules: { convertsWebSockets: true }, unsupported: [] }],
    [
      { websocket_tcp_converter: "true", host_header: "preserve" },
      { modules: { convertsWebSockets: true }, unsupported: [] },
    ],
    [{ websocket_tcp_converter: false, host_header: "rewrite" }, { unsupported: [] }],
    [
      { ip_restriction: { allow_cidrs: "10.0.0.0/8", deny_cidrs: ["10.1.0.0/16"] } },
      { modules: { addresses: { allow: ["10.0.0.0/8"], deny: ["10.1.0.0/16"] } }, unsupported: [] },
    ],
    [
      { request_header: { add: ["a:b"] }, response_header: { remove: ["c"] } },
      { modules: { requestHeaders: { add: ["a:b"], remove: [] }, responseHeaders: { add: [], remove: ["c"] } } },
    ],
    [
      { circuit_breaker: 0.5, compression: true, user_agent_filter: { deny: ["x"] } },
      { modules: { breakerThreshold: 0.5, compresses: true, userAgents: { allow: [], deny: ["x"] } } },
    ],
    [
      { verify_webhook: { provider: "github", secret: "s" } },
      { modules: { webhook: { provider: "github", secret: "s" } } },
    ],
    [{ circuit_breaker: 0, compression: false, request_header: {}, verify_webhook: {} }, { unsupported: [] }],
    [{ traffic_policy_file: "p.yml" }, { modules: { trafficPolicy: { kind: "file", path: "p.yml" } } }],
    [{ policy: "inbound: []" }, { modules: { trafficPolicy: { kind: "text", text: "inbound: []" } } }],
    [
      { traffic_policy: { on_http_request: [{ actions: [{ type: "deny" }] }] } },
      {
        modules: {
          trafficPolicy: { kind: "text", text: '{"on_http_request":[{"actions":[{"type":"deny"}]}]}' },
        },
      },
    ],
  ])("readTunnel reads %j of an http tunnel", (fields, part) => {
    expect(read({ proto: "http", addr: 80, ...fields })).toMatchObject(part);
  });

  const PEM = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";

  test.each([
    [{}, { termination: undefined, unsupported: [] }],
    [{ terminate_at: "upstream" }, { termination: undefined }],
    [
      { terminate_at: "edge", client_cas: "ca.pem" },
      {
        termination: undefined,
        edgeTermination: { pair: undefined, clientCas: [{ kind: "file", path: "ca.pem" }] },
        unsupported: [],
      },
    ],
    [
      { terminate_at: "edge", crt: PEM, key: "a.key" },
      {
        termination: undefined,
        edgeTermination: {
          pair: { certificate: { kind: "text", text: PEM }, key: { kind: "file", path: "a.key" } },
          clientCas: [],
        },
      },
    ],
    [
      { crt: PEM, key: "a.key", client_cas: "ca.pem", terminate_at: "agent" },
      {
        termination: {
          certificate: { kind: "text", text: PEM },
          key: { kind: "file", path: "a.key" },
          clientCas: [{ kind: "file", path: "ca.pem" }],
        },
        unsupported: [],
      },
    ],
  ])("readTunnel reads %j of a tls tunnel", (fields, part) => {
    expect(read({ proto: "tls", addr: 8443, ...fields })).toMatchObject(part);
  });

  test("readTunnel reads the address of a tcp tunnel from remote_addr or url", () => {
    const remoteAddress = { host: "1.tcp.example.org", port: 20_022 };
    expect(read({ proto: "tcp", addr: 22, remote_addr: "1.tcp.example.org:20022" })).toMatchObject({ remoteAddress });
    expect(read({ proto: "tcp", addr: 22, url: "tcp://1.tcp.example.org:20022" })).toMatchObject({ remoteAddress });
    expect(read({ proto: "tcp", addr: 22, url: "tcp://" })).toMatchObject({ remoteAddress: undefined });
  });

  test("readTunnel of version 1 passes over crt and key of an http tunnel, and not over the client certificates beside them", () => {
    const fields = { proto: "http", addr: 80, bind_tls: true, client_cas: "ca.pem", crt: "a.crt", key: "a.key" };
    const tunnel = readTunnel("web", fields, { ...READING, isStrict: false });
    expect(tunnel).toMatchObject({ clientCas: [{ kind: "file", path: "ca.pem" }] });
  });

  test.each([
    [{ proto: "http" }, "the request: field addr is missing"],
    [{ addr: 80 }, "the request: field proto is missing"],
    [{ proto: "http", addr: 80, colour: 1 }, "the request: field colour not found in type config.Tunnel"],
    [{ proto: "http", addr: [80] }, "field addr: expected a single value, found a list"],
    [{ proto: "http", addr: true }, "field addr: expected a text, found true"],
    [{ proto: "http", addr: 80.5 }, "field addr: expected a text or a whole number, found 80.5"],
    [{ proto: "http", addr: 80, subdomain: false }, "field subdomain: expected a text, found false"],
    [{ proto: "http", addr: 80, inspect: 1 }, 'field inspect: expected true or false, found "1"'],
    [{ proto: "http", addr: 80, inspect: {} }, "field inspect: expected a single value, found a map"],
    [{ proto: "http", addr: 80, url: "https://a.example", domain: "b.example" }, "field domain: contradicts url"],
    [{ proto: "http", addr: 80, url: "https://a.example", schemes: ["http"] }, "contradicts the choice of http"],
    [
      { proto: "http", addr: 80, websocket_tcp_converter: true, host_header: "rewrite" },
      "field host_header: contradicts websocket_tcp_converter",
    ],
    [
      { proto: "http", addr: 80, websocket_tcp_converter: true, app_protocol: "http2" },
      "field app_protocol: contradicts websocket_tcp_converter",
    ],
    [{ proto: "http", addr: 80, host_header: "a\r\nb" }, "field host_header"],
    [{ proto: "http", addr: 80, auth: "nocolon" }, "user:password"],
    [{ proto: "http", addr: 80, basic_auth: Array.from({ length: 11 }, () => "u:longenough") }, "at most 10"],
    [{ proto: "http", addr: 80, metadata: "é".repeat(2049) }, "at most 4096 bytes, got 4098"],
    [{ proto: "http", addr: 80, proxy_proto: 3 }, "expected 1 or 2"],
    [{ proto: "tcp", addr: 22, subdomain: "a" }, "field subdomain: does not apply to tcp tunnels"],
    [{ proto: "tls", addr: 443, key: "a.key" }, "field key: needs crt"],
    [{ proto: "tls", addr: 443, terminate_at: "agent" }, "agent needs crt and key"],
    [{ proto: "tls", addr: 443, crt: "a", key: "b", terminate_at: "upstream" }, "contradicts crt and key"],
    [{ proto: "tls", addr: 443, client_cas: "ca.pem" }, "field client_cas: needs crt and key"],
    [{ proto: "tls", addr: 443, crt: "a", terminate_at: "edge" }, "field crt: needs key"],
    [{ proto: "http", addr: 80, mutual_tls_cas: "ca.pem", schemes: ["http", "https"] }, "needs https alone"],
    [{ proto: "http", addr: 80, traffic_policy_url: "http://policies.example" }, "has to be an https URL"],
    [{ proto: "http", addr: 80, traffic_policy_url: "policies" }, "has to be an https URL"],
    [{ proto: "http", addr: 80, traffic_policy_url: "https://u:p@policies.example" }, "may not hold a password"],
    [
      { proto: "http", addr: 80, traffic_policy_url: "https://a.example", traffic_policy_file: "a" },
      "field traffic_policy_url: contradicts traffic_policy_file",
    ],
    [80, "expected a map of settings"],
    [{ proto: "http", addr: 80, bindings: ["internal"] }, "ends in .internal"],
    [{ proto: "http", addr: 80, bindings: ["internal"], url: "https://a.example.com" }, "ends in .internal"],
    [{ proto: "tcp", addr: 80, bindings: ["internal"], url: "tcp://a.example.com:1" }, "ends in .internal"],
    [{ proto: "tls", addr: 80, bindings: ["public"], url: "tls://a.internal" }, "never public"],
    [{ proto: "http", addr: 80, bindings: ["public", "internal"] }, "one binding only"],
    [{ proto: "http", addr: 80, domain: "a.b.c.d.e.f.internal" }, "at most 5 labels"],
    [{ proto: "http", addr: 80, url: "https://a.internal:0" }, "1 to 65535"],
  ])("readTunnel refuses %j: %s", (fields, message) => {
    expect(() => readTunnel("web", fields, READING)).toThrow(message);
    expect(() => readTunnel("web", fields, READING)).toThrow(UsageError);
  });

  test.each([
    [{ hostname: "my_app.example" }, "ERR_NGROK_355"],
    [{ subdomain: "1.21 gigawatts" }, "ERR_NGROK_326"],
    [{ basic_auth: [":longenough"] }, "ERR_NGROK_359"],
    [{ basic_auth: ["u:short"] }, "ERR_NGROK_360"],
  ] as const)("readTunnel keeps the published code of %j as the cause", (fields, code) => {
    const refusal = refusalOf(() => read({ proto: "http", addr: 80, ...fields }));
    expect(refusal.cause).toBeInstanceOf(PublicError);
    expect(refusal.cause).toMatchObject({ code });
  });
});

function refusalOf(act: () => unknown): UsageError {
  try {
    act();
  } catch (error) {
    if (error instanceof UsageError) return error;
  }
  throw new Error("nothing was refused");
}

test.each([
  [{ ip_restriction: { allow_cidrs: ["10.0.0.1/8"] } }, "field ip_restriction: The network 10.0.0.1/8"],
  [{ ip_restriction: { allow: [] } }, "allow"],
  [{ circuit_breaker: 2 }, "expected a number from 0 to 1"],
  [{ verify_webhook: { provider: "github" } }, "field verify_webhook: needs the secret"],
  [{ verify_webhook: { secret: "s" } }, "field verify_webhook: needs a provider"],
  [{ traffic_policy: "a: []", traffic_policy_file: "p.yml" }, "field traffic_policy_file: contradicts traffic_policy"],
])("readTunnel refuses the modules %j", (fields, message) => {
  expect(() => read({ proto: "http", addr: 80, ...fields })).toThrow(message);
});
