/** What all calls of the management API share (reference.md 8.1, 8.2). */
import { afterAll, beforeAll, describe, expect, spyOn, test } from "bun:test";
import { newId } from "../../../src/base/record-id.ts";
import { MAX_CALLS, WINDOW_MS } from "../../../src/edge/management/call-limit.ts";
import { MAX_CALLS_UNDER_WAY } from "../../../src/edge/management/calls-under-way.ts";
import { LONGEST_WAIT_MS, PACE_MS } from "../../../src/edge/guesses/guess-lane.ts";
import { MAX_FAILURES_OF_ADDRESS } from "../../../src/edge/management/failed-callers.ts";
import { ALLOWED_ORIGIN, API_URL, ManagementScene } from "../../support/management-scene.ts";
import { eventually, quiet } from "../../support/turns.ts";

let scene: ManagementScene;
beforeAll(async () => {
  scene = await ManagementScene.open();
});
afterAll(() => scene[Symbol.asyncDispose]());

describe("the management API lets in by API key only", () => {
  const token = `${"1".repeat(27)}_${"2".repeat(21)}`;
  test.each([
    ["no header", undefined, 401, "ERR_NGROK_200"],
    ["another scheme", "Basic eDp5", 401, "ERR_NGROK_201"],
    ["a scheme without a key", "Bearer", 401, "ERR_NGROK_201"],
    ["what is no key", "Bearer abc", 401, "ERR_NGROK_202"],
    ["an unknown key", `Bearer ${token}`, 401, "ERR_NGROK_203"],
    ["the id of an authtoken", "Bearer cr_1", 401, "ERR_NGROK_206"],
    ["the id of a key", "Bearer ak_1", 401, "ERR_NGROK_208"],
  ])("the management API refuses %s", async (_, authorization, status, code) => {
    const answer = await scene.call("GET", "/credentials", { headers: { Authorization: authorization } });
    expect([answer.status, answer.json["error_code"]]).toEqual([status, code]);
    const sent = authorization?.split(" ")[1] ?? "";
    expect(sent !== "" && String(answer.json["msg"]).includes(sent)).toBe(false);
  });

  test("the management API tells who sends an authtoken in the place of a key", async () => {
    const { token: authtoken } = await scene.create("credentials", {});
    const answer = await scene.call("GET", "/account", { headers: { Authorization: `Bearer ${String(authtoken)}` } });
    expect([answer.status, answer.json["error_code"]]).toEqual([401, "ERR_NGROK_207"]);
  });

  test("the management API refuses a key whose secret part is another", async () => {
    const wrong = `${scene.one.key.slice(0, -1)}Z`;
    const answer = await scene.call("GET", "/account", { headers: { Authorization: `Bearer ${wrong}` } });
    expect(answer.json["error_code"]).toBe("ERR_NGROK_203");
  });

  test("the management API refuses the key of a disabled account", async () => {
    await using own = await ManagementScene.open();
    await own.store.change({ kind: "operator", id: "test" }, (transaction) =>
      transaction.update("account", own.one.id, { isDisabled: true }),
    );
    expect((await own.call("GET", "/account")).status).toBe(401);
    expect((await own.call("GET", "/account", { account: own.other })).status).toBe(200);
  });
});

describe("the management API checks each call", () => {
  const id = newId("cr", new Date(0));
  test.each([
    ["no version", "GET", "/tunnels", { headers: { "Ngrok-Version": undefined } }, 400, "ERR_NGROK_218"],
    ["version 1", "GET", "/tunnels", { headers: { "Ngrok-Version": "1" } }, 400, "ERR_NGROK_217"],
    ["no content type", "POST", "/credentials", { body: "{}", headers: { "Content-Type": "" } }, 415, "ERR_NGROK_216"],
    ["a form", "POST", "/credentials", { body: "a=1", headers: { "Content-Type": "x/y" } }, 415, "ERR_NGROK_210"],
    ["no JSON", "POST", "/credentials", { body: "{" }, 400, "ERR_NGROK_213"],
    ["no UTF-8", "POST", "/credentials", { body: new Uint8Array([0x22, 0xff, 0x22]) }, 400, "ERR_NGROK_213"],
    ["an empty body", "POST", "/credentials", { body: "" }, 400, "ERR_NGROK_213"],
    ["a list as body", "POST", "/credentials", { body: "[]" }, 400, "ERR_NGROK_213"],
    ["a body of a DELETE", "DELETE", `/credentials/${id}`, { body: {} }, 400, "ERR_NGROK_211"],
    ["an unknown field", "POST", "/credentials", { body: { aclx: ["*"] } }, 400, "ERR_NGROK_214"],
    ["a wrong value", "POST", "/credentials", { body: { acl: "*" } }, 400, "ERR_NGROK_215"],
    ["a long description", "POST", "/credentials", { body: { description: "ä".repeat(128) } }, 400, "ERR_NGROK_215"],
    ["long metadata", "POST", "/credentials", { body: { metadata: "x".repeat(4097) } }, 400, "ERR_NGROK_215"],
    ["an unknown parameter", "GET", "/credentials?x=1", {}, 400, "ERR_NGROK_231"],
    ["a parameter where none belongs", "GET", `/credentials/${id}?limit=1`, {}, 400, "ERR_NGROK_231"],
    ["a parameter given twice", "GET", "/credentials?limit=1&limit=2", {}, 400, "ERR_NGROK_232"],
    ["a page of nothing", "GET", "/credentials?limit=0", {}, 400, "ERR_NGROK_233"],
    ["too large a page", "GET", "/credentials?limit=101", {}, 400, "ERR_NGROK_233"],
    ["a page behind no id", "GET", "/credentials?before_id=1000", {}, 400, "ERR_NGROK_230"],
    ["a page behind half an id", "GET", `/credentials?before_id=${id.slice(0, -1)}`, {}, 400, "ERR_NGROK_230"],
    ["a page behind more than an id", "GET", `/credentials?before_id=${id}%0A`, {}, 400, "ERR_NGROK_230"],
    ["a page behind another resource", "GET", `/api_keys?before_id=${id}`, {}, 400, "ERR_NGROK_230"],
    ["a page behind no id in camel case", "GET", "/credentials?beforeId=1000", {}, 400, "ERR_NGROK_230"],
    ["a malformed id", "GET", "/credentials/1000", {}, 404, "ERR_NGROK_222"],
    ["an unknown id", "GET", `/credentials/${id}`, {}, 404, undefined],
    ["an unknown path", "GET", "/nowhere", {}, 404, undefined],
    ["a method that is not there", "PATCH", "/tunnels", { body: {} }, 405, "ERR_GINNEL_METHOD"],
  ] as const)("the management API answers to %s", async (_, method, path, options, status, code) => {
    const { json, headers, ...answer } = await scene.call(method, path, options);
    expect([answer.status, json["error_code"]]).toEqual([status, code]);
    expect(json).toMatchObject({ status_code: status, msg: expect.any(String) });
    expect(json["details"]).toMatchObject({ operation_id: headers.get("ngrok-operation-id") });
    expect(headers.get("ngrok-operation-id")).toMatch(/^op_[0-9A-Za-z]{27}$/);
  });

  test.each([
    [{ aclx: ["*"] }, "aclx"],
    [{ acl: ["*", 1] }, "acl.1"],
    [{ acl: ["bind"] }, undefined],
  ])("the management API names the field that it refuses of %j", async (body, field) => {
    const { json } = await scene.call("POST", "/credentials", { body });
    expect(json["details"]).toMatchObject({ hint: expect.any(String) });
    expect(Object.entries(json["details"] ?? {}).find(([name]) => name === "field")?.[1]).toBe(field);
  });

  test("the management API tells what another method is allowed", async () => {
    const answer = await scene.call("PUT", "/credentials");
    expect([answer.status, answer.headers.get("Allow")]).toEqual([405, "GET, HEAD, POST"]);
  });

  test("the management API says nothing but that a record is not there", async () => {
    const { json } = await scene.call("GET", `/credentials/${id}`);
    expect(json["msg"]).toBe("Resource not found");
    expect(Object.keys(json)).toEqual(["status_code", "msg", "details"]);
  });

  test("the management API takes fields without a value for fields that were not given", async () => {
    const body = { description: null, unknown: null, other: "", list: [], map: {}, acl: null, metadata: "kept" };
    expect(await scene.create("credentials", body)).toMatchObject({ description: "", metadata: "kept", acl: [] });
  });
});

describe("the management API shows lists by page", () => {
  test("the management API shows lists newest first, and where the next page is", async () => {
    await using own = await ManagementScene.open();
    const ids: string[] = [];
    for (const description of ["a", "b", "c"]) ids.unshift((await own.create("ip_policies", { description })).id);
    const first = await own.call("GET", "/ip_policies?limit=2");
    const next = `${API_URL}/ip_policies?before_id=${ids[1]}&limit=2`;
    expect(first.json).toMatchObject({ uri: `${API_URL}/ip_policies`, next_page_uri: next });
    expect(idsOf(first.json["ip_policies"])).toEqual(ids.slice(0, 2));
    const second = await own.call("GET", next.slice(API_URL.length));
    expect(idsOf(second.json["ip_policies"])).toEqual(ids.slice(2));
    expect(second.json["next_page_uri"]).toBeNull();
    const camel = await own.call("GET", `/ip_policies?beforeId=${ids[1]}&limit=&before_id=`);
    expect(idsOf(camel.json["ip_policies"])).toEqual(ids.slice(2));
    await own.call("DELETE", `/ip_policies/${ids[1]}`);
    expect(idsOf((await own.call("GET", next.slice(API_URL.length))).json["ip_policies"])).toEqual(ids.slice(2));
  });
});

describe("the management API limits calls", () => {
  test("the management API refuses an account's calls beyond the limit until the window has moved", async () => {
    await using own = await ManagementScene.open();
    for (let count = 0; count < MAX_CALLS; count++) {
      if (count === 1) own.clock.advance(10_000);
      expect((await own.call("GET", "/account")).status).toBe(200);
    }
    const refused = await own.call("GET", "/account");
    expect([refused.status, refused.json["error_code"], refused.headers.get("Retry-After")]).toEqual([
      429,
      "ERR_NGROK_226",
      "50",
    ]);
    expect((await own.call("GET", "/account", { account: own.other })).status).toBe(200);
    own.clock.advance(WINDOW_MS - 10_000);
    expect((await own.call("GET", "/account")).status).toBe(200);
    expect((await own.call("GET", "/account")).status).toBe(429);
  });
});

describe("the management API answers browsers", () => {
  const asked = { "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization" };
  test("the management API lets pages of the operator's origins call", async () => {
    const headers = { Origin: ALLOWED_ORIGIN, ...asked, Authorization: undefined };
    const preflight = await scene.call("OPTIONS", "/credentials", { headers });
    expect([preflight.status, preflight.headers.get("Access-Control-Allow-Origin")]).toEqual([204, ALLOWED_ORIGIN]);
    expect(preflight.headers.get("Access-Control-Allow-Methods")).toBe("GET, HEAD, POST");
    expect(preflight.headers.get("Access-Control-Allow-Headers")).toBe("authorization");
    expect(preflight.headers.get("Access-Control-Max-Age")).toBe("600");
    const answer = await scene.call("GET", "/account", { headers: { Origin: ALLOWED_ORIGIN } });
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBe(ALLOWED_ORIGIN);
    const refusal = await scene.call("GET", "/nowhere", { headers: { Origin: ALLOWED_ORIGIN } });
    expect(refusal.headers.get("Access-Control-Allow-Origin")).toBe(ALLOWED_ORIGIN);
  });

  test("the management API tells pages of other origins nothing", async () => {
    const headers = { Origin: "https://evil.example", ...asked };
    const preflight = await scene.call("OPTIONS", "/credentials", { headers });
    expect([preflight.status, preflight.headers.get("Access-Control-Allow-Origin")]).toEqual([405, null]);
    const answer = await scene.call("GET", "/account", { headers: { Origin: "https://evil.example" } });
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBeNull();
  });
});

describe("the management API keeps out addresses", () => {
  test("the management API applies the restriction of type api to the caller's address, and only warns while it is not enforced", async () => {
    await using own = await ManagementScene.open();
    const { id: policy } = await own.create("ip_policies", {});
    await own.create("ip_policy_rules", { ip_policy_id: policy, cidr: "192.0.2.0/24", action: "allow" });
    const { id } = await own.create("ip_restrictions", { type: "api", ip_policy_ids: [policy] });
    expect((await own.call("GET", "/account", { ip: "198.51.100.1" })).status).toBe(200);
    expect(own.lines.filter(({ fields }) => fields["ip"] === "198.51.100.1")).toEqual([
      {
        level: "warn",
        message: "an IP restriction that is not enforced would keep this address out",
        fields: { account: own.one.id, type: "api", ip: "198.51.100.1" },
      },
    ]);
    await own.call("PATCH", `/ip_restrictions/${id}`, { body: { enforced: true } });
    const refused = await own.call("GET", "/account", { ip: "198.51.100.1" });
    expect([refused.status, refused.json["error_code"]]).toEqual([403, "ERR_NGROK_220"]);
    expect(refused.json["details"]).toMatchObject({ hint: expect.stringContaining("ask the operator of the edge") });
    expect((await own.call("GET", "/account", { ip: "192.0.2.9" })).status).toBe(200);
    expect((await own.call("GET", "/account", { ip: "198.51.100.1", account: own.other })).status).toBe(200);
  });
});

describe("the management API asks little for a call", () => {
  test("the management API reads no rule of a restriction from the store, and obeys a change of one at once", async () => {
    await using own = await ManagementScene.open();
    const { id: policy } = await own.create("ip_policies", {});
    const allow = { ip_policy_id: policy, action: "allow" };
    await own.create("ip_policy_rules", { ...allow, cidr: "192.0.2.0/24" });
    await own.create("ip_restrictions", { type: "api", ip_policy_ids: [policy], enforced: true });
    const read = spyOn(own.store, "all");
    const statusFrom = async (ip: string) => (await own.call("GET", "/account", { ip })).status;
    expect([await statusFrom("192.0.2.1"), await statusFrom("198.51.100.1")]).toEqual([200, 403]);
    expect(read.mock.calls).toEqual([]);
    const body = { ...allow, cidr: "198.51.100.0/24" };
    expect((await own.call("POST", "/ip_policy_rules", { body, ip: "192.0.2.1" })).status).toBe(201);
    expect(await statusFrom("198.51.100.1")).toBe(200);
  });
});

describe("the management API slows down guessing", () => {
  test("the management API refuses an address with too many wrong keys, but no right one", async () => {
    await using own = await ManagementScene.open();
    const guess = { headers: { Authorization: `Bearer ${own.one.key.slice(0, -1)}Z` }, ip: "192.0.2.1" };
    expect((await own.call("GET", "/account", { ip: guess.ip })).status).toBe(200);
    for (let count = 0; count < MAX_FAILURES_OF_ADDRESS; count++) {
      expect((await own.call("GET", "/nothing", guess)).status).toBe(401);
    }
    own.clock.advance(PACE_MS);
    const refused = await own.call("GET", "/account", guess);
    expect([refused.status, refused.json["error_code"]]).toEqual([429, "ERR_GINNEL_FAILED_CALLERS"]);
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
    own.clock.advance(PACE_MS);
    expect((await own.call("GET", "/account", { ip: guess.ip })).status).toBe(200);
    expect((await own.call("GET", "/account", { ip: guess.ip, account: own.other })).status).toBe(200);
  });

  test("the management API looks at no more wrong keys that come at once, and lets a key in that was there before", async () => {
    await using own = await ManagementScene.open();
    const ip = "192.0.2.1";
    const headers = { Authorization: `Bearer ${"0".repeat(27)}_${"0".repeat(21)}` };
    expect((await own.call("GET", "/account", { ip })).status).toBe(200);
    const guesses = Array.from({ length: 1_000 }, () => own.call("GET", "/account", { headers, ip }));
    expect((await own.call("GET", "/account", { ip })).status).toBe(200);
    expect((await own.call("GET", "/account", { ip: "192.0.2.2", account: own.other })).status).toBe(200);
    for (let passedMs = 0; passedMs <= LONGEST_WAIT_MS; passedMs += PACE_MS) {
      await quiet();
      own.clock.advance(PACE_MS);
    }
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(MAX_FAILURES_OF_ADDRESS);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1_000 - MAX_FAILURES_OF_ADDRESS);
  });

  test("the management API lets an account have so many calls under way, and others theirs", async () => {
    await using own = await ManagementScene.open();
    const gate = Promise.withResolvers<[]>();
    const list = own.store.list.bind(own.store);
    let waiting = 0;
    own.store.list = () => {
      waiting += 1;
      return gate.promise;
    };
    const held = Array.from({ length: MAX_CALLS_UNDER_WAY }, () => own.call("GET", "/credentials"));
    await eventually("all of them wait", () => waiting === MAX_CALLS_UNDER_WAY);
    const refused = await own.call("GET", "/account");
    expect([refused.status, refused.json["error_code"]]).toEqual([429, "ERR_GINNEL_CALLS_UNDER_WAY"]);
    expect(refused.headers.get("Retry-After")).toBe("1");
    expect((await own.call("GET", "/account", { account: own.other })).status).toBe(200);
    gate.resolve([]);
    for (const { status } of await Promise.all(held)) expect(status).toBe(200);
    own.store.list = list;
    expect((await own.call("GET", "/account")).status).toBe(200);
  });

  test("the management API counts no call without a key", async () => {
    await using own = await ManagementScene.open();
    for (let count = 0; count < 2 * MAX_FAILURES_OF_ADDRESS; count++) {
      expect((await own.call("GET", "/account", { headers: { Authorization: undefined } })).status).toBe(401);
    }
    expect((await own.call("GET", "/account")).status).toBe(200);
  });
});

describe("the management API tells no faults", () => {
  test("the management API answers 503 when the store fails, and the log says why", async () => {
    const own = await ManagementScene.open();
    await own.store.close();
    const answer = await own.call("GET", "/account");
    expect([answer.status, answer.json["error_code"]]).toEqual([503, "ERR_GINNEL_STORE"]);
    expect(own.lines.filter(({ level }) => level === "error")).toHaveLength(1);
  });
});

function idsOf(list: unknown): readonly unknown[] {
  return Array.isArray(list) ? list.map((record: { readonly id: unknown }) => record.id) : [];
}
