/** The npm package `@ngrok/ngrok-api` 0.11.0 against the management API: every method of every resource that we have. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { WINDOW_MS } from "../../src/edge/management/call-limit.ts";
import { RESOURCES } from "../../src/edge/management/resource-table.ts";
import { createCa, issueLeaf } from "../../src/pki/issued-certificate.ts";
import { ManagementScene } from "../support/management-scene.ts";
import { type NpmApiFailure, NpmNgrokApi } from "../support/npm-ngrok-api.ts";

/** A process is started and a machine may be busy; nothing here measures time. */
const LONG_MS = 60_000;

const ca = await createCa("Theirs", new Date());
const leaf = await issueLeaf(ca, ["x.example"], new Date());

let scene: ManagementScene;
let api: NpmNgrokApi;
let server: Bun.Server<undefined>;
/** Names of services of which a method was called, and of the methods. */
const called = new Set<string>();

beforeAll(async () => {
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => scene.app.fetch(request, { ip: "127.0.0.1" }),
  });
  const baseUrl = `http://127.0.0.1:${server.port}`;
  scene = await ManagementScene.open({ baseUrl });
  api = NpmNgrokApi.start(baseUrl, scene.one.key);
}, LONG_MS);
beforeEach(() => scene.clock.advance(WINDOW_MS));
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await server.stop(true);
  await scene[Symbol.asyncDispose]();
}, LONG_MS);

interface Found {
  readonly id: string;
  readonly uri: string;
}

async function call<T = Found>(service: string, method: string, ...args: readonly unknown[]): Promise<T> {
  called.add(`${service}.${method}`);
  return (await api.call(service, method, ...args)) as T; // in the package's own types
}

/** The package takes an answer without a body for broken JSON, whoever the server is. 204 without a body it has to be (clients.md K-165). */
async function bodyless(service: string, method: string, ...args: readonly unknown[]): Promise<void> {
  called.add(`${service}.${method}`);
  expect((await failure(service, method, ...args)).name).toBe("SyntaxError");
}

function failure(service: string, method: string, ...args: readonly unknown[]): Promise<NpmApiFailure> {
  return api.failureOf(service, method, ...args);
}

const policy = async (): Promise<string> => (await call("ipPolicies", "create", {})).id;
const certificate = { certificatePem: leaf.certPem, privateKeyPem: leaf.keyPem };

/** What each service makes, in the package's spelling, and what it shows of that. */
const MADE: readonly (readonly [service: string, create: () => Promise<object>, shown: object])[] = [
  ["credentials", async () => ({ acl: ["bind:*.example.com"] }), { acl: ["bind:*.example.com"], token: null }],
  ["apiKeys", async () => ({ ownerId: null }), { token: null }],
  ["reservedDomains", async () => ({ domain: "npm.example.com" }), { domain: "npm.example.com", certificate: null }],
  [
    "reservedAddrs",
    async () => ({ region: "us" }),
    { region: "us", addr: expect.stringMatching(/^tcp\.e\.test:2000\d$/) },
  ],
  ["ipPolicies", async () => ({}), {}],
  [
    "ipPolicyRules",
    async () => ({ cidr: "10.0.0.0/8", ipPolicyId: await policy(), action: "allow" }),
    { cidr: "10.0.0.0/8", action: "allow", ipPolicy: { id: expect.stringMatching(/^ipp_/), uri: expect.any(String) } },
  ],
  [
    "ipRestrictions",
    async () => ({ type: "dashboard", enforced: true, ipPolicyIds: [await policy()] }),
    { type: "dashboard", enforced: true },
  ],
  ["tlsCertificates", async () => certificate, { subjectAlternativeNames: { dnsNames: ["x.example"], ips: [] } }],
  ["certificateAuthorities", async () => ({ caPem: ca.certPem }), { subjectCommonName: "Theirs", caPem: ca.certPem }],
];

describe("npm @ngrok/ngrok-api", () => {
  test.each(MADE)(
    "npm @ngrok/ngrok-api creates, gets, lists, updates and deletes with %s",
    async (service, create, shown) => {
      const made = await call(service, "create", { description: "mine", ...(await create()) });
      const found = await call(service, "get", made.id);
      expect(found).toMatchObject({ id: made.id, uri: made.uri, description: "mine", metadata: "", ...shown });
      expect(await call<Found[]>(service, "list")).toContainEqual(found);
      const updated = await call<object>(service, "update", { id: made.id, metadata: "{}", description: null });
      expect(updated).toEqual({ ...found, metadata: "{}" });
      await bodyless(service, "delete", made.id);
      expect(await failure(service, "get", made.id)).toMatchObject({ statusCode: 404, msg: "Resource not found" });
    },
    LONG_MS,
  );

  test(
    "npm @ngrok/ngrok-api takes certificate and policy away from a domain",
    async () => {
      const { id: certificateId } = await call("tlsCertificates", "create", certificate);
      const { id } = await call("reservedDomains", "create", { domain: "tls.example.com", certificateId });
      expect(await call("reservedDomains", "get", id)).toMatchObject({ certificate: { id: certificateId } });
      await bodyless("reservedDomains", "deleteCertificate", id);
      expect(await call("reservedDomains", "get", id)).toMatchObject({ certificate: null });
      const certificateManagementPolicy = { authority: "letsencrypt", privateKeyType: "ecdsa" };
      const managed = await call("reservedDomains", "update", { id, certificateManagementPolicy });
      expect(managed).toMatchObject({ certificateManagementPolicy });
      await bodyless("reservedDomains", "deleteCertificateManagementPolicy", id);
      expect(await call("reservedDomains", "get", id)).toMatchObject({ certificateManagementPolicy: null });
    },
    LONG_MS,
  );

  test(
    "npm @ngrok/ngrok-api shows what is online, and stops, restarts and updates agents",
    async () => {
      const { session, endpoint } = await scene.bringOnline();
      const tunnelId = endpoint.id.replace("ep_", "tn_");
      const tunnel = await call("tunnels", "get", tunnelId);
      expect(tunnel).toMatchObject({ id: tunnelId, publicUrl: "https://a.e.test", tunnelSession: { id: session.id } });
      expect(await call<object>("tunnels", "list")).toEqual([tunnel]);
      const shown = await call("endpoints", "get", endpoint.id);
      expect(shown).toMatchObject({ hostport: "a.e.test:443", type: "ephemeral", tunnel: { id: tunnelId } });
      expect(await call<object>("endpoints", "list")).toEqual([shown]);
      const found = await call("tunnelSessions", "get", session.id);
      expect(found).toMatchObject({ agentVersion: "3.39.0", os: "linux", transport: "ngrok/2" });
      expect(await call<object>("tunnelSessions", "list")).toEqual([found]);
      await bodyless("tunnelSessions", "stop", session.id);
      await bodyless("tunnelSessions", "restart", session.id);
      await bodyless("tunnelSessions", "update", { id: session.id });
      expect(scene.commands).toEqual([`stop ${session.id}`, `restart ${session.id}`, `update ${session.id} `]);
    },
    LONG_MS,
  );

  test(
    "npm @ngrok/ngrok-api follows a list over its pages",
    async () => {
      const before = await call<Found[]>("ipPolicies", "list");
      const made = [await policy(), await policy(), await policy(), await policy(), await policy()].toReversed();
      const ids = (await call<Found[]>("ipPolicies", "list", "", "2")).map(({ id }) => id);
      expect(ids).toEqual([...made, ...before.map(({ id }) => id)]);
      const older = (await call<Found[]>("ipPolicies", "list", made[1], "2")).map(({ id }) => id);
      expect(older).toEqual(ids.slice(2));
    },
    LONG_MS,
  );

  test(
    "npm @ngrok/ngrok-api reads errors with their code, text and operation",
    async () => {
      expect(await failure("apiKeys", "get", "1000")).toEqual({
        errorCode: "ERR_NGROK_222",
        statusCode: 404,
        msg: "The API Key resource identified by '1000' could not be found because the identifier is not a valid identifier.",
        details: {
          operationId: expect.stringMatching(/^op_/),
          hint: expect.any(String),
        },
      });
      const domain = { domain: "twice.example.com" };
      await call("reservedDomains", "create", domain);
      expect(await failure("reservedDomains", "create", domain)).toMatchObject({
        errorCode: "ERR_NGROK_413",
        statusCode: 409,
        msg: expect.stringContaining("domain is already reserved"),
      });
      await using stranger = NpmNgrokApi.start(`http://127.0.0.1:${server.port}`, "nobody");
      expect(await stranger.failureOf("apiKeys", "list")).toMatchObject({
        errorCode: "ERR_NGROK_202",
        statusCode: 401,
      });
    },
    LONG_MS,
  );

  test("npm @ngrok/ngrok-api was asked for every call of every resource, but for those that it does not have", () => {
    const ours = RESOURCES.flatMap(({ path, actions }) => actions.map(({ name }) => `${camel(path)}.${camel(name)}`));
    const missing = ours.filter((method) => !called.has(method));
    expect(missing).toEqual(["tunnels.create", "endpoints.create", "endpoints.update", "endpoints.delete"]);
    expect([...called].filter((method) => !ours.includes(method))).toEqual([]);
  });
});

/** `ip_policy_rules` is `ipPolicyRules` there. */
function camel(name: string): string {
  return name.replace(/[-_](\w)/g, (_, letter: string) => letter.toUpperCase());
}
