import { beforeAll, describe, expect, test } from "bun:test";
import { EndpointTls } from "../../src/edge/endpoint-tls.ts";
import { PLAIN_TERMS } from "../../src/policy/tls-terms.ts";
import { type ClientIdentities, makeClientIdentities } from "../support/client-identities.ts";

let ids: ClientIdentities;
beforeAll(async () => {
  ids = await makeClientIdentities();
});

/** Its authorities are those of the list, as it is at any time. */
function tlsOf(authorities: readonly string[], strategy: "require-and-verify" | "request" = "require-and-verify") {
  return new EndpointTls({ ...PLAIN_TERMS, clients: { strategy, authorities: () => authorities } });
}

describe("EndpointTls.mark", () => {
  test("is short however many authorities there are, and stays while they do", () => {
    const tls = tlsOf(Array.from({ length: 100 }, () => ids.caPem));
    const { mark } = tls;
    expect(mark.length).toBeLessThan(100);
    expect(tls.mark).toBe(mark);
  });

  test("follows authorities that come, are replaced and go, and is the same again with the same ones", () => {
    const authorities = [ids.caPem];
    const tls = tlsOf(authorities);
    const marks = [tls.mark];
    authorities.push(ids.otherCaPem);
    marks.push(tls.mark);
    authorities.splice(0, 2, ids.otherCaPem);
    marks.push(tls.mark);
    authorities.length = 0;
    marks.push(tls.mark);
    expect(new Set(marks).size).toBe(4);
    authorities.push(ids.caPem);
    expect(tls.mark).toBe(marks[0] ?? "");
  });

  test("tells apart what else a handshake is good for", () => {
    const marks = [tlsOf([ids.caPem]), tlsOf([ids.caPem], "request"), new EndpointTls(PLAIN_TERMS)].map(
      ({ mark }) => mark,
    );
    expect(new Set(marks).size).toBe(3);
  });
});

test("EndpointTls.contextFor makes another context when the authorities change, and none without any", () => {
  const authorities = [ids.caPem];
  const tls = tlsOf(authorities);
  const first = tls.contextFor(ids.server);
  expect(first).toBeDefined();
  expect(tls.contextFor(ids.server)).toBe(first);
  authorities[0] = ids.otherCaPem;
  expect(tls.contextFor(ids.server)).not.toBe(first);
  authorities.length = 0;
  expect(tls.contextFor(ids.server)).toBeUndefined();
});
