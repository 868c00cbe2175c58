import { afterEach, describe, expect, spyOn, test } from "bun:test";
import { CloudPolicy } from "../../../src/edge/management/cloud-policy.ts";
import { parseEndpointAddress } from "../../../src/model/endpoint-address.ts";
import { createCa } from "../../../src/pki/issued-certificate.ts";
import type { Transaction } from "../../../src/store/store.ts";
import { CLOUD_POLICY, ManagementScene } from "../../support/management-scene.ts";

const ca = await createCa("Test authority", new Date());
const ADDRESS = parseEndpointAddress("https://a.e.test");
const OPERATOR = { kind: "operator", id: "test" } as const;

const scenes: ManagementScene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene[Symbol.asyncDispose]();
});

async function opened(): Promise<ManagementScene> {
  const scene = await ManagementScene.open();
  scenes.push(scene);
  return scene;
}

const deny = { type: "deny" };
const restrict = (id: string) => ({
  on_http_request: [{ actions: [{ type: "restrict-ips", config: { ip_policies: [id] } }, deny] }],
});
const terminate = (id: string) => ({
  on_tcp_connect: [{ actions: [{ type: "terminate-tls", config: { mutual_tls_certificate_authorities: [id] } }] }],
  on_http_request: [{ actions: [deny] }],
});

async function rejection(work: Promise<unknown>): Promise<unknown> {
  const [settled] = await Promise.allSettled([work]);
  return settled?.status === "rejected" ? settled.reason : undefined;
}

/** Another change comes between. */
function beforeNextChange({ store }: ManagementScene, work: (transaction: Transaction) => Promise<unknown>): void {
  const change = store.change.bind(store);
  spyOn(store, "change").mockImplementationOnce(async (actor, own) => {
    await change(OPERATOR, work);
    return change(actor, own);
  });
}

const NAMED = [
  ["ip_policies", "ipPolicy", {}, restrict, "ERR_NGROK_2216"],
  ["certificate_authorities", "certificateAuthority", { ca_pem: ca.certPem }, terminate, "ERR_NGROK_2203"],
] as const;

describe("CloudPolicy", () => {
  test.each(NAMED)("CloudPolicy needs the %s that it names until it is kept", async (...named) => {
    const [path, type, fields, policyWith, code] = named;
    const scene = await opened();
    const { id } = await scene.create(path, fields);
    const text = JSON.stringify(policyWith(id));
    const own = { accountId: scene.one.id, reader: scene.store };
    const foreign = { accountId: scene.other.id, reader: scene.store };
    const policy = await CloudPolicy.read(text, ADDRESS, own);
    await policy.refuseMissing(own);
    const refusal = expect.objectContaining({ code, message: expect.stringContaining(id) });
    expect(await rejection(CloudPolicy.read(text, ADDRESS, foreign))).toEqual(refusal);
    await scene.store.change(OPERATOR, (transaction) => transaction.remove(type, id));
    expect(await rejection(policy.refuseMissing(own))).toEqual(refusal);
  });

  test("CloudPolicy is that of its text, at addresses of its kind", async () => {
    const { one, store } = await opened();
    const policy = await CloudPolicy.read(CLOUD_POLICY, ADDRESS, { accountId: one.id, reader: store });
    const isAt = (url: string, text = CLOUD_POLICY): boolean => policy.isOf(text, parseEndpointAddress(url));
    expect([isAt("https://b.e.test"), isAt("https://a.e.test", `${CLOUD_POLICY} `)]).toEqual([true, false]);
    expect([isAt("http://a.e.test"), isAt("tls://a.e.test"), isAt("https://a.internal")]).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe("the policy of a cloud endpoint", () => {
  test("is read before the change, which others wait for", async () => {
    const scene = await opened();
    const { id } = await scene.create("endpoints", { url: "https://a.e.test", traffic_policy: CLOUD_POLICY });
    using change = spyOn(scene.store, "change");
    const traffic_policy = "on_http_request: [{actions: [{type: dance}]}]";
    const made = await scene.call("POST", "/endpoints", { body: { url: "https://b.e.test", traffic_policy } });
    const changed = await scene.call("PATCH", `/endpoints/${id}`, { body: { traffic_policy } });
    expect([made, changed].map(({ json }) => json["error_code"])).toEqual(["ERR_NGROK_2201", "ERR_NGROK_2201"]);
    expect(change).not.toHaveBeenCalled();
  });

  test.each(NAMED)("is refused when the %s that it names are gone by then", async (...named) => {
    const [path, type, fields, policyWith, code] = named;
    const scene = await opened();
    const { id } = await scene.create(path, fields);
    beforeNextChange(scene, (transaction) => transaction.remove(type, id));
    const body = { url: "https://a.e.test", traffic_policy: JSON.stringify(policyWith(id)) };
    expect((await scene.call("POST", "/endpoints", { body })).json["error_code"]).toBe(code);
  });

  test("is read again where the endpoint has another one by then", async () => {
    const scene = await opened();
    const { id } = await scene.create("endpoints", { url: "https://a.e.test", traffic_policy: CLOUD_POLICY });
    const trafficPolicy = "on_tcp_connect: [{actions: [{type: forward-internal}]}]";
    beforeNextChange(scene, (transaction) => transaction.update("cloudEndpoint", id, { trafficPolicy }));
    const pooled = await scene.call("PATCH", `/endpoints/${id}`, { body: { pooling_enabled: true } });
    expect(pooled.json["error_code"]).toBe("ERR_NGROK_2202");
  });
});
