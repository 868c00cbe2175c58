/** Which cloud endpoints the management API takes in, beside each other and beside agents. */
import { afterAll, beforeAll, describe, expect, spyOn, test } from "bun:test";
import { z } from "zod";
import { MAX_POLICY_CHARACTERS } from "../../../src/edge/sessions/bind-pace.ts";
import { NO_LIMITS } from "../../../src/model/records/account.ts";
import type { LiveEndpoint } from "../../../src/model/records/live-endpoint.ts";
import { RecordReader } from "../../../src/store/record-reader.ts";
import { CLOUD_POLICY, ManagementScene, type SceneAccount } from "../../support/management-scene.ts";

let scene: ManagementScene;
beforeAll(async () => {
  scene = await ManagementScene.open();
});
afterAll(() => scene[Symbol.asyncDispose]());

const RAW_POLICY = "on_tcp_connect: [{actions: [{type: close-connection}]}]";

type Body = Readonly<Record<string, unknown>>;

async function post(body: Body, account: SceneAccount = scene.one): Promise<unknown> {
  const { status, json } = await scene.call("POST", "/endpoints", {
    body: { traffic_policy: CLOUD_POLICY, ...body },
    account,
  });
  return status === 201 ? json["url"] : `${status} ${String(json["error_code"])}`;
}

/** What an agent has online, beside the one that {@link ManagementScene.bringOnline} brings. */
async function bringAgent(account: SceneAccount, more: Partial<LiveEndpoint>): Promise<void> {
  const { endpoint } = await scene.bringOnline(account);
  await scene.store.live.putEndpoint({ ...endpoint, ...more });
}

let names = 0;
const aName = (): string => `n${(names += 1)}`;

describe("POST /endpoints", () => {
  test.each([
    ["https", "http", false, "taken in"],
    ["https", "tls", false, "409 ERR_NGROK_334"],
    ["tls", "https", true, "409 ERR_NGROK_334"],
    ["http", "tls", false, "taken in"],
    ["http", "http", false, "409 ERR_NGROK_334"],
    ["http", "http", true, "taken in"],
  ])(
    "after an endpoint of %s, one of %s at the same name (pooled: %p) is %s",
    async (first, second, isPooled, expected) => {
      const host = `${aName()}.e.test`;
      const policyOf = (scheme: string) => ({ traffic_policy: scheme === "tls" ? RAW_POLICY : CLOUD_POLICY });
      const pooling_enabled = isPooled;
      expect(await post({ url: `${first}://${host}`, pooling_enabled, ...policyOf(first) })).toBe(`${first}://${host}`);
      const answer = await post({ url: `${second}://${host}`, pooling_enabled, ...policyOf(second) });
      expect(answer).toBe(expected === "taken in" ? `${second}://${host}` : expected);
    },
  );

  test.each([
    ["of another account", "other", { proto: "https" }, true, "409 ERR_NGROK_334"],
    ["of another account at another scheme", "other", { proto: "http" }, true, "409 ERR_NGROK_334"],
    ["of its account", "one", { proto: "https" }, false, "409 ERR_NGROK_334"],
    ["of its account that is not pooled", "one", { proto: "https" }, true, "409 ERR_NGROK_6030"],
    [
      "of its account that is pooled, without being pooled",
      "one",
      { proto: "https", isPooled: true },
      false,
      "409 ERR_NGROK_334",
    ],
    ["of its account, both pooled", "one", { proto: "https", isPooled: true }, true, "taken in"],
    ["of its account at http", "one", { proto: "http" }, false, "taken in"],
    ["of its account at tls", "one", { proto: "tls" }, true, "409 ERR_NGROK_334"],
  ] as const)("beside an agent %s is answered as it should be", async (_, owner, live, isPooled, expected) => {
    const host = `${aName()}.e.test`;
    await bringAgent(scene[owner], { ...live, host, url: `${live.proto}://${host}:8443` });
    const answer = await post({ url: `https://${host}`, pooling_enabled: isPooled });
    expect(answer).toBe(expected === "taken in" ? `https://${host}` : expected);
  });

  test("beside pooled ones of its account is told how to join them", async () => {
    const url = `https://${aName()}.e.test`;
    await post({ url, pooling_enabled: true });
    const { json } = await scene.call("POST", "/endpoints", { body: { url, traffic_policy: CLOUD_POLICY } });
    expect([json["error_code"], json["msg"]]).toEqual([
      "ERR_NGROK_334",
      expect.stringContaining("pooling_enabled: true"),
    ]);
  });

  test("internal names are each account's own, also beside agents", async () => {
    const host = `${aName()}.internal`;
    await bringAgent(scene.other, { proto: "https", host, port: 443, url: `https://${host}`, bindings: ["internal"] });
    expect(await post({ url: `https://${host}` })).toBe(`https://${host}`);
    expect(await post({ url: `https://${host}` }, scene.other)).toBe("409 ERR_NGROK_334");
    expect(await post({ url: `https://${host}:8443` }, scene.other)).toBe(`https://${host}:8443`);
  });

  test.each([
    [
      "a phase that internal http has not",
      { url: "http://p.internal", traffic_policy: RAW_POLICY },
      "400 ERR_NGROK_2262",
    ],
    [
      "a forward that may be left out and nothing behind it",
      {
        url: "https://f.e.test",
        traffic_policy:
          "on_http_request: [{actions: [{type: forward-internal, config: {url: 'https://a.internal', on_error: continue}}]}]",
      },
      "400 ERR_NGROK_2235",
    ],
  ])("refuses %s", async (_, body, expected) => {
    expect(await post(body)).toBe(expected);
  });

  test("a name may be written with the port that visitors use, or none", async () => {
    await using own = await ManagementScene.open({ publicPorts: { http: 8080, https: 8443 } });
    const answered = async (url: string) => {
      const { json } = await own.call("POST", "/endpoints", { body: { url, traffic_policy: CLOUD_POLICY } });
      return [json["url"] ?? json["error_code"], json["public_url"]];
    };
    expect(await answered("https://a.e.test:8443")).toEqual(["https://a.e.test:8443", "https://a.e.test:8443"]);
    expect(await answered("https://a.e.test")).toEqual(["ERR_NGROK_334", undefined]);
    expect(await answered("http://a.e.test:8080")).toEqual(["http://a.e.test:8080", "http://a.e.test:8080"]);
    expect(await answered("https://c.e.test:443")).toEqual(["https://c.e.test:8443", "https://c.e.test:8443"]);
    expect(await answered("https://b.e.test:8080")).toEqual(["ERR_GINNEL_PUBLIC_PORT", undefined]);
    expect(await answered("https://b.e.test:0")).toEqual(["ERR_NGROK_215", undefined]);
  });

  test("is shown with the port of visitors, found by it and kept without", async () => {
    await using own = await ManagementScene.open({ publicPorts: { http: 8080, https: 8443 } });
    const made = await own.create("endpoints", { url: "https://a.e.test", traffic_policy: CLOUD_POLICY });
    const shown = { url: "https://a.e.test:8443", host: "a.e.test", port: 8443, hostport: "a.e.test:8443" };
    expect(made).toMatchObject({ ...shown, public_url: shown.url, scheme: "https", proto: "https" });
    expect((await own.store.get("cloudEndpoint", made["id"]))?.url).toBe("https://a.e.test");
    const found = async (filter: string): Promise<number> => {
      const { json } = await own.call("GET", `/endpoints?filter=${encodeURIComponent(filter)}`);
      return z.array(z.unknown()).parse(json["endpoints"]).length;
    };
    expect(await found("obj.port == 8443 && obj.url == 'https://a.e.test:8443'")).toBe(1);
    expect(await found("obj.port == 443 || obj.url == 'https://a.e.test'")).toBe(0);
    const changed = await own.call("PATCH", `/endpoints/${made["id"]}`, { body: { url: shown.url } });
    expect([changed.status, changed.json["url"]]).toEqual([200, shown.url]);
  });

  test("tcp needs an address that the account has reserved", async () => {
    const { addr } = await scene.create("reserved_addrs", {});
    const { addr: foreign } = await scene.create("reserved_addrs", {}, scene.other);
    expect(await post({ url: `tcp://${String(addr)}`, traffic_policy: RAW_POLICY })).toBe(`tcp://${String(addr)}`);
    expect(await post({ url: `tcp://${String(addr)}`, traffic_policy: RAW_POLICY })).toBe("409 ERR_NGROK_334");
    expect(await post({ url: `tcp://${String(foreign)}`, traffic_policy: RAW_POLICY })).toBe("400 ERR_NGROK_309");
    expect(await post({ url: "tcp://tcp.e.test:20009", traffic_policy: RAW_POLICY })).toBe("400 ERR_NGROK_307");
  });

  test("shows the port of an internal address", async () => {
    const json = await scene.create("endpoints", { url: "http://*.shown.internal:81", traffic_policy: CLOUD_POLICY });
    expect(json).toMatchObject({
      scheme: "http",
      host: "*.shown.internal",
      port: 81,
      hostport: "*.shown.internal:81",
      bindings: ["internal"],
      type: "cloud",
    });
  });

  test("counts cloud endpoints and those of agents together", async () => {
    await using own = await ManagementScene.open({ limits: { ...NO_LIMITS, endpoints: 2 } });
    await own.create("endpoints", { url: "https://a.e.test", traffic_policy: CLOUD_POLICY });
    await own.bringOnline(own.other);
    await own.create("endpoints", { url: "https://b.e.test", traffic_policy: CLOUD_POLICY });
    const third = await own.call("POST", "/endpoints", {
      body: { url: "https://c.e.test", traffic_policy: CLOUD_POLICY },
    });
    expect([third.status, third.json["error_code"]]).toEqual([429, "ERR_GINNEL_TOO_MANY_ENDPOINTS"]);
    await own.create("endpoints", { url: "https://d.e.test", traffic_policy: CLOUD_POLICY }, own.other);
    const beside = await own.call("POST", "/endpoints", {
      body: { url: "https://f.e.test", traffic_policy: CLOUD_POLICY },
      account: own.other,
    });
    expect(beside.status).toBe(429);
  });
});

describe("the traffic policies of cloud endpoints", () => {
  const long = (letter: string) => `${CLOUD_POLICY} # ${letter.repeat(60_000)}`;

  test("are only so much of an account in a minute, over the API and the dashboard", async () => {
    await using own = await ManagementScene.open();
    const { id } = await own.create("endpoints", { url: "https://a.e.test", traffic_policy: CLOUD_POLICY });
    const { policyPace } = own.services;
    policyPace.take(own.one.id, MAX_POLICY_CHARACTERS - 2 * long("a").length, own.clock.nowMs());
    const patch = async (body: object) => {
      const { status, json } = await own.call("PATCH", `/endpoints/${id}`, { body });
      return [status, json["error_code"]];
    };
    expect(await patch({ traffic_policy: long("a") })).toEqual([200, undefined]);
    const refused = [429, "ERR_GINNEL_BIND_PACE"];
    expect(await patch({ traffic_policy: long("b") })).toEqual(refused);
    expect(await patch({ url: "https://b.e.test" })).toEqual(refused);
    expect(await patch({ description: "no policy is read for this" })).toEqual([200, undefined]);
    const body = { url: "https://c.e.test", traffic_policy: long("c") };
    expect((await own.call("POST", "/endpoints", { body })).status).toBe(429);
    expect((await own.call("POST", "/endpoints", { body, account: own.other })).status).toBe(201);
    own.clock.advance(60_000);
    expect(await patch({ traffic_policy: long("b") })).toEqual([200, undefined]);
  });

  test("are not read to count the endpoints that an account has", async () => {
    await using own = await ManagementScene.open({ limits: { ...NO_LIMITS, endpoints: 3 } });
    await own.create("endpoints", { url: "https://a.e.test", traffic_policy: CLOUD_POLICY });
    using all = spyOn(RecordReader.prototype, "all");
    using list = spyOn(RecordReader.prototype, "list");
    await own.create("endpoints", { url: "https://b.e.test", traffic_policy: CLOUD_POLICY });
    const asked = [...all.mock.calls, ...list.mock.calls].filter(([type]) => type === "cloudEndpoint");
    // Only who has the same name.
    expect(asked).toEqual(["http", "https", "tls"].map((scheme) => ["cloudEndpoint", { url: `${scheme}://b.e.test` }]));
  });
});

describe("PATCH /endpoints/{id}", () => {
  test("keeps off the URL of an agent, and may change everything else beside it", async () => {
    const [mine, taken] = [`https://${aName()}.e.test`, aName()];
    await bringAgent(scene.other, { proto: "https", host: `${taken}.e.test`, url: `https://${taken}.e.test` });
    const { id } = await scene.create("endpoints", { url: mine, traffic_policy: CLOUD_POLICY });
    const patched = (body: Body) => scene.call("PATCH", `/endpoints/${id}`, { body });
    expect((await patched({ url: `https://${taken}.e.test` })).json["error_code"]).toBe("ERR_NGROK_334");
    expect((await patched({ url: mine, description: "mine" })).json).toMatchObject({ url: mine, description: "mine" });
    expect((await patched({ pooling_enabled: true, id })).json).toMatchObject({ pooling_enabled: true });
  });

  test("of another account's endpoint tells nothing of what is online", async () => {
    const { id } = await scene.create("endpoints", { url: `${aName()}.e.test`, traffic_policy: CLOUD_POLICY });
    const answer = await scene.call("PATCH", `/endpoints/${id}`, {
      body: { url: "https://a.e.test" },
      account: scene.other,
    });
    expect(answer.status).toBe(404);
  });
});

describe("url and public_url of a cloud endpoint", () => {
  test.each([
    ["http://a.e.test", "http://a.e.test"],
    ["https://a.e.test", "https://a.e.test:8443"],
    ["tls://t.e.test", "tls://t.e.test:8443"],
    ["https://b.internal", "https://b.internal"],
  ])("that was made with %s are %s where visitors come to port 8443", async (given, url) => {
    await using behind = await ManagementScene.open({ publicPorts: { http: 80, https: 8443 } });
    const traffic_policy = given.startsWith("tls") ? RAW_POLICY : CLOUD_POLICY;
    const { json } = await behind.call("POST", "/endpoints", { body: { url: given, traffic_policy } });
    expect(json).toMatchObject({ url, public_url: url });
  });

  test("are as it was made where no visitors of its scheme come", async () => {
    await using closed = await ManagementScene.open({ publicPorts: { http: undefined, https: 443 } });
    const body = { url: "http://a.e.test", traffic_policy: CLOUD_POLICY };
    expect((await closed.call("POST", "/endpoints", { body })).json).toMatchObject({
      url: body.url,
      public_url: body.url,
    });
  });
});
