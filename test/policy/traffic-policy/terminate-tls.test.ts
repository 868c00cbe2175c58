import { describe, expect, test } from "bun:test";
import { PublicError } from "../../../src/base/errors.ts";
import type { TlsTerms } from "../../../src/policy/tls-terms.ts";
import { type PolicyContext, trafficPolicySteps } from "../../../src/policy/traffic-policy/traffic-policy.ts";

const action = (config?: object): object => ({ type: "terminate-tls", ...(config && { config }) });

function terms(configs: readonly (object | undefined)[], context: Partial<PolicyContext> = {}): TlsTerms | undefined {
  const document = JSON.stringify({ on_tcp_connect: [{ actions: configs.map(action) }] });
  return trafficPolicySteps(document, { protocol: "https", ...context }).tls;
}

function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof PublicError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "none";
}

describe("terminateTls", () => {
  test("has the published defaults", () => {
    expect(terms([undefined])).toEqual({
      minVersion: "1.2",
      maxVersion: "1.3",
      identity: undefined,
      clients: undefined,
    });
  });

  test("reads versions of YAML, where a bare one is a number", () => {
    const document = "on_tcp_connect: [{ actions: [{ type: terminate-tls, config: { min_version: 1.3 } }] }]";
    expect(trafficPolicySteps(document, { protocol: "tls" }).tls).toMatchObject({ minVersion: "1.3" });
  });

  test("requires and verifies where authorities are given and nothing is said", () => {
    const clients = terms([{ mutual_tls_certificate_authorities: ["PEM"] }])?.clients;
    expect([clients?.strategy, clients?.authorities()]).toEqual(["require-and-verify", ["PEM"]]);
  });

  test("asks for authorities by id whenever they are used", () => {
    const kept = new Map([["ca_1", "PEM 1"]]);
    const certificateAuthority = (id: string) => (kept.has(id) ? () => kept.get(id) : undefined);
    const config = { mutual_tls_certificate_authorities: ["ca_1", "PEM 2"] };
    const clients = terms([config], { certificateAuthority })?.clients;
    expect(clients?.authorities()).toEqual(["PEM 1", "PEM 2"]);
    kept.clear();
    expect(clients?.authorities()).toEqual(["PEM 2"]);
  });

  test.each<[string, readonly (object | undefined)[], Partial<PolicyContext>]>([
    ["2205", [{}], { protocol: "http" }],
    ["2205", [{}], { protocol: "tcp" }],
    ["2205", [{}], { protocol: "tls", isInternal: true }],
    ["2203", [{}, {}], {}],
    ["2203", [{ min_version: "1.1" }], {}],
    ["2203", [{ min_version: "1.3", max_version: "1.2" }], {}],
    ["2203", [{ server_certificate: "PEM" }], {}],
    ["2203", [{ server_private_key: "PEM" }], {}],
    ["2203", [{ mutual_tls_verification_strategy: "require-and-verify" }], {}],
    ["2203", [{ mutual_tls_verification_strategy: "none" }], {}],
    ["2203", [{ mutual_tls_certificate_authorities: ["ca_none"] }], {}],
    ["2203", [{ mutual_tls_certificate_authorities: Array.from({ length: 21 }, () => "PEM") }], {}],
    ["2203", [{ mutual_tls_certificate_authority: ["PEM"] }], {}],
    ["2200", [{ server_certificate: "${vars.x}", server_private_key: "x" }], {}],
  ])("refuses with %s: %p %p", (code, configs, context) => {
    expect(refusalOf(() => terms(configs, context))).toStartWith(`ERR_NGROK_${code}`);
  });

  test("refuses to stand in another phase", () => {
    const document = JSON.stringify({ on_http_request: [{ actions: [action()] }] });
    expect(refusalOf(() => trafficPolicySteps(document, { protocol: "https" }))).toStartWith("ERR_NGROK_2202");
  });
});
