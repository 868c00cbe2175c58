import { describe, expect, test } from "bun:test";
import type { TunnelDefinition } from "../../src/model/tunnel-definition.ts";
import { parseCommandLine } from "../../src/cli/command-line.ts";
import { endpointDefinition } from "../../src/cli/endpoint-definition.ts";

function defined(line: string): TunnelDefinition {
  const invocation = parseCommandLine(line.split(" "), "ginnel");
  if (invocation.command !== "http" && invocation.command !== "tcp" && invocation.command !== "tls")
    throw new Error(`${invocation.command} opens no endpoint`);
  return endpointDefinition(invocation, ["https"]);
}

describe("endpointDefinition", () => {
  test("endpointDefinition takes flags for the keys of a file", () => {
    expect(defined("http 8080 --name web --scheme=http,https --upstream-proxy-protocol 2 --metadata m")).toMatchObject({
      name: "web",
      proto: "http",
      schemes: ["http", "https"],
      proxyProtocol: 2,
      metadata: "m",
    });
  });

  test("endpointDefinition takes the flags for visitors", () => {
    const flags =
      "--cidr-allow 10.0.0.0/8 --cidr-allow ::/0 --cidr-deny=10.1.0.0/16 --compression --circuit-breaker 0.5 " +
      "--request-header-add a:b --request-header-remove c --response-header-add d:e --ua-filter-deny x " +
      "--verify-webhook github --verify-webhook-secret s --policy-file p.yml";
    expect(defined(`http 80 ${flags}`).modules).toEqual({
      addresses: { allow: ["10.0.0.0/8", "::/0"], deny: ["10.1.0.0/16"] },
      compresses: true,
      breakerThreshold: 0.5,
      requestHeaders: { add: ["a:b"], remove: ["c"] },
      responseHeaders: { add: ["d:e"], remove: [] },
      userAgents: { allow: [], deny: ["x"] },
      webhook: { provider: "github", secret: "s" },
      trafficPolicy: { kind: "file", path: "p.yml" },
    });
    expect(defined("tcp 22 --cidr-deny ::/0").modules).toEqual({ addresses: { allow: [], deny: ["::/0"] } });
    expect(defined("http 80").modules).toBeUndefined();
  });

  test.each([["http 80 --binding public --upstream-protocol=http1"], ["tcp 22 --binding=public"]])(
    "endpointDefinition takes what is the usual anyway: %s",
    (line) => {
      expect(defined(line).unsupported).toEqual([]);
    },
  );

  test("endpointDefinition names the bindings there are where one is none", () => {
    expect(() => defined("http 80 --binding=foo")).toThrow('field bindings: expected public or internal, found "foo"');
  });

  test.each([["http 80 --binding kubernetes", "bindings: kubernetes is not yet supported"]])(
    "endpointDefinition refuses by name what is not built yet: %s",
    (line, message) => {
      expect(() => defined(line)).toThrow(message);
    },
  );
});
