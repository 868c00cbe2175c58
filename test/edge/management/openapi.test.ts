/** The description of the management API, judged by somebody else's validator and held against what is served. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { z } from "zod";
import { accountAction, rootAction } from "../../../src/edge/management/about-resources.ts";
import { WINDOW_MS } from "../../../src/edge/management/call-limit.ts";
import { RESOURCES } from "../../../src/edge/management/resource-table.ts";
import { createCa, issueLeaf } from "../../../src/pki/issued-certificate.ts";
import { CLOUD_POLICY, ManagementScene } from "../../support/management-scene.ts";

let scene: ManagementScene;
beforeAll(async () => {
  scene = await ManagementScene.open();
});
beforeEach(() => scene.clock.advance(WINDOW_MS));
afterAll(() => scene[Symbol.asyncDispose]());

const METHODS = new Set(["GET", "POST", "PATCH", "DELETE"]);

describe("GET /openapi.json", () => {
  test("GET /openapi.json is a valid document of OpenAPI 3.1, without a key", async () => {
    const { status, json } = await scene.call("GET", "/openapi.json", { headers: { Authorization: undefined } });
    expect(status).toBe(200);
    const validator = new Validator();
    expect(await validator.validate(z.record(z.string(), z.unknown()).parse(json))).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
  });

  test("GET /openapi.json describes every call that is served, and no other", async () => {
    const { json } = await scene.call("GET", "/openapi.json");
    const paths = z.record(z.string(), z.record(z.string(), z.unknown())).parse(json["paths"]);
    const described = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).flatMap((key) => (key === "parameters" ? [] : [`${key.toUpperCase()} ${path}`])),
    );
    const served = scene.app.routes
      .filter(({ method, path }) => METHODS.has(method) && path !== "/openapi.json")
      .map(({ method, path }) => `${method} ${path.replace(":id", "{id}")}`);
    expect(described.toSorted()).toEqual(served.toSorted());
    expect(served.length).toBeGreaterThan(50);
  });
});

describe("answers are as they are described", () => {
  test("answers of each resource, one by one and as lists, have the fields that are described and no others", async () => {
    const ca = await createCa("Test", new Date());
    const leaf = await issueLeaf(ca, ["x.example"], new Date());
    const { id: ip_policy_id } = await scene.create("ip_policies", {});
    const bodies: Readonly<Record<string, object>> = {
      credentials: { acl: ["*"], owner_id: "usr_1" },
      api_keys: {},
      reserved_domains: { domain: "x.example.com", certificate_management_policy: {} },
      reserved_addrs: {},
      ip_policies: {},
      ip_policy_rules: { ip_policy_id, cidr: "::/0", action: "allow" },
      ip_restrictions: { type: "agent", ip_policy_ids: [ip_policy_id] },
      tls_certificates: { certificate_pem: leaf.certPem, private_key_pem: leaf.keyPem },
      certificate_authorities: { ca_pem: ca.certPem },
      endpoints: { url: "https://x.e.test", traffic_policy: CLOUD_POLICY },
    };
    await scene.bringOnline();
    for (const { path, listKey, actions } of RESOURCES) {
      const create = actions.find(({ name }) => name === "create");
      if (create !== undefined) expectFit(create.answer, await scene.create(path, bodies[path] ?? {}));
      const list = (await scene.call("GET", `/${path}`)).json;
      expectFit(actions.find(({ name }) => name === "list")?.answer, list);
      const [first] = z.array(z.looseObject({ id: z.string() })).parse(list[listKey]);
      const one = await scene.call("GET", `/${path}/${first?.id}`);
      expectFit(actions.find(({ name }) => name === "get")?.answer, one.json);
    }
    expectFit(accountAction.answer, (await scene.call("GET", "/account")).json);
    expectFit(rootAction.answer, (await scene.call("GET", "/")).json);
  });
});

/** Parsing leaves out what a schema does not know, so nothing may be missing afterwards. */
function expectFit(schema: z.ZodObject | undefined, json: unknown): void {
  expect(schema?.parse(json)).toEqual(z.record(z.string(), z.unknown()).parse(json));
}
