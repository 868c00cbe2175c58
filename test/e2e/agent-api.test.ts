/** The agent API of the real program with its own edge, called by curl as people call it (reference.md 3). */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { AgentProcess } from "../support/agent-process.ts";
import { START_MS } from "../support/tunnel-system.ts";
import { visit } from "../support/visit.ts";

const upstream = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: async (request) => new Response(`${request.method} ${new URL(request.url).pathname} ${await request.text()}`),
});

interface Shown {
  readonly name: string;
  readonly uri: string;
  readonly public_url: string;
  readonly proto: string;
  readonly metrics: { readonly conns: { readonly count: number }; readonly http: { readonly count: number } };
}

interface Captured {
  readonly id: string;
  readonly uri: string;
  readonly tunnel_name: string;
  readonly replay_of: string | null;
  readonly request: { readonly method: string; readonly uri: string; readonly raw: string };
  readonly response: { readonly status: string; readonly status_code: number; readonly raw: string };
}

let agent: AgentProcess;
let base: string;

beforeAll(async () => {
  agent = await AgentProcess.start(["start", "--none"]);
  base = await baseOf(agent);
  await agent.logged("client session established");
}, START_MS);

afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await upstream.stop(true);
});

async function baseOf(started: AgentProcess): Promise<string> {
  const { addr } = await started.logged("starting web service");
  return `http://${addr}`;
}

/** What curl prints: the body, then the status on a line of its own. */
async function curl(path: string, ...args: readonly string[]): Promise<readonly [status: number, body: string]> {
  const url = path.startsWith("http") ? path : `${base}${path}`;
  const child = Bun.spawn(["curl", "-sS", "-q", "-m", "20", "--noproxy", "*", "-w", "\n%{http_code}", ...args, url], {
    env: { PATH: process.env["PATH"] },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const text = await child.stdout.text();
  const end = text.lastIndexOf("\n");
  return [Number(text.slice(end)), text.slice(0, end)];
}

async function got<Answer>(path: string): Promise<Answer> {
  const [status, body] = await curl(path);
  expect(status).toBe(200);
  return JSON.parse(body) as Answer; // the shape is what the tests assert
}

function posting(body: object): readonly string[] {
  return ["-H", "Content-Type: application/json", "-d", JSON.stringify(body)];
}

async function started(body: object): Promise<Shown> {
  const [status, text] = await curl("/api/tunnels", ...posting(body));
  expect([status, text]).toEqual([201, expect.stringContaining('"public_url"')]);
  return JSON.parse(text) as Shown; // as above
}

async function visited(publicUrl: string, path: string, body = ""): Promise<number> {
  const { hostname, port } = new URL(publicUrl);
  return (
    await visit(hostname, {
      port: Number(port),
      path,
      ...(body === "" ? {} : { method: "POST", body: Buffer.from(body) }),
    })
  ).status;
}

describe("the agent API", () => {
  test("the agent API starts three tunnels, shows them by their uri, and stops one half of a pair", async () => {
    const first = await started({
      name: "first",
      proto: "http",
      addr: upstream.port,
      bind_tls: "both",
      subdomain: "api-test",
    });
    expect(first).toMatchObject({ name: "first", proto: "https", uri: "/api/tunnels/first" });
    expect(first.public_url).toMatch(/^https:\/\/api-test\.localhost:\d+$/);
    const second = await started({
      name: "http-http://localhost:80-1",
      proto: "http",
      addr: `${upstream.port}`,
      schemes: ["http"],
    });
    const third = await started({ name: "ssh", proto: "tcp", addr: 22 });
    expect(third.public_url).toStartWith("tcp://");

    const { tunnels } = await got<{ tunnels: readonly Shown[] }>("/api/tunnels");
    expect(tunnels.map(({ name }) => name)).toEqual(["first", "first (http)", second.name, "ssh"]);
    for (const { uri, name } of tunnels) expect(await got<Shown>(uri)).toMatchObject({ name });
    const { endpoints } = await got<{ endpoints: readonly Shown[] }>("/api/endpoints");
    expect(endpoints.map(({ name }) => name)).toEqual(tunnels.map(({ name }) => name));

    expect(await curl("/api/tunnels/first%20%28http%29", "-X", "DELETE")).toEqual([204, ""]);
    expect((await curl("/api/tunnels/first%20%28http%29", "-X", "DELETE"))[0]).toBe(404);
    const [status, body] = await curl("/api/tunnels", ...posting({ name: "first", proto: "http", addr: 1 }));
    expect([status, JSON.parse(body)]).toMatchObject([
      400,
      { error_code: 102, details: { err: expect.stringContaining('tunnel "first" already exists') } },
    ]);
    for (const { uri } of [first, second, third]) expect((await curl(uri, "-X", "DELETE"))[0]).toBe(204);
    expect(await got("/api/tunnels")).toEqual({ tunnels: [], uri: "/api/tunnels" });
  });

  test("the agent API tells the same length to HEAD as to GET", async () => {
    const [status, head] = await curl("/api/endpoints", "-I");
    const [, body] = await curl("/api/endpoints");
    expect(status).toBe(200);
    expect(head.toLowerCase()).toContain(`content-length: ${Buffer.byteLength(body)}\r\n`);
  });

  test("the agent API puts one endpoint in the place of another, at the same URL", async () => {
    const put = (url: string, address: string): Promise<readonly [number, string]> =>
      curl("/api/endpoints/put", "-X", "PUT", ...posting({ url, upstream: { url: address } }));
    const url = "http://put-test.localhost";
    expect((await put(url, "1"))[0]).toBe(201);
    const [status, body] = await put(url, `${upstream.port}`);
    expect([status, JSON.parse(body)]).toMatchObject([200, { upstream: { url: `http://localhost:${upstream.port}` } }]);
    const { public_url } = await got<Shown>("/api/tunnels/put");
    expect([new URL(public_url).hostname, await visited(public_url, "/")]).toEqual(["put-test.localhost", 200]);
    expect((await put("tcp://not.ours.test:1", "1"))[0]).toBe(502);
    expect(await visited(public_url, "/")).toBe(200);
    expect((await curl("/api/endpoints/put", "-X", "DELETE"))[0]).toBe(204);
  });

  test("the agent API shows what was captured, counts it, and replays it with and without changes", async () => {
    const tunnel = await started({ name: "web", proto: "http", addr: upstream.port, schemes: ["http"] });
    expect(await visited(tunnel.public_url, "/a?b=1", "hello")).toBe(200);
    const { requests } = await got<{ requests: readonly Captured[] }>("/api/requests/http?limit=5&tunnel_name=web");
    const [captured] = requests;
    expect(requests).toMatchObject([
      {
        tunnel_name: "web",
        remote_addr: "127.0.0.1",
        outcome: "complete",
        request: { method: "POST", uri: "/a?b=1", proto: "HTTP/1.1" },
        response: { status: "200 OK", status_code: 200 },
      },
    ]);
    expect(Buffer.from(captured?.response.raw ?? "", "base64").toString()).toEndWith("POST /a hello");
    const { metrics } = await got<Shown>(tunnel.uri);
    expect([metrics.conns.count, metrics.http.count]).toEqual([1, 1]);

    const id = captured?.id ?? "";
    expect(await curl("/api/requests/http", ...posting({ id, tunnelName: "web" }))).toEqual([204, ""]);
    expect(await curl("/requests/http", "-d", `id=${id}`)).toEqual([204, ""]);
    const changes = { method: "PUT", path: "/other", body: btoa("changed"), times: 2 };
    expect(await curl("/api/requests/http", ...posting({ id, ...changes }))).toEqual([204, ""]);
    const after = await got<{ requests: readonly Captured[] }>("/api/requests/http?tunnel_name=web");
    const bodies = after.requests.map(({ replay_of, response: { raw } }) => [
      replay_of,
      Buffer.from(raw, "base64").toString().split("\r\n\r\n")[1],
    ]);
    expect(bodies).toEqual([
      [id, "PUT /other changed"],
      [id, "PUT /other changed"],
      [id, "POST /a hello"],
      [id, "POST /a hello"],
      [null, "POST /a hello"],
    ]);
    const ids = after.requests.map((request) => request.id);
    expect(ids).toEqual(ids.toSorted().toReversed());

    expect(await curl("/api/requests/http", "-X", "DELETE")).toEqual([204, ""]);
    expect(await got("/api/requests/http")).toEqual({ uri: "/api/requests/http", requests: [] });
    expect((await curl(tunnel.uri, "-X", "DELETE"))[0]).toBe(204);
  });

  test("the agent API pushes what happens", async () => {
    const feed = await fetch(`${base}/api/events`);
    const reader = (feed.body ?? new ReadableStream<Uint8Array>()).getReader();
    const tunnel = await started({ name: "pushed", proto: "http", addr: upstream.port, schemes: ["http"] });
    expect(await visited(tunnel.public_url, "/seen")).toBe(200);
    let text = "";
    while (!/event: exchange\ndata: .*"\/seen".*"status_code":200/.test(text)) {
      text += new TextDecoder().decode((await reader.read()).value);
    }
    expect(text).toMatch(/^event: hello\ndata: \{"status":"online"/);
    expect(text).toMatch(/event: tunnels\ndata: \{"tunnels":\[\{"name":"pushed"/);
    await reader.cancel();
    expect((await curl(tunnel.uri, "-X", "DELETE"))[0]).toBe(204);
  });

  test("the agent API keeps strangers out, and pages and metrics are there", async () => {
    expect((await curl("/api/tunnels", "-H", "Host: evil.test"))[0]).toBe(403);
    expect((await curl("/api/requests/http", "-X", "DELETE", "-H", "Origin: https://evil.test"))[0]).toBe(403);
    expect((await curl("/api/tunnels", "-H", "Content-Type: text/plain", "-d", "{}"))[0]).toBe(415);
    const file = `${agent.folder.path}/large.json`;
    await Bun.write(file, `{"name":"${"x".repeat(1_100_000)}"}`);
    const large = ["-H", "Content-Type: application/json", "-d", `@${file}`];
    expect((await curl("/api/tunnels", ...large))[0]).toBe(413);
    expect((await curl("/api/tunnels", ...large, "-H", "Transfer-Encoding: chunked"))[0]).toBe(413);
    expect((await curl("/"))[0]).toBe(302);
    expect(await curl("/inspect/http")).toEqual([200, expect.stringContaining("<!doctype html>")]);
    expect(await curl("/metrics")).toEqual([200, expect.stringContaining("ginnel_agent_session_up")]);
    expect(await got("/api/openapi.json")).toMatchObject({ openapi: "3.1.0" });
    expect((await curl(`${base.replace("127.0.0.1", "localhost")}/api/status`))[0]).toBe(200);
    expect((await curl("/api/status", "-0", "-H", "Connection: close"))[0]).toBe(200);
  });

  test("the agent API is told by the log, without errors and with two lines for each call", async () => {
    const before = agent.log.lines.length;
    await curl("/api/status?x=1");
    const { id = "" } = await agent.logged("start", { pg: "/api/status" }, before);
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(await agent.logged("end", { id })).toMatchObject({
      pg: "/api/status",
      status: "200",
      dur: expect.stringMatching(/s$/),
    });
    expect(agent.log.lines.filter((line) => /"lvl":"(eror|crit)"/.test(line))).toEqual([]);
    expect(agent.stderr.lines).toEqual([]);
  });
});

describe("the web port", () => {
  test(
    "the web port of a second agent is the next one that is free",
    async () => {
      await using second = await AgentProcess.start(["start", "--none"]);
      const other = await baseOf(second);
      expect(other).not.toBe(base);
      expect((await curl(`${other}/api/tunnels`))[0]).toBe(200);
    },
    START_MS,
  );

  test(
    "the web port that the user chose and that is taken ends the agent",
    async () => {
      const address = base.replace("http://", "");
      const files = { "a.yml": `version: 2\nweb_addr: ${address}\n` };
      await using refused = await AgentProcess.start(["start", "--none", "--config=a.yml"], { files });
      expect(await refused.child.exited).toBe(1);
      expect(await refused.logged("command failed")).toMatchObject({
        lvl: "crit",
        err: expect.stringContaining("address already in use"),
      });
      await refused.stderr.find((line) => (line.includes("address already in use") ? true : undefined));
    },
    START_MS,
  );

  test(
    "the web port that is switched off is not told and not there; its tunnels run",
    async () => {
      const files = { "a.yml": "version: 2\nweb_addr: false\n" };
      await using silent = await AgentProcess.start(["http", `${upstream.port}`, "--scheme=http", "--config=a.yml"], {
        files,
      });
      expect(await visited(await silent.url(), "/x")).toBe(200);
      expect(silent.log.lines.filter((line) => line.includes("web service"))).toEqual([]);
    },
    START_MS,
  );

  test(
    "the web port behind a tunnel needs credentials, or shows the status alone",
    async () => {
      const { port } = new URL(base);
      const open = await curl(
        "/api/tunnels",
        ...posting({ name: "self", proto: "http", addr: port, schemes: ["http"] }),
      );
      expect(open).toMatchObject([400, expect.stringContaining("web_publish")]);

      await using published = await AgentProcess.start(["start", "--none"], { env: { GINNEL_WEB_PUBLISH: "true" } });
      const own = await baseOf(published);
      await published.logged("client session established");
      const body = posting({ name: "self", proto: "http", addr: new URL(own).port, schemes: ["http"] });
      const [status, text] = await curl(`${own}/api/tunnels`, ...body);
      expect(status).toBe(201);
      const { public_url } = JSON.parse(text) as Shown; // as above
      expect(await visited(public_url, "/api/status")).toBe(200);
      expect(await visited(public_url, "/status")).toBe(200);
      expect(await visited(public_url, "/api/tunnels")).toBe(403);
    },
    START_MS,
  );

  test(
    "the web port behind a tunnel with credentials is there for whoever has them, once its host is allowed",
    async () => {
      const files = { "a.yml": "version: 2\nweb_allow_hosts: [myapp-inspect.localhost]\n" };
      await using inspected = await AgentProcess.start(["start", "--none", "--config=a.yml"], { files });
      const own = await baseOf(inspected);
      await inspected.logged("client session established");
      const sample = { subdomain: "myapp-inspect", auth: "user:secretpassword", inspect: false, schemes: ["http"] };
      const body = { name: "inspect", proto: "http", addr: new URL(own).port, ...sample };
      const [status, text] = await curl(`${own}/api/tunnels`, ...posting(body));
      expect(status).toBe(201);
      const { hostname, port } = new URL((JSON.parse(text) as Shown).public_url); // as above
      const statusOf = async (headers: Readonly<Record<string, string>>): Promise<number> =>
        (await visit(hostname, { port: Number(port), path: "/api/tunnels", headers })).status;
      expect(await statusOf({})).toBe(401);
      expect(await statusOf({ Authorization: `Basic ${btoa("user:secretpassword")}` })).toBe(200);
    },
    START_MS,
  );
});
