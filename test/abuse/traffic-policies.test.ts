/**
 * Traffic policies with strange values in some of their places, for every action, protocol and kind of endpoint: each is refused in
 * words, or says of every visitor what becomes of them.
 */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { PublicError } from "../../src/base/errors.ts";
import { AddressRules } from "../../src/model/address-rules.ts";
import { parseCidr } from "../../src/model/cidr.ts";
import { type PolicyContext, trafficPolicySteps } from "../../src/policy/traffic-policy/traffic-policy.ts";
import { VisitorPolicy } from "../../src/policy/visitor-policy.ts";
import { requestHead, responseHead } from "../support/http-heads.ts";
import { kindredValues, mutantValues } from "./mutant-values.ts";
import { FUZZ_TIMEOUT_MS, runs } from "./mutants.ts";

type Action = readonly [type: string, config?: object];

/** Whoever reads a policy takes it as it is. */
const identity = { certPem: "-----BEGIN CERTIFICATE-----\n", keyPem: "-----BEGIN PRIVATE KEY-----\n" };
const OFFICES = new AddressRules([{ cidr: parseCidr("192.0.2.0/24"), action: "allow" }], "nobody");

const NETWORKS: Action = [
  "restrict-ips",
  { allow: ["10.0.0.0/8", "192.0.2.7/32"], deny: ["::1/128"], ip_policies: ["ipp_1"], enforce: true },
];
const ADDED: Action = ["add-headers", { headers: { "x-a": "b", "x-count": 2 } }];
const REMOVED: Action = ["remove-headers", { headers: ["x-a", "server"] }];
const CUSTOM: Action = ["custom-response", { status_code: 404, content: "hello", headers: { "x-a": "b" } }];
const FORWARD: Action = ["forward-internal", { url: "https://api.internal", on_error: "continue" }];
const FORWARD_TCP: Action = ["forward-internal", { url: "tcp://api.internal:80", on_error: "halt" }];
const FORWARD_TLS: Action = ["forward-internal", { url: "tls://api.internal:443" }];
const TERMINATE: Action = [
  "terminate-tls",
  {
    min_version: "1.3",
    max_version: "1.3",
    server_certificate: identity.certPem,
    server_private_key: identity.keyPem,
    mutual_tls_certificate_authorities: [identity.certPem, "ca_1"],
    mutual_tls_verification_strategy: "require-and-verify",
  },
];
const DENY: Action = ["deny", { status_code: 451 }];
const CLOSE: Action = ["close-connection", {}];
const REDIRECT: Action = [
  "redirect",
  { from: "/x/(.*)", to: "https://a.test/$1", status_code: 301, headers: { a: "b" } },
];

const ON_REQUEST: readonly Action[] = [
  NETWORKS,
  ADDED,
  REMOVED,
  REDIRECT,
  FORWARD,
  ["url-rewrite", { from: "^/a(b+)/[^x]*$", to: "/$1" }],
  ["basic-auth", { credentials: ["me:passpass", "you:passpass"], realm: "here", enforce: false }],
  [
    "rate-limit",
    {
      name: "a",
      algorithm: "sliding_window",
      capacity: 3,
      rate: "1m",
      bucket_key: ["conn.client_ip", "getReqHeader('x')"],
    },
  ],
];
const ON_RESPONSE: readonly Action[] = [ADDED, REMOVED, NETWORKS];

/** One of each action of its kind. */
function policy(connect: readonly Action[], request: readonly Action[] = [], response: readonly Action[] = []): object {
  const rule = (actions: readonly Action[]): object[] =>
    actions.map(([type, config]) => ({ name: type, expressions: [], actions: [{ type, config }] }));
  const phases = { on_tcp_connect: connect, on_http_request: request, on_http_response: response };
  const written = Object.entries(phases).filter(([, actions]) => actions.length > 0);
  return { enabled: true, ...Object.fromEntries(written.map(([phase, actions]) => [phase, rule(actions)])) };
}

interface Kind {
  readonly name: string;
  readonly context: PolicyContext;
  readonly policies: readonly object[];
}

const ipPolicy = (id: string): (() => AddressRules) | undefined => (id === "ipp_1" ? () => OFFICES : undefined);
const certificateAuthority = (id: string): (() => string) | undefined =>
  id === "ca_1" ? () => identity.certPem : undefined;
const records = { ipPolicy, certificateAuthority };

const ENDS: readonly Action[] = [CUSTOM, DENY, CLOSE, ["forward-internal", { url: "http://api.internal:8080" }]];
const ofHttp = (connect: readonly Action[]): readonly object[] => [
  ...[...connect, DENY, CLOSE].map((action) => policy([action])),
  ...[...ON_REQUEST, ...ENDS].map((action) => policy([], [action])),
  ...[...ON_RESPONSE, CUSTOM].map((action) => policy([], [], [action])),
  ...ENDS.map((end) => policy(connect, [...ON_REQUEST, end], [...ON_RESPONSE, CUSTOM])),
];
const ofRaw = (connect: readonly Action[], forward: Action): readonly object[] =>
  [[...connect], [...connect, DENY], [...connect, CLOSE], [...connect, forward]].map((actions) => policy(actions));

const KINDS: readonly Kind[] = [
  { name: "http", context: { protocol: "http", ...records }, policies: ofHttp([NETWORKS]) },
  { name: "https", context: { protocol: "https", ...records }, policies: ofHttp([NETWORKS, TERMINATE]) },
  { name: "tcp", context: { protocol: "tcp", ...records }, policies: ofRaw([NETWORKS], FORWARD_TCP) },
  { name: "tls", context: { protocol: "tls", ...records }, policies: ofRaw([NETWORKS], FORWARD_TLS) },
  {
    name: "tls that ends here",
    context: { protocol: "tls", ...records },
    policies: ofRaw([TERMINATE, NETWORKS], FORWARD_TCP),
  },
  {
    name: "an internal endpoint",
    context: { protocol: "https", isInternal: true, ...records },
    policies: ENDS.map((end) => policy([], [...ON_REQUEST, end], ON_RESPONSE)),
  },
  {
    name: "a cloud endpoint",
    context: { protocol: "https", mustEnd: true, ...records },
    policies: [
      ...ENDS.map((end) => policy([NETWORKS, TERMINATE], [...ON_REQUEST, end], ON_RESPONSE)),
      policy([], [["redirect", { to: "https://a.test/" }]]),
    ],
  },
];

const HEADS = [
  requestHead("GET /x/y?a=1 HTTP/1.1", "X-A: 1", `Authorization: Basic ${btoa("me:passpass")}`),
  requestHead("POST /abbb/c HTTP/1.1", "Content-Length: 3"),
];
const RESPONSE = responseHead("HTTP/1.1 200 OK", "Server: x", "Content-Length: 2");
const VISITORS = ["192.0.2.7", "10.1.2.3", "::1", "2001:db8::1"];
const VERDICTS = new Set(["pass", "answer", "refuse", "close", "forward"]);

/** What becomes of visitors, or in which words it was refused. */
function verdicts(text: string, context: PolicyContext): readonly string[] | PublicError {
  try {
    const asked = new VisitorPolicy(trafficPolicySteps(text, context));
    return VISITORS.flatMap((visitorIp) =>
      HEADS.flatMap((head) => {
        const asRequest = asked.onRequest(head, { visitorIp, scheme: "https", nowMs: 0, date: new Date(0) });
        if (asRequest.type === "pass") asRequest.edits?.applyTo(head);
        const asResponse = asked.onResponse(RESPONSE, { request: head, visitorIp });
        if (asResponse.type === "pass") asResponse.edits?.applyTo(RESPONSE);
        return [asked.onConnect(visitorIp)?.type ?? "pass", asRequest.type, asResponse.type];
      }),
    );
  } catch (error) {
    if (error instanceof PublicError) return error;
    throw error;
  }
}

describe.each(KINDS)("A traffic policy of $name", ({ context, policies }) => {
  test("is read with every action that it may have", () => {
    const refusals = policies.map((written) => verdicts(JSON.stringify(written), context));
    expect(refusals.filter((outcome) => outcome instanceof PublicError)).toEqual([]);
  });

  test(
    "is refused in words or decides about everybody, whatever becomes of it",
    () => {
      const { numRuns } = runs(60);
      let accepted = 0;
      fc.assert(
        fc.property(mutantValues(policies), kindredValues(policies), (strange, kindred) => {
          for (const mutant of [strange, kindred]) {
            const decided = verdicts(JSON.stringify(mutant), context);
            expect(Object.keys(Object.prototype)).toEqual([]);
            if (decided instanceof PublicError) continue;
            accepted += 1;
            expect(decided.filter((verdict) => !VERDICTS.has(verdict))).toEqual([]);
          }
        }),
        { numRuns },
      );
      // Many get past the reading, or the deciding is not tried.
      expect(accepted).toBeGreaterThan(numRuns / 4);
    },
    FUZZ_TIMEOUT_MS,
  );
});
