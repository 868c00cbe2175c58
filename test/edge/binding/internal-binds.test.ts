/** Internal addresses of agents (reference.md 7.12). */
import { describe, expect, test } from "bun:test";
import { PublicError } from "../../../src/base/errors.ts";
import type { AgentIdentity } from "../../../src/edge/binding/binder.ts";
import { internalPlace } from "../../../src/edge/routing-table.ts";
import { Acl } from "../../../src/model/acl.ts";
import { parseInternalUrl } from "../../../src/model/internal-url.ts";
import { agentOf, type BinderScene, binderScene, PlayedLeg } from "../../support/binder-scene.ts";
import { bindRequest } from "../../support/bind-request.ts";

const alice = agentOf("alice");
/** Of the same account with another token. */
const bob = agentOf("bob", { credentialId: "cr_2" });
const eve = agentOf("eve", { credentialId: "cr_3", accountId: "ac_2" });

type Wire = Readonly<Record<string, unknown>>;

/** The URL that it got, or the code of the refusal. */
async function bind({ binder }: BinderScene, agent: AgentIdentity, wire: Wire, leg = new PlayedLeg()): Promise<string> {
  try {
    return (await binder.bind(agent, leg, bindRequest(wire))).url;
  } catch (error) {
    if (error instanceof PublicError) return error.code;
    throw error;
  }
}

const found = ({ routes }: BinderScene, accountId: string, url: string): string | undefined => {
  const internal = parseInternalUrl(url);
  return routes.find(internalPlace(accountId, internal), internal.host)?.facts.clientId;
};

const API = { Proto: "https", Opts: { Domain: "api.internal" } };

describe("Binder gives internal addresses", () => {
  test.each([
    ["by the domain", API, "https://api.internal"],
    [
      "by the host name of an earlier reply",
      { Proto: "http", Opts: { Hostname: "api.internal" } },
      "http://api.internal",
    ],
    ["by a URL with a port", { Proto: "http", Opts: { URL: "http://API.internal:8080" } }, "http://api.internal:8080"],
    ["by name and binding", { ...API, Extra: { Bindings: ["internal"] } }, "https://api.internal"],
    ["of tls", { Proto: "tls", Opts: { Domain: "db.internal" } }, "tls://db.internal"],
    ["of tcp on any port", { Proto: "tcp", Opts: { Addr: "db.internal:5432" } }, "tcp://db.internal:5432"],
    ["that are wildcards", { Proto: "https", Opts: { Domain: "*.shop.internal" } }, "https://*.shop.internal"],
  ])("%s", async (_, wire, url) => {
    const s = binderScene();
    // Nothing is reserved, and the edge has no ports for tcp or http.
    s.directory.verdict = "notReserved";
    expect(await bind(s, alice, wire)).toBe(url);
    expect(found(s, "ac_1", url.replace("*", "x"))).toBe("alice");
    expect(found(s, "ac_2", url.replace("*", "x"))).toBeUndefined();
    expect(s.binder.recheck()).toEqual([]);
  });

  test.each([
    ["a binding without a name", { Proto: "https", Extra: { Bindings: ["internal"] } }, "ERR_GINNEL_INTERNAL_URL"],
    [
      "a public name",
      { Proto: "https", Opts: { Domain: "a.edge.test" }, Extra: { Bindings: ["internal"] } },
      "ERR_GINNEL_INTERNAL_URL",
    ],
    ["a public binding", { ...API, Extra: { Bindings: ["public"] } }, "ERR_GINNEL_INTERNAL_URL"],
    ["six labels", { Proto: "https", Opts: { Domain: "a.b.c.d.e.f.internal" } }, "ERR_GINNEL_INTERNAL_URL"],
    ["the suffix alone", { Proto: "https", Opts: { Domain: "internal" } }, "ERR_GINNEL_INTERNAL_URL"],
    ["a bad name", { Proto: "https", Opts: { Domain: "-.internal" } }, "ERR_NGROK_328"],
    [
      "TLS that ends at the edge",
      { Proto: "tls", Opts: { Domain: "db.internal", TLSTermination: { cert: "", key: "" } } },
      "ERR_GINNEL_UNSUPPORTED",
    ],
    [
      "a policy with a phase that it has not",
      { ...API, Opts: { ...API.Opts, TrafficPolicy: "on_tcp_connect: [{actions: [{type: deny}]}]" } },
      "ERR_NGROK_2262",
    ],
  ])("not with %s", async (_, wire, code) => {
    expect(await bind(binderScene(), alice, wire)).toBe(code);
  });

  test("to each account", async () => {
    const s = binderScene();
    expect([await bind(s, alice, API), await bind(s, eve, API)]).toEqual([
      "https://api.internal",
      "https://api.internal",
    ]);
    expect([found(s, "ac_1", "https://api.internal"), found(s, "ac_2", "https://api.internal")]).toEqual([
      "alice",
      "eve",
    ]);
  });

  test("to one agent of an account, or to a pool", async () => {
    const s = binderScene();
    expect(await bind(s, alice, API)).toBe("https://api.internal");
    expect(await bind(s, bob, API)).toBe("ERR_NGROK_334");
    const pooled = { Proto: "tls", Opts: { Domain: "api.internal" }, Extra: { PoolingEnabled: true } };
    expect(await bind(s, alice, pooled)).toBe("tls://api.internal");
    expect(await bind(s, bob, pooled)).toBe("tls://api.internal");
  });

  test("that no visitor's name leads to", async () => {
    const s = binderScene();
    await bind(s, alice, API);
    for (const place of ["http", "https", "tls"] as const) expect(s.routes.find(place, "api.internal")).toBeUndefined();
  });

  test("and keeps them for an agent that was lost", async () => {
    const s = binderScene();
    const leg = new PlayedLeg();
    await bind(s, alice, API, leg);
    s.binder.legEnded(alice, leg);
    expect(await bind(s, bob, API)).toBe("ERR_NGROK_334");
    expect(await bind(s, eve, API)).toBe("https://api.internal");
    expect(await bind(s, alice, API)).toBe("https://api.internal");
  });

  test.each([
    ["a name", API, "ERR_NGROK_316"],
    ["an address", { Proto: "tcp", Opts: { Addr: "db.internal:5432" } }, "ERR_NGROK_308"],
  ])("but %s only where the credential lets it", async (_, wire, code) => {
    const s = binderScene();
    s.directory.acl = new Acl(["bind:other.internal"]);
    expect(await bind(s, alice, wire)).toBe(code);
    s.directory.acl = Acl.none;
    await bind(s, alice, wire);
    s.directory.acl = new Acl(["bind:other.internal"]);
    expect(s.binder.recheck()).toHaveLength(1);
  });
});
