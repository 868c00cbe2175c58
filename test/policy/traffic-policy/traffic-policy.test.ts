import { describe, expect, test } from "bun:test";
import { AddressRules } from "../../../src/model/address-rules.ts";
import type { RequestVerdict } from "../../../src/policy/policy-verdict.ts";
import { type PolicyContext, trafficPolicySteps } from "../../../src/policy/traffic-policy/traffic-policy.ts";
import { VisitorPolicy } from "../../../src/policy/visitor-policy.ts";
import { linesOf, requestHead } from "../../support/http-heads.ts";

const HEAD = requestHead("GET /old/x?a=1 HTTP/1.1", "X-Old: 1");
const FACTS = { visitorIp: "192.0.2.7", scheme: "https", nowMs: 0, date: new Date(0) } as const;

function policy(document: string, context: Partial<PolicyContext> = {}): VisitorPolicy {
  return new VisitorPolicy(trafficPolicySteps(document, { protocol: "https", ...context }));
}

/** A policy of one action in the request's phase. */
function onRequest(type: string, config?: object): string {
  return JSON.stringify({ on_http_request: [{ actions: [{ type, config }] }] });
}

function onConnect(type: string, config?: object): string {
  return JSON.stringify({ on_tcp_connect: [{ actions: [{ type, config }] }] });
}

function verdictOf(document: string): RequestVerdict {
  return policy(document).onRequest(HEAD, FACTS);
}

describe("trafficPolicySteps", () => {
  test("trafficPolicySteps reads YAML with several phases and rules", () => {
    const verdict = verdictOf(`
on_tcp_connect:
  - actions:
      - { type: restrict-ips, config: { allow: [192.0.2.0/24] } }
on_http_request:
  - name: headers
    expressions: []
    actions:
      - type: add-headers
        config: { headers: { x-new: "1", x-count: 2 } }
      - type: remove-headers
        config: { headers: [x-old] }
  - actions:
      - type: url-rewrite
        config: { from: "/old/(.*)", to: "/new/$1" }
`);
    expect(verdict.type === "pass" && linesOf(verdict.edits?.applyTo(HEAD) ?? HEAD.raw)).toEqual([
      "GET /new/x?a=1 HTTP/1.1",
      "Host: app.test",
      "x-new: 1",
      "x-count: 2",
    ]);
  });

  test.each([
    [
      "custom-response",
      { status_code: 503, body: "later", headers: { "x-a": "1" } },
      { type: "answer", answer: { status: 503 } },
    ],
    ["custom-response", { status_code: "204" }, { type: "answer", answer: { status: 204, fields: [] } }],
    ["custom-response", undefined, { type: "answer", answer: { status: 200, fields: [] } }],
    ["deny", undefined, { type: "answer", answer: { status: 403, fields: [] } }],
    ["deny", { status_code: 451 }, { type: "answer", answer: { status: 451 } }],
    [
      "redirect",
      { to: "https://new.test/" },
      { type: "answer", answer: { status: 302, fields: [["Location", "https://new.test/"]] } },
    ],
    ["redirect", { from: "/none/", to: "/x/" }, { type: "pass" }],
    ["basic-auth", { credentials: ["ann:long-password"] }, { type: "answer", answer: { status: 401 } }],
    ["basic-auth", { credentials: ["ann:long-password"], enforce: false }, { type: "pass" }],
    ["restrict-ips", { allow: ["192.0.2.0/24"] }, { type: "pass" }],
    ["restrict-ips", { deny: ["203.0.113.0/24"] }, { type: "refuse", error: { code: "ERR_NGROK_3205" } }],
    ["restrict-ips", { deny: ["192.0.2.0/24"], enforce: false }, { type: "pass" }],
    [
      "rate-limit",
      { capacity: 1, rate: "60s", bucket_key: ["conn.client_ip", "getReqHeader('x-old')"] },
      { type: "pass" },
    ],
    ["close-connection", undefined, { type: "close" }],
    [
      "forward-internal",
      { url: "https://API.internal" },
      { type: "forward", to: { scheme: "https", host: "api.internal", port: 443 }, mayGoOn: false },
    ],
    [
      "forward-internal",
      { url: "http://api.internal:81", on_error: "continue" },
      { type: "forward", to: { scheme: "http", host: "api.internal", port: 81 }, mayGoOn: true },
    ],
  ] as const)("trafficPolicySteps carries out %s %j", (type, config, expected) => {
    expect(verdictOf(onRequest(type, config))).toMatchObject(expected);
  });

  test("trafficPolicySteps counts requests for each key", () => {
    const limited = policy(
      onRequest("rate-limit", { capacity: 1, rate: "60s", bucket_key: ["req.headers['x-old'][0]"] }),
    );
    expect(limited.onRequest(HEAD, FACTS).type).toBe("pass");
    expect(limited.onRequest(HEAD, FACTS).type).toBe("refuse");
    expect(limited.onRequest(requestHead("GET / HTTP/1.1", "X-Old: 2"), FACTS).type).toBe("pass");
  });

  test("trafficPolicySteps asks an IP policy for its rules each time", () => {
    let rules = AddressRules.parse({ allow: ["192.0.2.0/24"], deny: [] }, "nobody");
    const restricted = policy(onRequest("restrict-ips", { ip_policies: ["ipp_1"] }), {
      ipPolicy: (id) => (id === "ipp_1" ? () => rules : undefined),
    });
    expect(restricted.onRequest(HEAD, FACTS).type).toBe("pass");
    rules = AddressRules.parse({ allow: ["203.0.113.0/24"], deny: [] }, "nobody");
    expect(restricted.onRequest(HEAD, FACTS).type).toBe("refuse");
  });

  test.each([
    ["http", "inbound", { type: "deny" }, "request"],
    ["http", "outbound", { type: "add-headers", config: { headers: { a: "1" } } }, "response"],
    ["tcp", "inbound", { type: "deny" }, "connect"],
    ["tls", "on_tcp_connect", { type: "forward-internal", config: { url: "tls://x.internal:1" } }, "connect"],
    ["tcp", "on_tcp_connect", { type: "forward-internal", config: { url: "tcp://x.internal:1" } }, "connect"],
    ["tcp", "on_tcp_connect", { type: "close-connection" }, "connect"],
    ["http", "on_tcp_connect", { type: "close-connection" }, "connect"],
  ] as const)("trafficPolicySteps on %s takes %s for its phase", (protocol, phase, action, part) => {
    const made = trafficPolicySteps(JSON.stringify({ enabled: true, [phase]: [{ actions: [action] }] }), { protocol });
    expect({ connect: made.connect.length, request: made.request.length, response: made.response.length }).toEqual({
      connect: 0,
      request: 0,
      response: 0,
      [part]: 1,
    });
  });

  test.each([
    "",
    "{}",
    "on_http_request: []",
    "on_http_request:",
    '{"enabled":false,"inbound":[{"actions":[{"type":"deny"}]}]}',
  ])("trafficPolicySteps makes nothing of %p", (document) => {
    expect(trafficPolicySteps(document, { protocol: "http" })).toEqual({ connect: [], request: [], response: [] });
  });

  test.each([
    ["2236", "a: [", {}],
    ["2236", "[]", {}],
    ["2236", "on_http_reqest: []", {}],
    ["2236", "on_http_request: [{ actions: [{}] }]", {}],
    ["2236", "x".repeat(70_000), {}],
    [
      "2236",
      JSON.stringify({ on_http_request: [{ actions: Array.from({ length: 101 }, () => ({ type: "deny" })) }] }),
      {},
    ],
    ["2200", '{"on_http_request":[{"expressions":["req.method == \'GET\'"],"actions":[{"type":"deny"}]}]}', {}],
    ["2200", onRequest("add-headers", { headers: { "x-ip": "${conn.client_ip}" } }), {}],
    ["2200", onRequest("rate-limit", { capacity: 1, rate: "60s", bucket_key: ["conn.geo.city"] }), {}],
    ["2206", '{"on_http_request":[{"name":"x"}]}', {}],
    ["2201", onRequest("oauth", {}), {}],
    ["2201", onRequest("constructor", {}), {}],
    ["2202", '{"on_tcp_connect":[{"actions":[{"type":"custom-response"}]}]}', {}],
    ["2202", '{"on_http_response":[{"actions":[{"type":"deny"}]}]}', {}],
    ["2202", '{"on_tcp_connect":[{"actions":[{"type":"forward-internal","config":{"url":"x"}}]}]}', {}],
    ["2207", '{"on_http_request":[{"actions":[{"type":"deny"}]},{"actions":[{"type":"deny"}]}]}', {}],
    ["2230", onRequest("deny"), { protocol: "tcp" }],
    ["2235", onRequest("add-headers", { headers: { a: "1" } }), { mustEnd: true }],
    ["2235", onRequest("redirect", { from: "/old", to: "/new" }), { mustEnd: true }],
    ["2235", "", { mustEnd: true }],
    ["2203", onRequest("deny", { status: 400 }), {}],
    ["2203", onRequest("deny", { status_code: 99 }), {}],
    ["2203", onRequest("redirect", { to: "x", status_code: 304 }), {}],
    ["2203", onRequest("redirect", { from: "x" }), {}],
    ["2203", onRequest("rate-limit", { capacity: 1, rate: "65s" }), {}],
    ["2203", onRequest("rate-limit", { capacity: 0, rate: "60s" }), {}],
    ["2203", onRequest("close-connection", { status_code: 1 }), {}],
    ["2203", onRequest("forward-internal", { url: "https://x.internal", on_error: "retry" }), {}],
    ["2203", onRequest("forward-internal", { url: "https://x.example.com" }), {}],
    ["2203", onRequest("forward-internal", { url: "https://*.x.internal" }), {}],
    ["2203", onRequest("forward-internal", { url: "tcp://x.internal:1" }), {}],
    ["2203", onConnect("forward-internal", { url: "tls://x.internal" }), { protocol: "tcp" }],
    ["2203", onConnect("forward-internal", { url: "tls://x.internal" }), { protocol: "tls", endsTls: true }],
    ["2235", onRequest("forward-internal", { url: "https://x.internal", on_error: "continue" }), { mustEnd: true }],
    ["2262", onConnect("deny"), { protocol: "http", isInternal: true }],
    ["2262", onConnect("deny"), { protocol: "https", isInternal: true }],
    ["2208", onRequest("remove-headers", { headers: Array.from({ length: 11 }, (_, i) => `x-${i}`) }), {}],
    ["2209", onRequest("add-headers", { headers: { "a b": "1" } }), {}],
    ["2211", onRequest("add-headers", { headers: { "user-agent": "1" } }), {}],
    ["2212", onRequest("custom-response", { headers: { a: "1\r\nb: 2" } }), {}],
    ["2216", onRequest("restrict-ips", { ip_policies: ["ipp_none"] }), {}],
    ["2217", onRequest("restrict-ips", { allow: ["192.0.2.1/24"] }), {}],
    ["2257", onRequest("basic-auth", { credentials: ["no-colon-here"] }), {}],
    ["2258", onRequest("basic-auth", { credentials: ["ann:short"] }), {}],
    ["2261", onRequest("url-rewrite", { from: "(?=a)", to: "x" }), {}],
  ] as const)("trafficPolicySteps refuses with %s: %.60s", (code, document, context) => {
    expect(() => policy(document, context)).toThrow(expect.objectContaining({ code: `ERR_NGROK_${code}` }));
  });

  test("trafficPolicySteps says in one sentence where a document is faulty", () => {
    const document = "on_http_request:\n  - actions:\n      - type: deny\non_http_response: 'x' y\n";
    expect(() => trafficPolicySteps(document, { protocol: "https" })).toThrow(
      /^The traffic policy cannot be read: Unexpected scalar at node end at line 4, column 23$/,
    );
  });

  test("trafficPolicySteps lets a cloud endpoint be that ends by itself", () => {
    expect(policy(onRequest("deny"), { mustEnd: true }).onRequest(HEAD, FACTS).type).toBe("answer");
  });

  test.each([
    ["another URL", { to: "https://new.test/" }, { type: "answer", answer: { status: 302 } }],
    [
      "the request",
      { to: "https://app.test/old/x?a=1" },
      { type: "refuse", error: { code: "ERR_GINNEL_REDIRECT_LOOP" } },
    ],
  ])("trafficPolicySteps lets a cloud endpoint end in a redirect to %s", (_, config, verdict) => {
    expect(policy(onRequest("redirect", config), { mustEnd: true }).onRequest(HEAD, FACTS)).toMatchObject(verdict);
  });

  test("trafficPolicySteps lets actions stand behind a redirect of everything", () => {
    const redirect = { type: "redirect", config: { to: "https://app.test/old/x?a=1" } };
    const document = JSON.stringify({ on_http_request: [{ actions: [redirect, { type: "deny" }] }] });
    for (const mustEnd of [false, true]) {
      expect(policy(document, { mustEnd }).onRequest(HEAD, FACTS)).toMatchObject({ answer: { status: 403 } });
    }
  });

  test("trafficPolicySteps lets an internal tcp endpoint have a phase for connections", () => {
    expect(policy(onConnect("deny"), { protocol: "tcp", isInternal: true }).onConnect("192.0.2.7")?.type).toBe(
      "answer",
    );
  });

  test("trafficPolicySteps says what comes behind a forward that may be left out", () => {
    const forward = { type: "forward-internal", config: { url: "https://x.internal", on_error: "continue" } };
    const verdict = verdictOf(JSON.stringify({ on_http_request: [{ actions: [forward, { type: "deny" }] }] }));
    expect(verdict.type === "forward" && verdict.goOn().type).toBe("answer");
  });

  test("trafficPolicySteps says what comes behind a forwarded connection", () => {
    const forward = { type: "forward-internal", config: { url: "tcp://x.internal:1", on_error: "continue" } };
    const document = JSON.stringify({ on_tcp_connect: [{ actions: [forward, { type: "close-connection" }] }] });
    const verdict = policy(document, { protocol: "tcp" }).onConnect("192.0.2.7");
    expect(verdict?.type === "forward" && verdict.goOn()?.type).toBe("close");
  });
});
