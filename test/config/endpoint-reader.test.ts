import { describe, expect, test } from "bun:test";
import { readEndpoint } from "../../src/config/endpoint-reader.ts";
import { blameValues } from "../../src/config/config-problem.ts";

describe("readEndpoint", () => {
  test.each([[{ upstream: { url: 80 }, bindings: ["kubernetes"] }, ["bindings: kubernetes"]]])(
    "readEndpoint names what of %j is not yet supported in the words of the endpoint",
    (fields, unsupported) => {
      expect(readEndpoint("web", fields, blameValues("the file")).unsupported).toEqual(unsupported);
    },
  );

  test("readEndpoint reads what the upstream speaks, and that the address is shared", () => {
    const fields = { upstream: { url: 80, protocol: "http2" }, pooling_enabled: true };
    const tunnel = readEndpoint("web", fields, blameValues("the file"));
    expect(tunnel).toMatchObject({ upstreamProtocol: "http2", isPooled: true, unsupported: [] });
  });

  test.each([
    [{ upstream: { url: 80, protocol: "spdy" } }, "field upstream.protocol: is http1 or http2"],
    [
      {
        url: "tls://",
        upstream: { url: 80 },
        agent_tls_termination: { mutual_tls_certificate_authorities: ["ca.pem"] },
      },
      "field agent_tls_termination.mutual_tls_certificate_authorities: needs crt and key",
    ],
    [{ upstream: "80" }, "field upstream: expected a map of settings such as url"],
    [
      { url: "tls://", upstream: { url: 80 }, agent_tls_termination: ["a.crt"] },
      "field agent_tls_termination: expected a map of settings such as server_certificate",
    ],
  ])("readEndpoint tells the author of %j what was expected", (fields, message) => {
    expect(() => readEndpoint("web", fields, blameValues("the file"))).toThrow(message);
  });
});
