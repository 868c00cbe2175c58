import { describe, expect, test } from "bun:test";
import { IDLE_MS, SESSION_MS } from "../../../src/edge/dashboard/dashboard-sessions.ts";
import { MAX_DASHBOARD_CALLS } from "../../../src/edge/dashboard/sign-ins.ts";
import { WINDOW_MS } from "../../../src/edge/management/call-limit.ts";
import { PACE_MS } from "../../../src/edge/guesses/guess-lane.ts";
import { FAILURE_WINDOW_MS, MAX_FAILURES_OF_ADDRESS } from "../../../src/edge/management/failed-callers.ts";
import { cookieIn, DashboardCalls, jsonOf } from "../../support/dashboard-calls.ts";
import type { SceneAccount } from "../../support/management-scene.ts";

const SESSION = "/dashboard/session";
const WARNING = "an IP restriction that is not enforced would keep this address out";
const NOBODY = "37dGalnvVrzdsALtIkWhcu9lZ3V_0123456789abcdefghijk";

describe("SignIns", () => {
  test("SignIns sets a cookie that no script and no other site can use, and says nothing else", async () => {
    await using scene = await DashboardCalls.open();
    const answer = await scene.trySignIn(` ${scene.management.one.key}\n`);
    expect([answer.status, await answer.text(), answer.headers.get("Cache-Control")]).toEqual([204, "", "no-store"]);
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-ginnel=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/),
    ]);
  });

  test("SignIns sets a cookie that browsers take without TLS, on this machine only", async () => {
    await using scene = await DashboardCalls.open();
    const origin = "http://127.0.0.1:4041";
    const answer = await scene.trySignIn(scene.management.one.key, { origin });
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^ginnel=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict$/),
    ]);
    const cookie = cookieIn(answer);
    expect((await scene.send("GET", SESSION, { cookie, origin })).status).toBe(200);
    // A session that came in clear is none behind TLS.
    expect((await scene.send("GET", SESSION, { cookie })).status).toBe(401);
  });

  test("SignIns tells whose session it is, and when it ends", async () => {
    await using scene = await DashboardCalls.open();
    const cookie = await scene.signIn();
    const session = await jsonOf(await scene.send("GET", SESSION, { cookie }));
    const { id } = scene.management.one;
    expect(session).toEqual({
      account: { id, name: id },
      expires_at: expect.stringMatching(/^2026-01-01T01:00:\d\dZ$/),
    });
  });

  test.each([
    ["no field", {}, 400, "ERR_NGROK_215"],
    ["a number", { api_key: 1 }, 400, "ERR_NGROK_215"],
    ["another field", { api_key: "x", user: "y" }, 400, "ERR_NGROK_214"],
    ["no object", "[]", 400, "ERR_NGROK_213"],
    ["much text", { api_key: "x".repeat(5_000) }, 413, "ERR_NGROK_212"],
    ["no key", { api_key: "" }, 401, "ERR_NGROK_202"],
    ["a word", { api_key: "password" }, 401, "ERR_NGROK_202"],
    ["the key of nobody", { api_key: NOBODY }, 401, "ERR_NGROK_203"],
    ["the id of a key", { api_key: "ak_1" }, 401, "ERR_NGROK_208"],
  ])("SignIns refuses %s, and repeats nothing of it", async (_, body, status, code) => {
    await using scene = await DashboardCalls.open();
    const answer = await scene.send("POST", SESSION, { body });
    const { error_code, msg } = await jsonOf(answer);
    expect([answer.status, error_code, answer.headers.get("Set-Cookie")]).toEqual([status, code, null]);
    expect(String(msg)).not.toMatch(new RegExp(`password|xxx|${NOBODY}`));
  });

  test("SignIns refuses a form, which pages of strangers can send", async () => {
    await using scene = await DashboardCalls.open();
    const body = `api_key=${scene.management.one.key}`;
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    expect((await scene.send("POST", SESSION, { body, headers })).status).toBe(415);
  });

  test("SignIns refuses a key whose secret part is another, an authtoken, and the key of a disabled account", async () => {
    await using scene = await DashboardCalls.open();
    const { one, other, store } = scene.management;
    expect((await scene.trySignIn(`${one.key.slice(0, -1)}Z`)).status).toBe(401);
    const { token } = await scene.management.create("credentials", {});
    expect((await jsonOf(await scene.trySignIn(String(token))))["error_code"]).toBe("ERR_NGROK_207");
    await store.change({ kind: "operator", id: "test" }, (transaction) =>
      transaction.update("account", other.id, { isDisabled: true }),
    );
    expect((await scene.trySignIn(other.key)).status).toBe(401);
  });

  test("SignIns begins a session of its own each time, and ends the one that the browser had", async () => {
    await using scene = await DashboardCalls.open();
    const planted = `__Host-ginnel=${"A".repeat(43)}`;
    const first = await scene.signIn(scene.management.one, { cookie: planted });
    expect(first).not.toBe(planted);
    expect((await scene.send("GET", SESSION, { cookie: planted })).status).toBe(401);
    const elsewhere = await scene.signIn();
    const second = await scene.signIn(scene.management.one, { cookie: first });
    expect(new Set([first, elsewhere, second]).size).toBe(3);
    const statuses = [first, elsewhere, second].map(
      async (cookie) => (await scene.send("GET", SESSION, { cookie })).status,
    );
    expect(await Promise.all(statuses)).toEqual([401, 200, 200]);
  });

  test("SignIns refuses what a page of another account sends in a session, and the session goes on", async () => {
    await using scene = await DashboardCalls.open();
    const { one, other } = scene.management;
    const cookie = await scene.signIn(other);
    const send = async (account: SceneAccount): Promise<number> => {
      const headers = { "Ginnel-Account": account.id };
      return (await scene.send("POST", "/dashboard/api/credentials", { cookie, body: {}, headers })).status;
    };
    expect([await send(one), await send(other), await send(one)]).toEqual([401, 201, 401]);
    for (const account of [one, other]) {
      const { json } = await scene.management.call("GET", "/credentials", { account });
      expect(json["credentials"]).toHaveLength(account === other ? 1 : 0);
    }
  });

  test("SignIns ends a session for good when one signs out, also twice", async () => {
    await using scene = await DashboardCalls.open();
    const cookie = await scene.signIn();
    for (const signedOut of [cookie, cookie, undefined]) {
      const answer = await scene.send("DELETE", SESSION, { cookie: signedOut });
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([
        204,
        ["__Host-ginnel=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0"],
      ]);
      expect((await scene.send("GET", SESSION, { cookie })).status).toBe(401);
    }
  });

  test("SignIns ends a session after an hour without use, and after twelve in any case", async () => {
    await using scene = await DashboardCalls.open();
    const { clock } = scene.management;
    const [used, left] = [await scene.signIn(), await scene.signIn()];
    const statusOf = async (cookie: string): Promise<number> => (await scene.send("GET", SESSION, { cookie })).status;
    expect([IDLE_MS, SESSION_MS]).toEqual([60 * 60_000, 12 * 60 * 60_000]);
    for (let passedMs = 0; passedMs < SESSION_MS - IDLE_MS; passedMs += IDLE_MS / 2) {
      clock.advance(IDLE_MS / 2);
      expect(await statusOf(used)).toBe(200);
    }
    expect(await statusOf(left)).toBe(401);
    clock.advance(IDLE_MS - 1);
    expect(await statusOf(used)).toBe(200);
    clock.advance(1);
    expect(await statusOf(used)).toBe(401);
  });

  test("SignIns applies the restriction of type dashboard at the door and at each call, and only warns while it is not enforced", async () => {
    await using scene = await DashboardCalls.open();
    const { management } = scene;
    const outside = { ip: "198.51.100.1" };
    const { id: policy } = await management.create("ip_policies", {});
    await management.create("ip_policy_rules", { ip_policy_id: policy, cidr: "192.0.2.0/24", action: "allow" });
    const { id } = await management.create("ip_restrictions", { type: "dashboard", ip_policy_ids: [policy] });
    const cookie = await scene.signIn(management.one, outside);
    await scene.send("GET", SESSION, { cookie, ...outside });
    expect(management.lines.filter(({ message }) => message.startsWith("an IP restriction"))).toEqual([
      { level: "warn", message: WARNING, fields: { account: management.one.id, type: "dashboard", ...outside } },
    ]);
    await management.call("PATCH", `/ip_restrictions/${id}`, { body: { enforced: true } });
    for (const answer of [
      await scene.trySignIn(management.one.key, outside),
      await scene.send("GET", SESSION, { cookie, ...outside }),
      await scene.send("GET", "/dashboard/api/account", { cookie, ...outside }),
    ]) {
      expect([answer.status, (await jsonOf(answer))["error_code"]]).toEqual([403, "ERR_NGROK_220"]);
    }
    expect((await scene.send("GET", SESSION, { cookie, ip: "192.0.2.9" })).status).toBe(200);
    expect((await scene.trySignIn(management.other.key, outside)).status).toBe(204);
    // The API itself is another entrance.
    expect((await management.call("GET", "/account", outside)).status).toBe(200);
  });

  test("SignIns refuses wrong keys from one address, and no right one", async () => {
    await using scene = await DashboardCalls.open();
    const { clock, one, other } = scene.management;
    const guesser = { ip: "2001:db8::ffff:1" };
    const before = await scene.signIn(other, guesser);
    for (let tries = 0; tries < MAX_FAILURES_OF_ADDRESS; tries += 1) {
      expect((await scene.trySignIn(NOBODY, { ip: `2001:db8::${tries.toString(16)}` })).status).toBe(401);
    }
    clock.advance(PACE_MS);
    const refused = await scene.trySignIn(NOBODY, guesser);
    expect([refused.status, (await jsonOf(refused))["error_code"]]).toEqual([429, "ERR_GINNEL_FAILED_CALLERS"]);
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
    // The API is no second chance.
    clock.advance(PACE_MS);
    const headers = { Authorization: "Bearer wrong" };
    expect((await scene.management.call("GET", "/account", { ...guesser, headers })).status).toBe(429);
    clock.advance(PACE_MS);
    expect((await scene.management.call("GET", "/account", guesser)).status).toBe(200);
    expect((await scene.send("GET", SESSION, { cookie: before, ...guesser })).status).toBe(200);
    expect((await scene.trySignIn(other.key, guesser)).status).toBe(204);
    expect((await scene.trySignIn(one.key, guesser)).status).toBe(204);
    expect((await scene.trySignIn(NOBODY, { ip: "2001:db8:0:1::1" })).status).toBe(401);
    clock.advance(2 * FAILURE_WINDOW_MS);
    expect((await scene.trySignIn(NOBODY, guesser)).status).toBe(401);
  });

  test("SignIns limits the calls of an account, not those of its programs", async () => {
    await using scene = await DashboardCalls.open();
    const cookie = await scene.signIn();
    for (let calls = 0; calls < MAX_DASHBOARD_CALLS; calls += 1) await scene.send("GET", SESSION, { cookie });
    const refused = await scene.send("GET", "/dashboard/traffic", { cookie });
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "60"]);
    expect((await scene.management.call("GET", "/account")).status).toBe(200);
    scene.management.clock.advance(WINDOW_MS);
    expect((await scene.send("GET", "/dashboard/traffic", { cookie })).status).toBe(200);
  });

  test("SignIns counts who signs in among the calls of the account", async () => {
    await using scene = await DashboardCalls.open();
    for (let calls = 0; calls < MAX_DASHBOARD_CALLS; calls += 1) await scene.signIn();
    const refused = await scene.trySignIn(scene.management.one.key);
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "60"]);
    expect((await scene.trySignIn(scene.management.other.key)).status).toBe(204);
  });

  test("SignIns tells the log who came in and who did not, and no secret", async () => {
    await using scene = await DashboardCalls.open();
    const { lines, one, store } = scene.management;
    const cookie = await scene.signIn(one, { ip: "192.0.2.1" });
    await scene.trySignIn(NOBODY, { ip: "192.0.2.2" });
    await store.close();
    await scene.send("GET", SESSION, { cookie });
    expect(lines.map(({ level }) => level)).toEqual(["info", "warn", "error"]);
    expect(lines[0]?.fields).toMatchObject({ account: one.id, key: one.keyId, ip: "192.0.2.1" });
    expect(lines[1]?.fields).toMatchObject({ code: "ERR_NGROK_203", ip: "192.0.2.2" });
    const written = JSON.stringify(lines);
    for (const secret of [one.key, NOBODY, cookie.slice(cookie.indexOf("=") + 1)])
      expect(written).not.toContain(secret);
  });
});
