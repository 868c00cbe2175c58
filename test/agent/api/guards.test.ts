/** Who may call the agent API, and with what (reference.md 3.1, C-01, clients.md K-136 and X-07). */
import { describe, expect, test } from "bun:test";
import { ApiScene } from "../../support/api-scene.ts";
import { httpTunnel } from "../../support/tunnel-definitions.ts";

const DEFINITION = { name: "web", proto: "http", addr: 80 };
const STATUS = "/api/status";

async function statusFor(config: string, host: string, path = STATUS, method = "GET"): Promise<number> {
  const scene = new ApiScene({ config });
  scene.run(httpTunnel());
  return (await scene.call(method, path, undefined, { Host: host })).status;
}

describe("the host guard", () => {
  test.each([
    ["localhost", 200],
    ["localhost:4040", 200],
    ["LOCALHOST:9", 200],
    ["localhost.", 200],
    ["127.0.0.1", 200],
    ["127.99.0.1:4040", 200],
    ["[::1]:4040", 200],
    ["", 403],
    ["evil.test", 403],
    ["localhost.evil.test", 403],
    ["127.0.0.1.evil.test", 403],
    ["127.1", 403],
    ["2130706433", 403],
    ["0x7f000001", 403],
    ["192.0.2.1", 403],
    ["[2001:db8::1]", 403],
    ["ginnel", 403],
    ["evil.test@localhost", 403],
    ["localhost, evil.test", 403],
    // A tunnel's own URL: what is published shows nothing unless the user says so.
    ["d95211d2.edge.test", 403],
  ])("the host guard answers %p with %p on the loopback", async (host, status) => {
    expect(await statusFor("", host)).toBe(status);
  });

  test.each([
    ["192.0.2.1", 200],
    ["[2001:db8::1]:4040", 200],
    ["agent:4040", 200],
    ["localhost", 200],
    ["evil.test", 403],
  ])("the host guard answers %p with %p when the port is open to other machines", async (host, status) => {
    expect(await statusFor("web_addr: 0.0.0.0:4040", host)).toBe(status);
  });

  test("the host guard knows the name that the port was configured with", async () => {
    const config = "web_addr: agent.home.test:4040";
    expect([await statusFor(config, "agent.home.test:4040"), await statusFor(config, "evil.test")]).toEqual([200, 403]);
  });

  test.each([
    ["here.test", 200],
    ["HERE.test:80", 200],
    ["sub.here.test", 403],
    ["below.domain.test", 200],
    ["domain.test", 403],
    ["192.0.2.7", 200],
    ["192.0.2.8", 403],
    ["198.51.100.200", 200],
    ["[2001:db8::7]", 200],
    ["port.test:4040", 200],
    ["localhost", 200],
  ])("the host guard answers %p with %p when hosts are listed", async (host, status) => {
    const hosts =
      "web_allow_hosts: [Here.test, 'port.test:80', .domain.test, 192.0.2.7, 198.51.100.0/24, '2001:db8::/32']";
    expect(await statusFor(hosts, host)).toBe(status);
  });

  test.each([
    [STATUS, "GET", 200],
    ["/status", "GET", 200],
    ["/api/tunnels", "GET", 403],
    ["/api/requests/http", "GET", 403],
    ["/api/requests/http", "DELETE", 403],
    ["/inspect/http", "GET", 403],
    [STATUS, "POST", 403],
  ])("the host guard shows visitors of a published port %s %s as %p", async (path, method, status) => {
    expect(await statusFor("web_publish: true", "d95211d2.edge.test", path, method)).toBe(status);
    expect(await statusFor("web_publish: true", "other.test", path, method)).toBe(403);
  });

  test("the host guard says what to do, in JSON", async () => {
    const answer = await new ApiScene().call("GET", STATUS, undefined, { Host: "evil.test" });
    expect(answer.json).toMatchObject({
      error_code: 105,
      status_code: 403,
      msg: "forbidden",
      details: { err: 'host "evil.test" is not allowed here; web_allow_hosts lists further hosts' },
    });
  });

  test.each(["a b", "evil.test@localhost", "localhost:99999", "["])(
    "the host guard refuses %p, which makes no URL, and tells the log the path",
    async (host) => {
      const { app, lines } = new ApiScene();
      using server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => app.fetch(request) });
      const answer = await fetch(`http://127.0.0.1:${server.port}/api/status?a=1`, { headers: { Host: host } });
      expect(answer.status).toBe(403);
      expect(answer.headers.get("Cache-Control")).toBe("no-store");
      expect(lines).toMatchObject([{ fields: { pg: "/api/status" } }, { fields: { pg: "/api/status", status: 403 } }]);
    },
  );
});

describe("the browser guard", () => {
  test.each([
    ["another site", "GET", { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors" }, 403],
    ["another port, whatever it wants", "GET", { "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors" }, 403],
    [
      "a link to the API",
      "GET",
      { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" },
      403,
    ],
    ["another site that writes", "DELETE", { Origin: "https://evil.test" }, 403],
    ["a page without an origin", "DELETE", { Origin: "null" }, 403],
    ["another port", "DELETE", { Origin: "http://127.0.0.1:3000" }, 403],
    ["another name of this machine", "DELETE", { Origin: "http://localhost:4040" }, 403],
    ["the page itself", "DELETE", { Origin: "http://127.0.0.1:4040", "Sec-Fetch-Site": "same-origin" }, 204],
    ["the page itself, behind TLS of somebody else", "DELETE", { Origin: "https://127.0.0.1:4040" }, 204],
    ["a page that reads", "GET", { Origin: "https://other.test" }, 200],
    ["a typed address", "GET", { "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate" }, 200],
    ["a program", "DELETE", {}, 204],
  ])("the browser guard answers %s", async (_, method, headers, status) => {
    const answer = await new ApiScene().call(method, "/api/requests/http", undefined, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers.has("Access-Control-Allow-Origin")).toBe(false);
  });

  test("the browser guard lets links to pages be followed, and nothing else of them be loaded", async () => {
    const link = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" };
    const scene = new ApiScene();
    expect(await scene.call("GET", "/", undefined, link)).toMatchObject({ status: 302 });
    expect(
      await scene.call("GET", "/inspect/http", undefined, { ...link, "Sec-Fetch-Site": "same-site" }),
    ).toMatchObject({ status: 200 });
    expect(await scene.call("GET", "/status", undefined, link)).toMatchObject({ status: 200 });
    expect(await scene.call("GET", "/", undefined, { ...link, "Sec-Fetch-Dest": "iframe" })).toMatchObject({
      status: 403,
    });
  });

  test.each(["/api", "/api/config", "/requests/http", "/tunnels", "/metrics", "/statusx"])(
    "the browser guard lets no link lead from another site to %s",
    async (path) => {
      const link = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" };
      expect((await new ApiScene().call("GET", path, undefined, link)).status).toBe(403);
    },
  );

  test.each(["127.0.0.1", "evil.test"])(
    "every answer, as to %s, keeps strangers from loading and keeping it",
    async (host) => {
      const { headers } = await new ApiScene().call("GET", "/api/requests/http", undefined, { Host: host });
      expect([
        headers.get("Cross-Origin-Resource-Policy"),
        headers.get("X-Content-Type-Options"),
        headers.get("Cache-Control"),
        headers.get("Cross-Origin-Opener-Policy"),
      ]).toEqual(["same-origin", "nosniff", "no-store", "same-origin"]);
    },
  );
});

describe("the body of a call", () => {
  const JSON_BODY = JSON.stringify(DEFINITION);
  const FORM = "name=web&proto=http&addr=80";
  const FORM_TYPE = "application/x-www-form-urlencoded";

  test.each([
    ["JSON", JSON_BODY, { "Content-Type": "application/json" }, 201],
    ["JSON with a charset", JSON_BODY, { "Content-Type": "Application/JSON; charset=utf-8" }, 201],
    ["a form of a program", FORM, { "Content-Type": FORM_TYPE }, 201],
    ["JSON that curl calls a form", JSON_BODY, { "Content-Type": FORM_TYPE }, 201],
    ["a form with lists", `${FORM}&schemes=http&schemes=https`, { "Content-Type": FORM_TYPE }, 201],
    [
      "a form of a browser that names its origin",
      FORM,
      { "Content-Type": FORM_TYPE, Origin: "http://127.0.0.1:4040" },
      415,
    ],
    [
      "a form of a browser that names the page",
      FORM,
      { "Content-Type": FORM_TYPE, Referer: "http://127.0.0.1:4040/" },
      415,
    ],
    ["a form of a browser", FORM, { "Content-Type": FORM_TYPE, "Sec-Fetch-Mode": "navigate" }, 415],
    ["a simple type", JSON_BODY, { "Content-Type": "text/plain" }, 415],
    ["a file form", JSON_BODY, { "Content-Type": "multipart/form-data; boundary=x" }, 415],
    ["no type", JSON_BODY, { "Content-Type": "" }, 415],
    ["nothing", "", { "Content-Type": "application/json" }, 400],
    ["half of JSON", '{"name":', { "Content-Type": "application/json" }, 400],
    ["a list", "[]", { "Content-Type": "application/json" }, 400],
    ["null", "null", { "Content-Type": "application/json" }, 400],
  ])("the body of a call may be or not be %s", async (_, body, headers, status) => {
    const answer = await new ApiScene().call("POST", "/api/tunnels", body, headers);
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([status, "application/json"]);
  });

  test.each([["/api/tunnels"], ["/api/endpoints"], ["/api/requests/http"]])(
    "the body of POST %s is needed",
    async (path) => {
      expect(await new ApiScene().call("POST", path)).toMatchObject({ status: 400, json: { error_code: 101 } });
    },
  );

  test("the body of a call is refused from 1 MiB on, announced or not", async () => {
    const scene = new ApiScene();
    const body = `{"name":"${"x".repeat(1_048_576)}"}`;
    const refused = { status: 413, json: { error_code: 107, msg: "request body too large" } };
    expect(await scene.call("POST", "/api/tunnels", body, { "Content-Length": String(body.length) })).toMatchObject(
      refused,
    );
    expect(await scene.call("POST", "/api/tunnels", body)).toMatchObject(refused);
  });

  test("the body of a call that needs none is passed over, with any type", async () => {
    const scene = new ApiScene();
    expect(await scene.call("DELETE", "/api/requests/http", "x", { "Content-Type": "text/html" })).toMatchObject({
      status: 204,
    });
    expect(await scene.call("GET", "/api/tunnels", undefined, { "Content-Type": "application/json" })).toMatchObject({
      status: 200,
    });
  });
});

describe("other calls", () => {
  test.each([
    ["GET", "/api/nothing"],
    ["GET", "/api/requests"],
    ["POST", "/nothing"],
    ["GET", "/api/requests/http/x/y"],
    ["GET", "/%ff"],
  ])("other calls such as %s %s are answered 404 with the path", async (method, path) => {
    const answer = await new ApiScene().call(method, path, method === "POST" ? {} : undefined);
    expect(answer).toMatchObject({
      status: 404,
      json: { msg: "Not Found", details: { path, err: "nothing is here" } },
    });
  });

  test.each([
    ["PUT", "/api/tunnels", "GET, HEAD, POST"],
    ["POST", "/api/tunnels/x", "GET, HEAD, DELETE"],
    ["POST", "/api/requests/http/x", "GET, HEAD"],
    ["DELETE", "/api/status", "GET, HEAD"],
    ["PATCH", "/api/endpoints/x", "GET, HEAD, PUT, DELETE"],
    ["OPTIONS", "/api/tunnels", "GET, HEAD, POST"],
    ["POST", "/tunnels/x", "GET, HEAD, DELETE"],
  ])("other calls such as %s %s are answered 405 with what is allowed", async (method, path, allowed) => {
    const answer = await new ApiScene().call(method, path, {});
    expect([answer.status, answer.headers.get("Allow")]).toEqual([405, allowed]);
    expect(answer.json).toMatchObject({ error_code: 106, details: { err: expect.stringContaining(allowed) } });
  });

  test("other calls with HEAD answer as GET does, without a body", async () => {
    const answer = await new ApiScene().call("HEAD", "/api/tunnels");
    expect([answer.status, answer.text]).toEqual([200, ""]);
  });

  test("any Accept gets JSON", async () => {
    const { headers } = await new ApiScene().call("GET", "/api/nothing", undefined, { Accept: "application/xml" });
    expect(headers.get("Content-Type")).toBe("application/json");
  });
});

test("the log tells each call twice, without its query", async () => {
  const scene = new ApiScene();
  await scene.call("GET", "/api/tunnels/a%20b?secret=1");
  const [start, end] = scene.lines;
  expect(scene.lines).toHaveLength(2);
  expect(start).toMatchObject({
    level: "info",
    message: "start",
    fields: { pg: "/api/tunnels/a%20b", id: expect.stringMatching(/^[0-9a-f]{16}$/) },
  });
  expect(end).toEqual({
    level: "info",
    message: "end",
    fields: { pg: "/api/tunnels/a%20b", id: start?.fields["id"], status: 404, dur: "0s" },
  });
});
