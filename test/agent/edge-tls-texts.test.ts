import { describe, expect, test } from "bun:test";
import { edgeTlsTexts } from "../../src/agent/edge-tls-texts.ts";
import { systemClock } from "../../src/base/clock.ts";
import { certificates } from "../support/tls-pair.ts";
import { httpTunnel, tlsTunnel } from "../support/tunnel-definitions.ts";

const text = (pem: string) => ({ kind: "text", text: pem }) as const;
const { caPem, server, stranger } = certificates;

describe("edgeTlsTexts", () => {
  test("is empty for tunnels that ask for nothing", async () => {
    expect(await edgeTlsTexts(httpTunnel(), systemClock)).toEqual({});
    expect(await edgeTlsTexts(tlsTunnel(), systemClock)).toEqual({});
  });

  test("holds the authorities, and the pair or that the edge has its own", async () => {
    const { clientCas } = await edgeTlsTexts(httpTunnel({ clientCas: [text(caPem)] }), systemClock);
    expect(clientCas).toContain("BEGIN CERTIFICATE");
    const own = tlsTunnel({ edgeTermination: { pair: undefined, clientCas: [] } });
    expect(await edgeTlsTexts(own, systemClock)).toEqual({ pair: { certPem: "", keyPem: "" } });
    const pair = { certificate: text(server.certPem), key: text(server.keyPem) };
    const brought = tlsTunnel({ edgeTermination: { pair, clientCas: [text(caPem), text(stranger.certPem)] } });
    const both = await edgeTlsTexts(brought, systemClock);
    expect(both.pair?.keyPem).toContain("PRIVATE KEY");
    expect(both.clientCas?.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  });

  test.each([
    ["authorities that are none", httpTunnel({ clientCas: [text("nothing")] })],
    [
      "a key of another certificate",
      tlsTunnel({
        edgeTermination: {
          pair: { certificate: text(server.certPem), key: text(stranger.keyPem) },
          clientCas: [],
        },
      }),
    ],
  ])("refuses %s before the edge hears of it", async (_, tunnel) => {
    expect(await edgeTlsTexts(tunnel, systemClock).catch((error: Error) => error.name)).toBe("UsageError");
  });
});
