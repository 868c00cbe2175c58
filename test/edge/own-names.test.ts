import { afterEach, describe, expect, test } from "bun:test";
import { ownNames } from "../../src/edge/own-names.ts";
import { EDGE_CA_PEM, testEdge, type TestEdge } from "../support/test-edge.ts";
import { visit } from "../support/visit.ts";

const BASE = "tunnel.edge.test";
const OWN = [BASE, `api.${BASE}`, `connect.${BASE}`, `dashboard.${BASE}`];

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** With an endpoint over the domain of the edge, and over all names below it. */
async function scene(...schemes: readonly string[]): Promise<TestEdge> {
  const edge = testEdge({ baseDomains: [BASE] });
  ends.push(edge.end);
  const { bind } = await edge.agent();
  for (const scheme of schemes)
    for (const Domain of ["*.edge.test", `*.${BASE}`]) await bind({ Proto: scheme, Opts: { Domain } });
  return edge;
}

test("ownNames holds the names of services below each base domain", () => {
  expect(ownNames([BASE]).protectedNames).toEqual(OWN.slice(1));
});

describe("Edge", () => {
  test.each(OWN)("never serves %s by a wildcard above it, also not what an authority asks for", async (host) => {
    const edge = await scene("http", "https");
    const paths = ["/", "/.well-known/acme-challenge/x"];
    const inClear = paths.map((path) => visit(host, { port: edge.http, path }));
    expect((await Promise.all(inClear)).map(({ status }) => status)).toEqual([404, 404]);
    expect((await visit(host, { port: edge.https, caPem: EDGE_CA_PEM })).status).toBe(404);
  });

  test.each(OWN)("hands no TLS connection for %s to a wildcard above it", async (host) => {
    const edge = await scene("tls");
    expect((await visit(host, { port: edge.https, caPem: EDGE_CA_PEM })).status).toBe(404);
  });
});
