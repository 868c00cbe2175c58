/** Cloud endpoints from the API to their visitors. */
import { afterEach, describe, expect, test } from "bun:test";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTls } from "node:tls";
import { z } from "zod";
import { CloudScene } from "../support/cloud-scene.ts";
import type { SceneAccount } from "../support/management-scene.ts";
import { EDGE_CA_PEM } from "../support/test-edge.ts";
import { eventually, quiet } from "../support/turns.ts";

const scenes: CloudScene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene[Symbol.asyncDispose]();
});

async function opened(): Promise<CloudScene> {
  const scene = await CloudScene.open();
  scenes.push(scene);
  return scene;
}

const request = (...actions: readonly object[]) => ({ on_http_request: [{ actions }] });
const says = (body: string) => request({ type: "custom-response", config: { status_code: 200, body } });
const URL_A = "https://a.e.test";

/** Empty when it succeeds. */
async function failureOf(work: Promise<unknown>): Promise<string> {
  const [settled] = await Promise.allSettled([work]);
  if (settled?.status !== "rejected") return "";
  const { code = "", message } = z.object({ code: z.string().optional(), message: z.string() }).parse(settled.reason);
  return `${code} ${message}`;
}

const patch = ({ scene }: CloudScene, id: string, body: object) => scene.call("PATCH", `/endpoints/${id}`, { body });

describe("a cloud endpoint", () => {
  test("answers from its creation to its end, as it was changed last", async () => {
    const s = await opened();
    expect(await s.says(URL_A)).toBe("404 ERR_NGROK_3200");
    const id = await s.create(URL_A, says("one"));
    expect(await s.says(URL_A)).toBe("200 one");
    await patch(s, id, { traffic_policy: JSON.stringify(says("two")) });
    expect(await s.says(URL_A)).toBe("200 two");
    await patch(s, id, { url: "https://b.e.test" });
    expect([await s.says(URL_A), await s.says("https://b.e.test")]).toEqual(["404 ERR_NGROK_3200", "200 two"]);
    await s.scene.call("DELETE", `/endpoints/${id}`);
    expect(await s.says("https://b.e.test")).toBe("404 ERR_NGROK_3200");
  });

  test("is there again when the edge was started anew", async () => {
    const s = await opened();
    await s.create("http://a.e.test", says("still here"));
    await s.restart();
    expect(await s.says("http://a.e.test")).toBe("200 still here");
  });

  test("goes with its account, and comes again with it", async () => {
    const s = await opened();
    await s.create(URL_A, says("open"));
    const disable = (isDisabled: boolean) =>
      s.scene.store.change({ kind: "operator", id: "test" }, (transaction) =>
        transaction.update("account", s.scene.one.id, { isDisabled }),
      );
    await disable(true);
    expect(await s.says(URL_A)).toBe("404 ERR_NGROK_3200");
    await disable(false);
    expect(await s.says(URL_A)).toBe("200 open");
  });

  test("at a domain of the account goes with its reservation", async () => {
    const s = await opened();
    expect(
      (
        await s.scene.call("POST", "/endpoints", {
          body: { url: "https://app.example.com", traffic_policy: JSON.stringify(says("x")) },
        })
      ).json,
    ).toMatchObject({ error_code: "ERR_NGROK_319" });
    const { id } = await s.scene.create("reserved_domains", { domain: "*.example.com" });
    await s.create("https://*.example.com", says("wild"));
    await s.create("https://app.example.com", says("app"));
    expect([await s.says("https://app.example.com"), await s.says("https://x.y.example.com")]).toEqual([
      "200 app",
      "200 wild",
    ]);
    await s.scene.call("DELETE", `/reserved_domains/${id}`);
    expect(await failureOf(s.visit("https://app.example.com"))).not.toBe("");
  });

  test.each([
    ["deny", request({ type: "deny", config: { status_code: 451 } }), 451, {}, ""],
    [
      "redirect",
      request({ type: "redirect", config: { from: "/old", to: "/new" } }, { type: "deny" }),
      302,
      { location: "https://a.e.test/new" },
      "",
    ],
    [
      "redirect of everything",
      request({ type: "redirect", config: { to: "https://b.e.test/" } }),
      302,
      { location: "https://b.e.test/" },
      "",
    ],
    [
      "redirect of everything to where the visitor is",
      request({ type: "redirect", config: { to: "/old" } }),
      508,
      { "ngrok-error-code": "ERR_GINNEL_REDIRECT_LOOP" },
      undefined,
    ],
    [
      "url-rewrite and add-headers on the way back",
      {
        ...request(
          { type: "url-rewrite", config: { from: "/old", to: "/new" } },
          { type: "redirect", config: { from: "/new", to: "/seen" } },
          { type: "deny" },
        ),
        on_http_response: [{ actions: [{ type: "add-headers", config: { headers: { "x-cloud": "1" } } }] }],
      },
      302,
      { location: "https://a.e.test/seen", "x-cloud": "1" },
      "",
    ],
    [
      "remove-headers of its own answer",
      {
        ...request({ type: "custom-response", config: { body: "b", headers: { "x-no": "1", "x-yes": "2" } } }),
        on_http_response: [{ actions: [{ type: "remove-headers", config: { headers: ["x-no"] } }] }],
      },
      200,
      { "x-yes": "2" },
      "b",
    ],
    [
      "basic-auth",
      request({ type: "basic-auth", config: { credentials: ["ann:long-password"] } }, { type: "deny" }),
      401,
      { "www-authenticate": 'Basic realm="ngrok"' },
      "401 Unauthorized\n",
    ],
    [
      "restrict-ips",
      request({ type: "restrict-ips", config: { deny: ["127.0.0.0/8"] } }, { type: "deny" }),
      403,
      { "ngrok-error-code": "ERR_NGROK_3205" },
      undefined,
    ],
  ])("carries out %s", async (_, policy, status, headers, body) => {
    const s = await opened();
    await s.create(URL_A, policy);
    const visited = await s.visit(`${URL_A}/old`);
    expect(visited.status).toBe(status);
    expect(visited.headers).toMatchObject(headers);
    expect(visited.headers).not.toHaveProperty("x-no");
    if (body !== undefined) expect(visited.body.toString()).toBe(body);
  });

  test("counts requests over policies that stay the same", async () => {
    const s = await opened();
    const limit = { type: "rate-limit", config: { name: "x", capacity: 1, rate: "60s" } };
    const id = await s.create(URL_A, request(limit, { type: "custom-response", config: { body: "ok" } }));
    expect(await s.says(URL_A)).toBe("200 ok");
    await patch(s, id, { description: "only a text" });
    expect(await s.says(URL_A)).toBe("429 ERR_GINNEL_RATE_LIMIT");
  });

  test.each([
    ["on_http_request", "https"],
    ["on_tcp_connect", "https"],
    ["on_http_request", "http"],
    ["on_tcp_connect", "http"],
  ])("closes connections in the phase %s of %s without a word", async (phase, scheme) => {
    const s = await opened();
    await s.create(`${scheme}://a.e.test`, { [phase]: [{ actions: [{ type: "close-connection" }] }] });
    expect(await failureOf(s.visit(`${scheme}://a.e.test`))).not.toBe("");
  });

  test("closes streams of HTTP/2", async () => {
    const s = await opened();
    await s.create(URL_A, request({ type: "close-connection" }));
    const session = connectHttp2(`https://a.e.test:${s.edge.https}`, {
      createConnection: () =>
        connectTls({
          host: "127.0.0.1",
          port: s.edge.https,
          servername: "a.e.test",
          ca: EDGE_CA_PEM,
          ALPNProtocols: ["h2"],
        }),
    });
    const stream = session.request({ ":path": "/", ":authority": "a.e.test" });
    const heard: string[] = [];
    stream.on("response", () => heard.push("response"));
    stream.on("error", () => heard.push("error"));
    stream.on("close", () => heard.push("close"));
    await eventually("the stream has closed", () => heard.includes("close"));
    expect(heard).not.toContain("response");
    session.destroy();
  });

  test("shares its address with agents of its account, request by request", async () => {
    const s = await opened();
    await s.create(URL_A, says("cloud"), { pooling_enabled: true });
    const { agent, bind } = await s.agent();
    await bind({ Proto: "https", Opts: { Domain: "a.e.test" }, Extra: { PoolingEnabled: true } });
    const answers = new Set<string>();
    for (let round = 0; round < 200 && answers.size < 2; round += 1) {
      const before = agent.proxies.length;
      let answer = "";
      const visited = s.says(URL_A).then((text) => (answer = text));
      await eventually("somebody is asked", () => answer !== "" || agent.proxies.length > before);
      agent.proxies[before]?.stream.write(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nagent"));
      answers.add(await visited);
    }
    expect(answers).toEqual(new Set(["200 cloud", "200 agent"]));
  });

  test("keeps agents and other accounts off its name", async () => {
    const s = await opened();
    await s.create(URL_A, says("mine"));
    const bindOf = async (account: SceneAccount | undefined, Extra: object) =>
      (await s.agent(account)).bind({ Proto: "https", Opts: { Domain: "a.e.test" }, Extra });
    expect(await failureOf(bindOf(undefined, {}))).toContain("ERR_NGROK_334");
    expect(await failureOf(bindOf(undefined, { PoolingEnabled: true }))).toContain("ERR_NGROK_6030");
    expect(await failureOf(bindOf(s.scene.other, { PoolingEnabled: true }))).toContain("ERR_NGROK_334");
  });

  test("cannot be made where an agent is", async () => {
    const s = await opened();
    await (await s.agent()).bind({ Proto: "https", Opts: { Domain: "a.e.test" } });
    const { live } = s.scene.store;
    // Records of what is online are written behind the reply.
    for (let turn = 0; turn < 100 && (await live.endpointsOn("a.e.test", { limit: 1 })).length === 0; turn++)
      await quiet();
    expect(await failureOf(s.create(URL_A, says("x")))).toContain("ERR_NGROK_334");
    await s.create("http://a.e.test", says("the other side"));
    expect(await failureOf(s.create("http://a.e.test", says("x"), {}, s.scene.other))).toContain("ERR_NGROK_334");
  });
});
