import { describe, expect, test } from "bun:test";
import { AddressRules } from "../../src/model/address-rules.ts";
import { customAnswer } from "../../src/policy/answers.ts";
import { BasicAuth } from "../../src/policy/basic-auth.ts";
import { CircuitBreaker } from "../../src/policy/circuit-breaker.ts";
import { headerChanges } from "../../src/policy/header-changes.ts";
import { Pattern } from "../../src/policy/pattern/pattern.ts";
import type { RequestVerdict } from "../../src/policy/policy-verdict.ts";
import { RateLimit } from "../../src/policy/rate-limit.ts";
import * as steps from "../../src/policy/request-steps.ts";
import { NO_STEPS, type PolicySteps, restrictConnections, VisitorPolicy } from "../../src/policy/visitor-policy.ts";
import { WebhookVerification } from "../../src/policy/webhook/webhook-verification.ts";
import { linesOf, requestHead, responseHead } from "../support/http-heads.ts";

const FACTS = { visitorIp: "192.0.2.7", scheme: "https", nowMs: 0, date: new Date(0) } as const;
const HEAD = requestHead("GET /a/b?c=1 HTTP/1.1", "X-Old: 1");

function policyOf(part: Partial<PolicySteps>): VisitorPolicy {
  return new VisitorPolicy({ ...NO_STEPS, ...part });
}

function requestVerdict(...request: readonly steps.RequestStep[]): RequestVerdict {
  return policyOf({ request }).onRequest(HEAD, FACTS);
}

/** Start line and fields that the upstream would get. */
function passed(verdict: RequestVerdict): readonly string[] {
  if (verdict.type !== "pass") throw new Error(`verdict ${verdict.type}`);
  return linesOf(verdict.edits?.applyTo(HEAD) ?? HEAD.raw);
}

const rules = (deny: string): AddressRules => AddressRules.parse({ allow: [], deny: [deny] }, "others");

describe("VisitorPolicy", () => {
  test("VisitorPolicy without steps changes nothing", () => {
    expect(policyOf({}).onConnect("192.0.2.7")).toBeUndefined();
    expect(requestVerdict()).toEqual({ type: "pass", edits: undefined });
    expect(policyOf({}).onResponse(responseHead(), { request: HEAD, visitorIp: "192.0.2.7" })).toEqual({
      type: "pass",
      edits: undefined,
      compresses: false,
    });
  });

  test("VisitorPolicy refuses connections by rules that may change", () => {
    let current = [rules("198.51.100.0/24")];
    const policy = policyOf({ connect: [restrictConnections(() => current)] });
    expect(policy.onConnect("192.0.2.7")).toBeUndefined();
    current = [rules("198.51.100.0/24"), rules("192.0.2.0/24")];
    expect(policy.onConnect("192.0.2.7")).toMatchObject({
      type: "refuse",
      error: { code: "ERR_NGROK_3205", status: 403 },
    });
  });

  test("VisitorPolicy lets each step see what those before it changed", () => {
    const seen: unknown[] = [];
    const verdict = requestVerdict(
      steps.changeRequestHeaders(headerChanges(["x-old"], [["X-New", "1"]])),
      (draft) => void seen.push(draft.get("x-old"), draft.get("x-new")),
      steps.rewriteUrl({ from: new Pattern("/a/"), to: "/z/" }),
      (draft) => void seen.push(draft.url),
      steps.rewriteUrl({ from: new Pattern("/z/(.*)$"), to: "/$1" }),
    );
    expect(seen).toEqual([undefined, "1", "https://app.test/z/b?c=1"]);
    expect(passed(verdict)).toEqual(["GET /b?c=1 HTTP/1.1", "Host: app.test", "X-New: 1"]);
  });

  test("VisitorPolicy takes credentials away that a step removed", () => {
    const head = requestHead("GET / HTTP/1.1", `Authorization: Basic ${Buffer.from("a:b").toString("base64")}`);
    const auth = steps.demandBasicAuth(new BasicAuth(["a:b"]), 'say "x"');
    expect(policyOf({ request: [auth] }).onRequest(head, FACTS).type).toBe("pass");
    const removed = steps.changeRequestHeaders(headerChanges(["authorization"], []));
    expect(policyOf({ request: [removed, auth] }).onRequest(head, FACTS)).toMatchObject({
      type: "answer",
      answer: {
        status: 401,
        fields: [["WWW-Authenticate", 'Basic realm="say \\"x\\""'], expect.anything(), expect.anything()],
      },
    });
  });

  test.each([
    ["another path", "/a/", "/x/", ["GET /x/b?c=1 HTTP/1.1", "Host: app.test", "X-Old: 1"]],
    ["another host", "app\\.test", "other.test:8080", ["GET /a/b?c=1 HTTP/1.1", "Host: other.test:8080", "X-Old: 1"]],
    ["no path", "/a/b.*", "", ["GET / HTTP/1.1", "Host: app.test", "X-Old: 1"]],
    ["letters beyond ASCII", "/a/", "/ü x/", ["GET /%C3%BC%20x/b?c=1 HTTP/1.1", "Host: app.test", "X-Old: 1"]],
    ["a fragment", "b\\?", "b#?", ["GET /a/b HTTP/1.1", "Host: app.test", "X-Old: 1"]],
    ["nothing that matches", "nowhere", "x", ["GET /a/b?c=1 HTTP/1.1", "Host: app.test", "X-Old: 1"]],
  ])("VisitorPolicy rewrites a URL to %s", (_, from, to, lines) => {
    expect(passed(requestVerdict(steps.rewriteUrl({ from: new Pattern(from), to })))).toEqual(lines);
  });

  test.each(["ftp://x/", "no url", "https://", "https://a b/", "https://u@h/"])(
    "VisitorPolicy makes no request for %p",
    (to) => {
      const verdict = requestVerdict(steps.rewriteUrl({ from: undefined, to }));
      expect(verdict).toMatchObject({ type: "refuse", error: { code: "ERR_GINNEL_POLICY_URL" } });
    },
  );

  test("VisitorPolicy redirects when the URL changes, and only then", () => {
    const rule = { from: new Pattern("^https://app\\.test/(.*)$"), to: "https://new.test/ü/$1" };
    expect(requestVerdict(steps.redirect(rule, 301, [["X-R", "1"]]))).toMatchObject({
      type: "answer",
      answer: {
        status: 301,
        fields: [
          ["Location", "https://new.test/%C3%BC/a/b?c=1"],
          ["X-R", "1"],
        ],
      },
    });
    expect(requestVerdict(steps.redirect({ from: new Pattern("/none/"), to: "/x" }, 302, [])).type).toBe("pass");
  });

  test.each([
    ["https://app.test/a/b?c=1", "pass"],
    ["https://app.test:443/a/b?c=1", "pass"],
    ["https://app.test/a/b?c=1#there", "pass"],
    ["/a/b?c=1", "pass"],
    ["?c=1", "pass"],
    ["/a/b", "answer"],
    ["http://app.test/a/b?c=1", "answer"],
    ["https://app.test/A/b?c=1", "answer"],
    ["https://[", "answer"],
  ] as const)("VisitorPolicy redirects nobody to where they are: %s (%s)", (to, type) => {
    expect(requestVerdict(steps.redirect({ from: undefined, to }, 302, [])).type).toBe(type);
  });

  test("VisitorPolicy sends its own answers through the response's header steps", () => {
    const answer = customAnswer(200, [["X-A", "1"]], '{"a":1}');
    const policy = policyOf({
      request: [() => ({ type: "answer", answer })],
      response: [{ type: "headers", changes: headerChanges(["x-a"], [["X-B", "2"]]) }],
    });
    expect(policy.onRequest(HEAD, FACTS)).toMatchObject({
      type: "answer",
      answer: {
        fields: [
          ["Content-Type", "application/json"],
          ["X-B", "2"],
        ],
      },
    });
  });

  test("VisitorPolicy limits the rate by kind, and says how long to wait", () => {
    const limit = steps.limitRate(new RateLimit({ capacity: 1, windowMs: 60_000 }), (draft) => draft.facts.visitorIp);
    const policy = policyOf({ request: [limit] });
    expect(policy.onRequest(HEAD, FACTS).type).toBe("pass");
    expect(policy.onRequest(HEAD, FACTS)).toMatchObject({
      type: "refuse",
      error: { status: 429 },
      fields: [["Retry-After", "120"]],
    });
    expect(policy.onRequest(HEAD, { ...FACTS, visitorIp: "192.0.2.8" }).type).toBe("pass");
  });

  test("VisitorPolicy asks for a body only when it could be signed, and goes on behind the check", () => {
    const policy = policyOf({
      request: [
        steps.verifyWebhooks(new WebhookVerification("github", "It's a Secret to Everybody")),
        steps.changeRequestHeaders(headerChanges([], [["X-Checked", "1"]])),
      ],
    });
    expect(policy.onRequest(HEAD, FACTS)).toMatchObject({ type: "refuse", error: { code: "ERR_NGROK_3204" } });
    const signature = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    const head = requestHead("POST / HTTP/1.1", `X-Hub-Signature-256: sha256=${signature}`, "Content-Length: 13");
    const verdict = policy.onRequest(head, FACTS);
    if (verdict.type !== "body") throw new Error(verdict.type);
    expect(verdict.resume(Buffer.from("Hello, World?")).type).toBe("refuse");
    const right = verdict.resume(Buffer.from("Hello, World!"));
    expect(right.type === "pass" && linesOf(right.edits?.applyTo(head) ?? head.raw)).toContain("X-Checked: 1");
  });

  test("VisitorPolicy keeps requests from an upstream whose breaker is open", () => {
    const policy = policyOf({ breaker: new CircuitBreaker({ errorThreshold: 0.5 }) });
    for (let i = 0; i < 10; i++) policy.onOutcome(502, 0);
    expect(policy.onRequest(HEAD, FACTS)).toMatchObject({
      type: "refuse",
      error: { code: "ERR_NGROK_3202", status: 503 },
    });
    expect(policy.onRequest(HEAD, { ...FACTS, nowMs: 10_000 }).type).toBe("pass");
  });

  test("VisitorPolicy changes responses, compresses them, or answers in their place", () => {
    const response = responseHead("HTTP/1.1 200 OK", "Content-Type: text/plain", "Content-Length: 5", "Server: x");
    const request = requestHead("GET / HTTP/1.1", "Accept-Encoding: gzip");
    const changes = headerChanges(["server"], [["X-A", "1"]]);
    const verdict = policyOf({ response: [{ type: "headers", changes }], compresses: true }).onResponse(response, {
      request,
      visitorIp: "192.0.2.7",
    });
    if (verdict.type !== "pass") throw new Error(verdict.type);
    expect(verdict.compresses).toBe(true);
    expect(linesOf(verdict.edits?.applyTo(response) ?? response.raw)).toEqual([
      "HTTP/1.1 200 OK",
      "Content-Type: text/plain",
      "X-A: 1",
      "Vary: Accept-Encoding",
      "Transfer-Encoding: chunked",
      "Content-Encoding: gzip",
    ]);
    const answer = customAnswer(404, [], "gone");
    expect(
      policyOf({ response: [{ type: "answer", answer }] }).onResponse(response, { request, visitorIp: "" }),
    ).toEqual({
      type: "answer",
      answer,
    });
    const addresses = { type: "addresses", rules: () => [rules("192.0.2.0/24")] } as const;
    expect(policyOf({ response: [addresses] }).onResponse(response, { request, visitorIp: "192.0.2.7" }).type).toBe(
      "refuse",
    );
  });
});
