import { afterAll, expect, test } from "bun:test";
import { systemClock } from "../../../src/base/clock.ts";
import { acmeRequest } from "../../../src/edge/certificates/acme-transport.ts";
import { createLocalCa, LocalCa } from "../../../src/pki/local-ca.ts";

const SWITCH = "NODE_TLS_REJECT_UNAUTHORIZED";
const usual = process.env[SWITCH];
const ca = new LocalCa(await createLocalCa("Nobody", systemClock), systemClock);
const { certPem: cert, keyPem: key } = await ca.issue(["127.0.0.1"]);
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  tls: { cert, key },
  fetch: () => new Response("an answer"),
});
afterAll(async () => {
  if (usual === undefined) delete process.env[SWITCH];
  else process.env[SWITCH] = usual;
  await server.stop(true);
});

function ask(roots: readonly string[] | undefined): Promise<string> {
  const request = { url: `https://127.0.0.1:${server.port}/`, headers: { toJSON: () => ({}) } };
  return acmeRequest(request, { roots, userAgent: "test" }).then(({ data }) => String(data), String);
}

test("acmeRequest asks nobody whom no authority vouches for, also where the environment switches that check off", async () => {
  process.env[SWITCH] = "0";
  expect(await ask([ca.certPem])).toBe("an answer");
  expect(await ask(undefined)).toMatch(/^OrderFailure: no answer from 127\.0\.0\.1.*certificate/);
});
