/** Each resource of the management API (reference.md 8.3). */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { newId } from "../../../src/base/record-id.ts";
import { WINDOW_MS } from "../../../src/edge/management/call-limit.ts";
import {
  MAX_POLICIES_OF_ACCOUNT,
  MAX_RULES_OF_POLICY,
} from "../../../src/edge/management/handlers/network-handlers.ts";
import { MAX_POLICIES_OF_RESTRICTION } from "../../../src/edge/management/resources/network-resources.ts";
import { NO_LIMITS } from "../../../src/model/records/account.ts";
import { MAX_POLICY_BYTES } from "../../../src/policy/traffic-policy/policy-document.ts";
import { createCa, issueLeaf } from "../../../src/pki/issued-certificate.ts";
import { API_URL, CLOUD_POLICY, ManagementScene } from "../../support/management-scene.ts";

let scene: ManagementScene;
beforeAll(async () => {
  scene = await ManagementScene.open();
});
// An account may make so many calls in a while.
beforeEach(() => scene.clock.advance(WINDOW_MS));
afterAll(() => scene[Symbol.asyncDispose]());

const now = new Date();
const ca = await createCa("Test authority", now);
const leaf = await issueLeaf(ca, ["brought.example", "192.0.2.7"], now);

/** What each resource is made from, and a change of it. */
const MADE: readonly (readonly [path: string, fields: () => Promise<object>, change: object, shown?: object])[] = [
  ["credentials", async () => ({ acl: ["bind:*.example.com"] }), { acl: ["*"] }],
  ["api_keys", async () => ({ owner_id: "usr_1" }), { description: "changed" }],
  ["reserved_domains", async () => ({ domain: "Made.example.com", region: "eu" }), { metadata: "changed" }],
  ["reserved_addrs", async () => ({ region: "us" }), { description: "changed" }],
  ["ip_policies", async () => ({ metadata: "x" }), { description: "changed" }],
  [
    "ip_policy_rules",
    async () => ({ ip_policy_id: await policy(), cidr: "10.0.0.0/8", action: "deny" }),
    { cidr: "10.0.0.0/9" },
  ],
  [
    "ip_restrictions",
    async () => ({ type: "endpoints", ip_policy_ids: [await policy()], enforced: false }),
    { enforced: true },
  ],
  [
    "tls_certificates",
    async () => ({ certificate_pem: leaf.certPem, private_key_pem: leaf.keyPem }),
    { metadata: "changed" },
  ],
  ["certificate_authorities", async () => ({ ca_pem: ca.certPem }), { description: "changed" }],
  [
    "endpoints",
    async () => ({ type: "cloud", url: "https://cloud.e.test", traffic_policy: CLOUD_POLICY }),
    { pooling_enabled: true },
  ],
];

async function policy(): Promise<string> {
  return (await scene.create("ip_policies", {})).id;
}

async function failure(path: string, body: object, method = "POST"): Promise<readonly unknown[]> {
  const { status, json } = await scene.call(method, path, { body });
  return [status, json["error_code"]];
}

describe("the management API makes, shows, changes and removes", () => {
  test.each(MADE)("the management API makes, shows, changes and removes %s", async (path, fields, change) => {
    const made = await scene.create(path, { ...(await fields()), description: "mine" });
    expect(made).toMatchObject({ description: "mine", uri: `${API_URL}/${path}/${made.id}` });
    expect(made["created_at"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const withoutToken = "token" in made ? { ...made, token: null } : made;
    expect((await scene.call("GET", `/${path}/${made.id}`)).json).toEqual(withoutToken);
    const changed = await scene.call("PATCH", `/${path}/${made.id}`, { body: { id: made.id, ...change } });
    expect([changed.status, changed.json]).toEqual([
      200,
      { ...withoutToken, ...change, ...(path === "endpoints" && { updated_at: changed.json["updated_at"] }) },
    ]);
    expect((await scene.call("GET", `/${path}/${made.id}`)).json).toEqual(changed.json);
    const nothing = await scene.call("PATCH", `/${path}/${made.id}`, { body: {} });
    expect(nothing.status).toBe(400);
    expect(await scene.call("DELETE", `/${path}/${made.id}`)).toMatchObject({ status: 204, json: {} });
    expect((await scene.call("GET", `/${path}/${made.id}`)).status).toBe(404);
    expect((await scene.call("DELETE", `/${path}/${made.id}`)).status).toBe(404);
  });

  test("the management API tells in the audit log which key changed what, and no secret", async () => {
    await using own = await ManagementScene.open();
    const { id, token } = await own.create("credentials", {});
    const [entry] = await own.store.audit(own.one.id, { limit: 1 });
    expect(entry).toMatchObject({ actor: { kind: "apiKey", id: own.one.keyId }, action: "created", recordId: id });
    expect(JSON.stringify(entry)).not.toContain(String(token).split("_")[1] ?? "none");
  });
});

describe("/credentials and /api_keys", () => {
  test("POST /credentials shows a token once, whose first part is that of the id", async () => {
    const { id, token } = await scene.create("credentials", {});
    expect(String(token)).toMatch(/^[0-9A-Za-z]{27}_[0-9A-Za-z]{21}$/);
    expect(String(token).startsWith(id.replace("cr_", ""))).toBe(true);
  });

  test("POST /api_keys makes a key that works, and DELETE ends it", async () => {
    const { id, token } = await scene.create("api_keys", {});
    const account = { ...scene.one, key: String(token) };
    expect((await scene.call("GET", "/account", { account })).status).toBe(200);
    const list = await scene.call("GET", "/api_keys", { account });
    expect(JSON.stringify(list.json["keys"])).toContain(id);
    expect((await scene.call("DELETE", `/api_keys/${id}`, { account })).status).toBe(204);
    expect((await scene.call("GET", "/account", { account })).status).toBe(401);
  });

  test.each(["bind", "bind:", "bind:a b", "bind:env=test", "bind::22", "bind:a.*.example.com", "publish:x", ""])(
    "POST /credentials refuses the rule %j",
    async (rule) => {
      expect(await failure("/credentials", { acl: [rule] })).toEqual([400, "ERR_NGROK_600"]);
    },
  );
});

test("/credentials keep a rule of an ACL in the form in which it is compared", async () => {
  const { id, acl } = await scene.create("credentials", { acl: ["bind:*.Example.COM", "bind:Tcp.e.test:20000"] });
  expect(acl).toEqual(["bind:*.example.com", "bind:tcp.e.test:20000"]);
  const changed = await scene.call("PATCH", `/credentials/${id}`, { body: { acl: ["BIND:A.example.com"] } });
  expect(changed.json["acl"]).toEqual(["bind:a.example.com"]);
  expect(await failure(`/credentials/${id}`, { acl: ["bind:-"] }, "PATCH")).toEqual([400, "ERR_NGROK_600"]);
});

describe("/reserved_domains", () => {
  test("POST /reserved_domains answers names elsewhere with where their CNAME has to point", async () => {
    const elsewhere = await scene.create("reserved_domains", { name: "cname.example.com", certificate_id: "" });
    expect(elsewhere).toMatchObject({
      domain: "cname.example.com",
      certificate: null,
      certificate_management_policy: null,
      certificate_management_status: null,
      acme_challenge_cname_target: null,
    });
    expect(String(elsewhere["cname_target"])).toMatch(/^[0-9a-f]{16}\.cname\.e\.test$/);
    expect(await scene.create("reserved_domains", { domain: "below.e.test" })).toMatchObject({ cname_target: null });
  });

  test("POST /reserved_domains refuses what is taken, and says so", async () => {
    await scene.create("reserved_domains", { domain: "taken.example.com" });
    const again = await scene.call("POST", "/reserved_domains", { body: { domain: "taken.example.com" } });
    expect([again.status, again.json["error_code"]]).toEqual([409, "ERR_NGROK_413"]);
    expect(String(again.json["msg"])).toContain("domain is already reserved");
    const foreign = await scene.call("POST", "/reserved_domains", {
      body: { domain: "taken.example.com" },
      account: scene.other,
    });
    expect([foreign.status, foreign.json["error_code"]]).toEqual([409, "ERR_NGROK_414"]);
  });

  test.each([
    [{}, 400, "ERR_NGROK_215"],
    [{ domain: "*.e.test" }, 400, "ERR_NGROK_416"],
    [{ domain: "api.e.test" }, 400, "ERR_NGROK_404"],
    [{ domain: "a_b.example.com" }, 400, "ERR_NGROK_355"],
    [{ domain: "x.example.com", region: "mars" }, 400, "ERR_NGROK_400"],
    [{ domain: "x.example.com", certificate_management_policy: { authority: "other" } }, 400, "ERR_NGROK_215"],
    [{ domain: "x.example.com", certificate_id: "cert_1" }, 404, undefined],
  ])("POST /reserved_domains refuses %j", async (body, status, code) => {
    expect(await failure("/reserved_domains", body)).toEqual([status, code]);
  });

  test("POST /reserved_domains keeps the limit of the account", async () => {
    await using own = await ManagementScene.open({ limits: { ...NO_LIMITS, reservedDomains: 1 } });
    await own.create("reserved_domains", { domain: "one.example.com" });
    const { status, json } = await own.call("POST", "/reserved_domains", { body: { domain: "two.example.com" } });
    expect([status, json["error_code"]]).toEqual([400, "ERR_NGROK_415"]);
  });

  test("a domain has a certificate or a policy for getting one, each of which can be taken away", async () => {
    const pem = { certificate_pem: leaf.certPem, private_key_pem: leaf.keyPem };
    const { id: certificateId, uri } = await scene.create("tls_certificates", pem);
    const certificate_management_policy = { authority: "letsencrypt", private_key_type: "rsa" };
    const { id } = await scene.create("reserved_domains", { domain: "tls.example.com", certificate_management_policy });
    const path = `/reserved_domains/${id}`;
    const attached = await scene.call("PATCH", path, { body: { certificate_id: certificateId } });
    expect(attached.json).toMatchObject({
      certificate: { id: certificateId, uri },
      certificate_management_policy: null,
    });
    const both = { certificate_id: certificateId, certificate_management_policy };
    expect(await failure(path, both, "PATCH")).toEqual([400, "ERR_NGROK_434"]);
    expect((await scene.call("DELETE", `${path}/certificate`)).status).toBe(204);
    expect((await scene.call("GET", path)).json["certificate"]).toBeNull();
    const managed = await scene.call("PATCH", path, { body: { certificate_management_policy } });
    expect(managed.json["certificate_management_policy"]).toEqual(certificate_management_policy);
    expect((await scene.call("DELETE", `${path}/certificate_management_policy`)).status).toBe(204);
    expect((await scene.call("GET", path)).json["certificate_management_policy"]).toBeNull();
  });
});

test("POST /reserved_addrs gives addresses of the edge until there are none", async () => {
  await using own = await ManagementScene.open();
  const addrs: string[] = [];
  for (let count = 0; count < 3; count++) addrs.push(String((await own.create("reserved_addrs", {}))["addr"]));
  expect(addrs.toSorted((a, b) => a.localeCompare(b))).toEqual([
    "tcp.e.test:20000",
    "tcp.e.test:20001",
    "tcp.e.test:20002",
  ]);
  const { status, json } = await own.call("POST", "/reserved_addrs", { body: {} });
  expect([status, json["error_code"]]).toEqual([400, "ERR_NGROK_503"]);
});

test("POST /reserved_addrs keeps the limit of the account, whoever else has some", async () => {
  await using own = await ManagementScene.open({ limits: { ...NO_LIMITS, reservedAddrs: 1 } });
  const { id } = await own.create("reserved_addrs", {});
  await own.create("reserved_addrs", {}, own.other);
  const refused = await own.call("POST", "/reserved_addrs", { body: {} });
  expect([refused.status, refused.json["error_code"]]).toEqual([400, "ERR_NGROK_508"]);
  await own.call("DELETE", `/reserved_addrs/${id}`);
  expect((await own.call("POST", "/reserved_addrs", { body: {} })).status).toBe(201);
});

describe("IP policies", () => {
  test("POST /ip_policies takes no action", async () => {
    expect(await failure("/ip_policies", { action: "allow" })).toEqual([400, "ERR_NGROK_1423"]);
  });

  test.each([
    [{ cidr: "10.0.0.1/8", action: "allow" }, 400, "ERR_NGROK_1409"],
    [{ cidr: "10.0.0.1", action: "allow" }, 400, "ERR_NGROK_1413"],
    [{ cidr: "ten", action: "allow" }, 400, "ERR_NGROK_362"],
    [{ cidr: "10.0.0.0/8", action: "both" }, 400, "ERR_NGROK_1422"],
    [{ cidr: "10.0.0.0/8", action: "allow", ip_policy_id: "ipp_1" }, 404, undefined],
  ])("POST /ip_policy_rules refuses %j", async (fields, status, code) => {
    expect(await failure("/ip_policy_rules", { ip_policy_id: await policy(), ...fields })).toEqual([status, code]);
  });

  test("POST /ip_policy_rules refuses a network that the policy has, and takes it for another policy", async () => {
    const rule = { ip_policy_id: await policy(), cidr: "10.0.0.0/8", action: "allow" };
    await scene.create("ip_policy_rules", rule);
    expect(await failure("/ip_policy_rules", rule)).toEqual([409, "ERR_NGROK_1408"]);
    await scene.create("ip_policy_rules", { ...rule, ip_policy_id: await policy() });
  });

  test("/ip_restrictions are one of a type, each with a policy, which then stays", async () => {
    const id = await policy();
    const { id: restriction } = await scene.create("ip_restrictions", { type: "agent", ip_policy_ids: [id] });
    const second = { type: "agent", ip_policy_ids: [id] };
    expect(await failure("/ip_restrictions", second)).toEqual([409, "ERR_NGROK_1802"]);
    expect(await failure("/ip_restrictions", { type: "dashboard" })).toEqual([400, "ERR_NGROK_1804"]);
    expect(await failure("/ip_restrictions", { type: "x", ip_policy_ids: [id] })).toEqual([400, "ERR_NGROK_215"]);
    const inUse = await scene.call("DELETE", `/ip_policies/${id}`);
    expect([inUse.status, inUse.json["error_code"]]).toEqual([409, "ERR_NGROK_1420"]);
    await scene.call("DELETE", `/ip_restrictions/${restriction}`);
    expect((await scene.call("DELETE", `/ip_policies/${id}`)).status).toBe(204);
  });

  test("IP policies, their rules and those of a restriction are only so many", async () => {
    await using own = await ManagementScene.open();
    const made = { accountId: own.one.id, createdAt: now, description: "", metadata: "" };
    const policyIds = Array.from({ length: MAX_POLICIES_OF_ACCOUNT - 1 }, () => newId("ipp", now));
    const [policyId = ""] = policyIds;
    await own.store.change({ kind: "operator", id: "test" }, async (transaction) => {
      for (const id of policyIds) await transaction.insert("ipPolicy", { ...made, id });
      for (let count = 1; count < MAX_RULES_OF_POLICY; count++) {
        const cidr = `10.${count >> 8}.${count & 255}.0/24`;
        await transaction.insert("ipPolicyRule", { ...made, id: newId("ipr", now), policyId, cidr, action: "allow" });
      }
    });
    const codeOf = async (path: string, body: object): Promise<unknown> =>
      (await own.call("POST", path, { body })).json["error_code"];
    await own.create("ip_policies", {});
    expect(await codeOf("/ip_policies", {})).toBe("ERR_NGROK_1410");
    const rule = { ip_policy_id: policyId, action: "allow" };
    await own.create("ip_policy_rules", { ...rule, cidr: "192.0.2.0/24" });
    expect(await codeOf("/ip_policy_rules", { ...rule, cidr: "198.51.100.0/24" })).toBe("ERR_NGROK_1411");
    const wished = { type: "agent", ip_policy_ids: policyIds.slice(0, MAX_POLICIES_OF_RESTRICTION + 1) };
    expect(await codeOf("/ip_restrictions", wished)).toBe("ERR_NGROK_1800");
    await own.create("ip_restrictions", { ...wished, ip_policy_ids: wished.ip_policy_ids.slice(1) });
    expect((await own.call("POST", "/ip_policies", { body: {}, account: own.other })).status).toBe(201);
  });
});

describe("certificates", () => {
  test("POST /tls_certificates tells what the certificate says, and never its key", async () => {
    const made = await scene.create("tls_certificates", {
      certificate_pem: leaf.certPem,
      private_key_pem: leaf.keyPem,
    });
    expect(made).toMatchObject({
      subject_alternative_names: {
        dns_names: ["brought.example"],
        ips: ["192.0.2.7"],
      },
      issuer_common_name: "Test authority",
      private_key_type: "ecdsa",
      issued_at: null,
      key_usages: ["digitalSignature"],
      extended_key_usages: ["serverAuth"],
    });
    expect(JSON.stringify(made)).not.toContain("PRIVATE KEY");
    const record = await scene.store.get("tlsCertificate", made.id);
    const opened = scene.store.secrets.open(record?.sealedKey ?? new Uint8Array(), made.id);
    expect(opened).toContain("BEGIN PRIVATE KEY");
  });

  const encrypted = leaf.keyPem.replaceAll("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
  test.each([
    ["no certificate", leaf.keyPem, leaf.keyPem, "ERR_NGROK_1922"],
    ["a damaged certificate", leaf.certPem.replace(/\nM/, "\nX"), leaf.keyPem, "ERR_NGROK_1900"],
    ["no key", leaf.certPem, leaf.certPem, "ERR_NGROK_1903"],
    ["a damaged key", leaf.certPem, leaf.keyPem.replace(/\nM/, "\nX"), "ERR_NGROK_1903"],
    ["an encrypted key", leaf.certPem, encrypted, "ERR_NGROK_1902"],
    ["another key", leaf.certPem, ca.keyPem, "ERR_NGROK_1923"],
    ["a chain of strangers", leaf.certPem + leaf.certPem, leaf.keyPem, "ERR_NGROK_1926"],
    ["too much", leaf.certPem + "x".repeat(65_536), leaf.keyPem, "ERR_NGROK_1921"],
  ])("POST /tls_certificates refuses %s", async (_, certificate_pem, private_key_pem, code) => {
    expect(await failure("/tls_certificates", { certificate_pem, private_key_pem })).toEqual([400, code]);
  });

  test.each([
    ["a leaf", leaf.certPem, "ERR_NGROK_1913"],
    ["two of them", ca.certPem + ca.certPem, "ERR_NGROK_1912"],
  ])("POST /certificate_authorities refuses %s", async (_, ca_pem, code) => {
    expect(await failure("/certificate_authorities", { ca_pem })).toEqual([400, code]);
  });
});

describe("what is online", () => {
  test("GET /tunnels, /tunnel_sessions and /endpoints show an agent that is online", async () => {
    const { session, endpoint } = await scene.bringOnline();
    const suffix = endpoint.id.slice("ep_".length);
    const tunnel = await scene.call("GET", `/tunnels/tn_${suffix}`);
    expect(tunnel.json).toEqual({
      id: `tn_${suffix}`,
      public_url: "https://a.e.test",
      started_at: tunnel.json["started_at"],
      proto: "https",
      region: "us",
      metadata: "mine",
      forwards_to: "http://localhost:80",
      tunnel_session: {
        id: session.id,
        uri: `${API_URL}/tunnel_sessions/${session.id}`,
      },
      endpoint: {
        id: endpoint.id,
        uri: `${API_URL}/endpoints/${endpoint.id}`,
      },
    });
    const { json } = await scene.call("GET", "/tunnels");
    expect(json).toEqual({ tunnels: [tunnel.json], uri: `${API_URL}/tunnels`, next_page_uri: null });
    const found = await scene.call("GET", `/tunnel_sessions/${session.id}`);
    expect(found.json).toMatchObject({ agent_version: "3.39.0", transport: "ngrok/2", metadata: "m", os: "linux" });
    expect((await scene.call("GET", "/tunnel_sessions")).json["tunnel_sessions"]).toEqual([found.json]);
    const shown = await scene.call("GET", `/endpoints/${endpoint.id}`);
    expect(shown.json).toMatchObject({
      type: "ephemeral",
      hostport: "a.e.test:443",
      scheme: "https",
      bindings: ["public"],
      pooling_enabled: false,
      tunnel: {
        id: `tn_${suffix}`,
        uri: `${API_URL}/tunnels/tn_${suffix}`,
      },
    });
    expect((await scene.call("DELETE", `/endpoints/${endpoint.id}`)).status).toBe(400);
  });

  test.each(["stop", "restart", "update"])("POST /tunnel_sessions/{id}/%s tells the agent", async (command) => {
    const { session } = await scene.bringOnline();
    const answer = await scene.call("POST", `/tunnel_sessions/${session.id}/${command}`, {
      body: command === "update" ? { id: session.id, version: "3.40.0" } : {},
    });
    expect(answer.status).toBe(204);
    expect(scene.commands.at(-1)).toBe(`${command} ${session.id}${command === "update" ? " 3.40.0" : ""}`);
  });

  test("POST /tunnels tells the agent that is named, and answers as GET does", async () => {
    await using own = await ManagementScene.open();
    await own.bringOnline();
    const { session, endpoint } = await own.bringOnline();
    const definition = { name: "web", proto: "http", addr: 80, basic_auth: ["ann:a-good-password"] };
    const body = { ...definition, metadata: null, tunnel_session_id: session.id };
    const answer = await own.call("POST", "/tunnels", { body });
    expect([answer.status, own.commands]).toEqual([201, [`start ${session.id} ${JSON.stringify(definition)}`]]);
    const id = endpoint.id.replace("ep_", "tn_");
    expect(answer.json).toEqual((await own.call("GET", `/tunnels/${id}`)).json);
  });

  test("POST /tunnels needs no name of an agent while one alone is online, and asks for it otherwise", async () => {
    await using own = await ManagementScene.open();
    const body = { proto: "http", addr: 80 };
    const failureOf = async (more: object = {}): Promise<readonly unknown[]> => {
      const { status, json } = await own.call("POST", "/tunnels", { body: { ...body, ...more } });
      return [status, json["error_code"]];
    };
    expect(await failureOf()).toEqual([400, "ERR_GINNEL_WHICH_AGENT"]);
    const { session } = await own.bringOnline();
    expect(await failureOf()).toEqual([201, undefined]);
    expect(own.commands).toEqual([`start ${session.id} ${JSON.stringify(body)}`]);
    await own.bringOnline();
    expect(await failureOf()).toEqual([400, "ERR_GINNEL_WHICH_AGENT"]);
    const stranger = await own.bringOnline(own.other);
    expect(await failureOf({ tunnel_session_id: stranger.session.id })).toEqual([404, undefined]);
    expect(await failureOf({ tunnel_session_id: "ts_x" })).toEqual([404, undefined]);
    expect(await failureOf({ shell: "rm" })).toEqual([400, "ERR_NGROK_214"]);
    expect(await failureOf({ proto: "udp" })).toEqual([400, "ERR_NGROK_215"]);
    expect(own.commands.length).toBe(1);
  });

  test("GET /endpoints shows cloud endpoints and those of agents together, by page", async () => {
    await using own = await ManagementScene.open();
    const ids: string[] = [];
    for (const host of ["a", "b"]) {
      ids.unshift((await own.create("endpoints", { url: `${host}1.e.test`, traffic_policy: CLOUD_POLICY })).id);
      ids.unshift((await own.bringOnline()).endpoint.id);
    }
    const first = (await own.call("GET", "/endpoints?limit=3")).json;
    const next = String(first["next_page_uri"]).slice(API_URL.length);
    const second = (await own.call("GET", next)).json;
    expect([first["endpoints"], second["endpoints"]].flatMap(idsOf)).toEqual(ids);
    expect(second["next_page_uri"]).toBeNull();
    const filtered = async (filter: string) =>
      idsOf((await own.call("GET", `/endpoints?filter=${encodeURIComponent(filter)}`)).json["endpoints"]);
    const agents = ids.filter((_, index) => index % 2 === 0);
    const clouds = ids.filter((_, index) => index % 2 === 1);
    for (const word of ["agent", "ephemeral"]) {
      expect(await filtered(`obj.type == "${word}"`)).toEqual(agents);
      expect(await filtered(`obj.type != "${word}"`)).toEqual(clouds);
    }
    expect(await filtered('obj.type == "cloud"')).toEqual(clouds);
  });
});

describe("cloud endpoints", () => {
  test.each([
    [{ url: "https://a.b.e.test" }, 400, "ERR_NGROK_354"],
    [{ url: "https://a.example.com" }, 400, "ERR_NGROK_319"],
    [{ url: "https://*.e.test" }, 400, "ERR_NGROK_321"],
    [{ url: "https://api.e.test" }, 400, "ERR_NGROK_320"],
    [{ url: "tcp://e.test:1", traffic_policy: "on_tcp_connect: [{actions: [{type: deny}]}]" }, 400, "ERR_NGROK_307"],
    [{ url: "tcp://" }, 400, "ERR_NGROK_215"],
    [{ url: "https://x.e.test:8443" }, 400, "ERR_GINNEL_PUBLIC_PORT"],
    [{ url: "https://x.internal", bindings: ["public"] }, 400, "ERR_NGROK_215"],
    [{ url: "https://a.b.c.d.e.f.internal" }, 400, "ERR_GINNEL_INTERNAL_URL"],
    [{ url: "" }, 400, "ERR_NGROK_215"],
    [{ url: "ftp://x.e.test" }, 400, "ERR_NGROK_215"],
    [{ url: "https://x.e.test", type: "agent" }, 400, "ERR_NGROK_215"],
    [{ url: "https://x.e.test", bindings: ["internal"] }, 400, "ERR_NGROK_215"],
  ])("POST /endpoints refuses %j", async (body, status, code) => {
    expect(await failure("/endpoints", { traffic_policy: CLOUD_POLICY, ...body })).toEqual([status, code]);
  });

  test.each([
    ["none", "", "ERR_NGROK_2235"],
    ["one that ends in nothing", "on_http_request: []", "ERR_NGROK_2235"],
    ["an unknown action", "on_http_request: [{actions: [{type: dance}]}]", "ERR_NGROK_2201"],
    ["an expression", "on_http_request: [{expressions: ['true'], actions: [{type: deny}]}]", "ERR_NGROK_2200"],
    ["no YAML", "{", "ERR_NGROK_2236"],
    ["more than an endpoint can be bound with", "#".repeat(MAX_POLICY_BYTES + 1), "ERR_NGROK_215"],
  ])("POST /endpoints refuses a traffic policy: %s", async (_, traffic_policy, code) => {
    expect(await failure("/endpoints", { url: "https://policy.e.test", traffic_policy })).toEqual([400, code]);
  });

  test.each(["PATCH", "DELETE"])("%s /endpoints/{id} says that an endpoint is an agent's", async (method) => {
    const { endpoint } = await scene.bringOnline();
    const options = method === "PATCH" ? { body: { description: "x" } } : {};
    const answer = await scene.call(method, `/endpoints/${endpoint.id}`, options);
    expect([answer.status, answer.json["error_code"]]).toEqual([400, "ERR_GINNEL_AGENT_ENDPOINT"]);
    const foreign = await scene.call(method, `/endpoints/${endpoint.id}`, { ...options, account: scene.other });
    expect([foreign.status, foreign.json["error_code"]]).toEqual([404, undefined]);
  });

  test("PATCH /endpoints/{id} changes notes of one whose policy names what is gone", async () => {
    const { id: gone } = await scene.create("ip_policies", {});
    const restrict = `{type: restrict-ips, config: {ip_policies: [${gone}]}}`;
    const traffic_policy = `on_http_request: [{actions: [${restrict}, {type: deny}]}]`;
    const { id } = await scene.create("endpoints", { url: "https://noted.e.test", traffic_policy });
    await scene.store.change({ kind: "operator", id: "test" }, (transaction) => transaction.remove("ipPolicy", gone));
    const noted = await scene.call("PATCH", `/endpoints/${id}`, { body: { description: "noted" } });
    expect(noted.json).toMatchObject({ description: "noted", traffic_policy });
    const settled = await scene.call("PATCH", `/endpoints/${id}`, { body: { pooling_enabled: true } });
    expect(settled.json["error_code"]).toBe("ERR_NGROK_2216");
  });

  test("POST /endpoints takes IP policies of the account in a traffic policy, and of no other", async () => {
    const using = (id: string) =>
      `on_http_request: [{actions: [{type: restrict-ips, config: {ip_policies: [${id}]}}, {type: deny}]}]`;
    const { id: foreign } = await scene.create("ip_policies", {}, scene.other);
    const body = { url: "https://restricted.e.test", traffic_policy: using(foreign) };
    expect(await failure("/endpoints", body)).toEqual([400, "ERR_NGROK_2216"]);
    await scene.create("endpoints", { ...body, traffic_policy: using(await policy()) });
  });

  test("POST /endpoints refuses a URL that an endpoint has, unless both are pooled", async () => {
    await scene.create("endpoints", { url: "https://once.e.test", traffic_policy: CLOUD_POLICY });
    expect(await failure("/endpoints", { url: "https://once.e.test", traffic_policy: CLOUD_POLICY })).toEqual([
      409,
      "ERR_NGROK_334",
    ]);
    const again = await scene.call("POST", "/endpoints", {
      body: { url: "https://once.e.test", traffic_policy: CLOUD_POLICY },
    });
    expect(String(again.json["msg"])).toContain("cloud endpoint");
    const pooled = { url: "https://pooled.e.test", pooling_enabled: true, traffic_policy: CLOUD_POLICY };
    await scene.create("endpoints", pooled);
    await scene.create("endpoints", pooled);
    expect(await failure("/endpoints", { ...pooled, pooling_enabled: false })).toEqual([409, "ERR_NGROK_334"]);
  });

  test("POST /endpoints gives each account internal names of its own", async () => {
    const service = { url: "https://service.internal", traffic_policy: CLOUD_POLICY };
    expect(await scene.create("endpoints", service)).toMatchObject({ bindings: ["internal"] });
    expect(await scene.create("endpoints", service, scene.other)).toMatchObject({ url: service.url });
  });
});

test("GET /account tells name and limits, and GET / what there is", async () => {
  const account = await scene.call("GET", "/account");
  expect(account.json).toMatchObject({ id: scene.one.id, limits: { sessions: null, bytes_per_second: null } });
  const root = await scene.call("GET", "/");
  expect(root.json["resources"]).toMatchObject({ tunnels: `${API_URL}/tunnels`, account: `${API_URL}/account` });
});

function idsOf(list: unknown): readonly unknown[] {
  return Array.isArray(list) ? list.map((record: { readonly id: unknown }) => record.id) : [];
}
