import { afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/base/clock.ts";
import { AcmeAuthority } from "../../../src/edge/certificates/acme-authority.ts";
import { MemoryCertificateStore } from "../../support/memory-certificate-store.ts";
import { PendingChallenges } from "../../../src/edge/certificates/pending-challenges.ts";
import { listenTcp } from "../../../src/net/tcp-listen.ts";
import { acmeScene, type AcmeScene, type AcmeSceneOptions } from "../../support/acme-scene.ts";
import { startPebble } from "../../support/pebble.ts";
import { LOOPBACK } from "../../support/test-edge.ts";
import { eventually } from "../../support/turns.ts";

const ends: AsyncDisposable[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end[Symbol.asyncDispose]();
});

async function newScene(options: AcmeSceneOptions): Promise<AcmeScene> {
  const scene = await acmeScene(options);
  ends.push(scene);
  return scene;
}

const TRUSTED = "Verify return code: 0 (ok)";
/** Orders ask the authority for their state in growing pauses. */
const ORDER_MS = 30_000;

describe("AcmeAuthority", () => {
  test.each(["http-01", "tls-alpn-01"] as const)(
    "has a name validated by %s, while its first visitor is served at once",
    async (challengeType) => {
      const scene = await newScene({ challengeTypes: [challengeType] });
      await scene.serve("www.example.org");
      const first = await scene.visit("www.example.org");
      expect(first.text).toContain("issuer=CN = ginnel local CA test");
      const { fields } = await scene.said("certificate issued");
      expect(fields).toMatchObject({ names: "www.example.org", challenge: challengeType });
      const second = await scene.visit("www.example.org");
      expect(second.text).toContain("CN = Pebble Intermediate CA");
      expect(second.text).toContain(TRUSTED);
    },
    ORDER_MS,
  );

  test(
    "has a name validated whose visitors are refused meanwhile, where nobody else issues",
    async () => {
      const scene = await newScene({ challengeTypes: ["tls-alpn-01"], isPublicOnly: true });
      await scene.serve("www.example.org");
      expect((await scene.visit("www.example.org")).text).toContain("no peer certificate available");
      await scene.said("certificate issued");
      expect((await scene.visit("www.example.org")).text).toContain(TRUSTED);
    },
    ORDER_MS,
  );

  test(
    "has a wildcard of the base domain validated by a DNS hook",
    async () => {
      const scene = await newScene({ challengeTypes: ["dns-01"] });
      await scene.visit("a.edge.test");
      await scene.said("certificate issued");
      for (const name of ["edge.test", "b.edge.test"]) expect((await scene.visit(name)).text).toContain(TRUSTED);
      const calls = await scene.hookCalls();
      expect(calls.map((call) => call.replace(/ \S{43}$/, ""))).toEqual([
        "present _acme-challenge.edge.test",
        "present _acme-challenge.edge.test",
        "remove _acme-challenge.edge.test",
        "remove _acme-challenge.edge.test",
      ]);
    },
    ORDER_MS,
  );

  test(
    "gets through refused nonces and validations that need not be done again",
    async () => {
      const faults = { PEBBLE_WFE_NONCEREJECT: "15", PEBBLE_AUTHZREUSE: "100" };
      const scene = await newScene({ challengeTypes: ["http-01"], pebble: { faults } });
      for (const name of ["a.example.org", "b.example.org"]) {
        await scene.serve(name);
        await scene.visit(name);
        await scene.said("certificate issued");
        expect((await scene.visit(name)).text).toContain(TRUSTED);
      }
    },
    ORDER_MS,
  );

  test(
    "binds its account to an external one, for a key that it keeps",
    async () => {
      const hmacKey = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
      const store = new MemoryCertificateStore();
      const scene = await newScene({
        challengeTypes: ["http-01"],
        pebble: { externalAccounts: { "kid-1": hmacKey } },
        authority: { externalAccount: { keyId: "kid-1", hmacKey }, contact: "ops@example.org" },
        store,
      });
      await scene.serve("www.example.org");
      await scene.visit("www.example.org");
      await scene.said("certificate issued");
      const kept = await store.accountKey(scene.pebble.directoryUrl, () => Promise.resolve("no key was kept"));
      expect(kept).toStartWith("-----BEGIN PRIVATE KEY-----");
    },
    ORDER_MS,
  );

  test.each([undefined, "ops@example.org"])(
    "orders with the account that is there, as after a restart, when the contact is %p",
    async (contact) => {
      const pebble = await startPebble({ httpPort: 1, tlsPort: 1, faults: { PEBBLE_VA_ALWAYS_VALID: "1" } });
      ends.push(pebble);
      const { directoryUrl, roots } = pebble;
      const store = new MemoryCertificateStore();
      for (const name of ["a.example.org", "b.example.org"]) {
        const authority = new AcmeAuthority({
          directoryUrl,
          roots,
          userAgent: "ginnel/test",
          contact,
          externalAccount: undefined,
          store,
          challenges: new PendingChallenges(systemClock),
          dnsHook: undefined,
          clock: systemClock,
        });
        const { names } = await authority.order({ names: [name], challengeType: "http-01", keyType: "ecdsa" });
        expect(names).toEqual([name]);
      }
    },
    ORDER_MS,
  );

  test(
    "says what the authority said of an account that it does not take",
    async () => {
      const scene = await newScene({ challengeTypes: ["http-01"], pebble: { externalAccounts: {} } });
      await scene.visit("edge.test");
      const { fields } = await scene.said("certificate not issued");
      expect(String(fields["err"])).toContain("must include a value for the 'externalAccountBinding' field");
    },
    ORDER_MS,
  );

  test(
    "serves everybody while a name fails that leads elsewhere",
    async () => {
      const elsewhere = listenTcp({ hostname: LOOPBACK, port: 0 }, (connection) => connection.reset());
      ends.push({ [Symbol.asyncDispose]: () => Promise.resolve(elsewhere.close()) });
      const scene = await newScene({
        challengeTypes: ["http-01", "tls-alpn-01"],
        pebble: { httpPort: elsewhere.port },
      });
      await scene.serve("www.example.org");
      await scene.visit("www.example.org");
      const { fields } = await scene.said("certificate not issued");
      expect(fields).toMatchObject({ names: "www.example.org", challenge: "http-01", retry_in: "45s" });
      const after = await scene.visit("www.example.org");
      expect(after.text).toContain("issuer=CN = ginnel local CA test");
    },
    ORDER_MS,
  );

  test("keeps nobody waiting when the authority says nothing", async () => {
    const silent = listenTcp({ hostname: LOOPBACK, port: 0 }, (connection) => held.push(connection));
    const held: { reset: () => void }[] = [];
    ends.push({
      [Symbol.asyncDispose]: () => {
        silent.close();
        for (const connection of held) connection.reset();
        return Promise.resolve();
      },
    });
    const scene = await newScene({
      challengeTypes: ["http-01"],
      authority: { directoryUrl: `https://${LOOPBACK}:${silent.port}/dir` },
    });
    for (const name of ["edge.test", "edge.test"])
      expect((await scene.visit(name)).text).toContain("issuer=CN = ginnel local CA test");
    await eventually("the authority was asked", () => held.length > 0);
    expect(held.length).toBe(1);
  });

  test("tells of an authority that is not there", async () => {
    const scene = await newScene({
      challengeTypes: ["http-01"],
      authority: { directoryUrl: "https://127.0.0.1:1/dir" },
    });
    await scene.visit("edge.test");
    const { fields } = await scene.said("certificate not issued");
    expect(String(fields["err"])).toContain("no answer from 127.0.0.1:1: ");
  });

  test.each<[status: number, said: string, headers: () => Readonly<Record<string, string>>, retryIn: string]>([
    [429, "seconds", () => ({ "Retry-After": "3600" }), "3600s"],
    [503, "nothing", () => ({}), "45s"],
    [503, "a date, whatever that is", () => ({ "Retry-After": tomorrow().toUTCString() }), "45s"],
  ])("heeds an authority that asks for a pause by %d with Retry-After of %s", async (status, _, headers, retryIn) => {
    const busy = Bun.serve({
      port: 0,
      hostname: LOOPBACK,
      fetch: () => new Response("", { status, headers: headers() }),
    });
    ends.push({ [Symbol.asyncDispose]: () => busy.stop(true) });
    const scene = await newScene({
      challengeTypes: ["http-01"],
      authority: { directoryUrl: `http://${LOOPBACK}:${busy.port}/dir` },
    });
    await scene.visit("edge.test");
    const { fields } = await scene.said("certificate not issued");
    expect(fields["retry_in"]).toBe(retryIn);
  });
});

function tomorrow(): Date {
  return new Date(Date.now() + 24 * 3_600_000);
}
