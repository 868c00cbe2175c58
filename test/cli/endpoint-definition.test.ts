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

  test.each([["http 80 --binding public --upstream-protocol=http1"], ["tcp 22 --binding=public"]])(
    "endpointDefinition takes what is the usual anyway: %s",
    (line) => {
      expect(defined(line).unsupported).toEqual([]);
    },
  );

  test.each([
    ["http 80 --binding internal", "bindings: internal is not yet supported"],
  ])("endpointDefinition refuses by name what is not built yet: %s", (line, message) => {
    expect(() => defined(line)).toThrow(message);
  });
});
