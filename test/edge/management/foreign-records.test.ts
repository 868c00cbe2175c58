/** Nobody reaches another account's records: each call with another account's ids is answered as if there were none (reference.md 8.2). */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { WINDOW_MS } from "../../../src/edge/management/call-limit.ts";
import { RESOURCES } from "../../../src/edge/management/resource-table.ts";
import { createCa, issueLeaf } from "../../../src/pki/issued-certificate.ts";
import { CLOUD_POLICY, ManagementScene } from "../../support/management-scene.ts";

let scene: ManagementScene;
/** What the other account has, by resource. */
const theirs = new Map<string, string>();

beforeAll(async () => {
  scene = await ManagementScene.open();
  const ca = await createCa("Theirs", new Date());
  const leaf = await issueLeaf(ca, ["theirs.example"], new Date());
  const make = async (path: string, body: object): Promise<void> => {
    theirs.set(path, (await scene.create(path, body, scene.other)).id);
  };
  await make("credentials", {});
  await make("api_keys", {});
  await make("reserved_domains", { domain: "theirs.example.com" });
  await make("reserved_addrs", {});
  await make("ip_policies", {});
  await make("ip_policy_rules", { ip_policy_id: theirs.get("ip_policies"), cidr: "10.0.0.0/8", action: "allow" });
  await make("ip_restrictions", { type: "endpoints", ip_policy_ids: [theirs.get("ip_policies")] });
  await make("tls_certificates", { certificate_pem: leaf.certPem, private_key_pem: leaf.keyPem });
  await make("certificate_authorities", { ca_pem: ca.certPem });
  await make("endpoints", { url: "https://theirs.e.test", traffic_policy: CLOUD_POLICY });
  const { session, endpoint } = await scene.bringOnline(scene.other);
  theirs.set("tunnel_sessions", session.id);
  theirs.set("tunnels", endpoint.id.replace("ep_", "tn_"));
});
beforeEach(() => scene.clock.advance(WINDOW_MS));
afterAll(() => scene[Symbol.asyncDispose]());

const CALLS = RESOURCES.flatMap(({ path: resource, actions }) =>
  actions.filter(({ path }) => path.includes("{id}")).map(({ method, path }) => [method, path, resource] as const),
);

/** A change that everybody's records can take. */
const BODIES: Readonly<Record<string, object>> = { PATCH: { description: "taken over" }, POST: {} };

test.each(CALLS)(
  "%s %s answers 404 to whoever has not made the record, and changes nothing",
  async (method, path, resource) => {
    const id = theirs.get(resource) ?? "none";
    const own = `/${resource}/${id}`;
    const before = await scene.call("GET", own, { account: scene.other });
    expect(before.status).toBe(200);
    const body = BODIES[method];
    const answer = await scene.call(method, path.replace("{id}", id), body === undefined ? {} : { body });
    expect([answer.status, answer.json["msg"], "error_code" in answer.json]).toEqual([
      404,
      "Resource not found",
      false,
    ]);
    expect((await scene.call("GET", own, { account: scene.other })).json).toEqual(before.json);
    expect(scene.commands).toEqual([]);
  },
);

test.each(RESOURCES.map(({ path, listKey }) => [path, listKey] as const))(
  "GET /%s lists nothing of another account, also when asked for what is before its records",
  async (path, listKey) => {
    const shown = [
      await scene.call("GET", `/${path}`),
      await scene.call("GET", `/${path}?before_id=${theirs.get(path)}`),
    ];
    for (const { status, json } of shown) {
      expect([status, Array.isArray(json[listKey])]).toEqual([200, true]);
      expect(JSON.stringify(json[listKey])).not.toContain(theirs.get(path) ?? "none");
    }
    const own = await scene.call("GET", `/${path}`, { account: scene.other });
    expect(JSON.stringify(own.json[listKey])).toContain(theirs.get(path) ?? "none");
  },
);

test.each([
  [
    "POST",
    "/ip_policy_rules",
    () => ({ ip_policy_id: theirs.get("ip_policies"), cidr: "10.1.0.0/16", action: "allow" }),
  ],
  ["POST", "/ip_restrictions", () => ({ type: "api", ip_policy_ids: [theirs.get("ip_policies")] })],
  ["POST", "/reserved_domains", () => ({ domain: "mine.example.net", certificate_id: theirs.get("tls_certificates") })],
])("%s %s answers 404 to ids of another account in its body", async (method, path, body) => {
  expect((await scene.call(method, path, { body: body() })).status).toBe(404);
});

test("PATCH answers 404 to ids of another account in its body", async () => {
  const domain = await scene.create("reserved_domains", { domain: "patched.example.net" });
  const policy = await scene.create("ip_policies", {});
  const restriction = await scene.create("ip_restrictions", { type: "agent", ip_policy_ids: [policy.id] });
  const attach = { body: { certificate_id: theirs.get("tls_certificates") } };
  expect((await scene.call("PATCH", `/reserved_domains/${domain.id}`, attach)).status).toBe(404);
  const use = { body: { ip_policy_ids: [policy.id, theirs.get("ip_policies")] } };
  expect((await scene.call("PATCH", `/ip_restrictions/${restriction.id}`, use)).status).toBe(404);
});
