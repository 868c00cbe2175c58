/** Captured exchanges as wrappers list and replay them (clients.md section 7, rows by number). */
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Buffer } from "node:buffer";
import { CalledAgent } from "../support/called-agent.ts";

const LIMIT_MS = 30_000;
setDefaultTimeout(LIMIT_MS);

let agent: CalledAgent;
beforeAll(async () => {
  agent = await CalledAgent.start();
}, LIMIT_MS);
afterEach(() => agent.clear());
afterAll(() => agent[Symbol.asyncDispose]());

describe("the agent API", () => {
  test("the agent API meets K-131: exchanges, newest first, by tunnel and number", async () => {
    const [one, two] = await Promise.all(
      ["one", "two"].map((name) => agent.json("POST", "/api/tunnels", agent.definition(name))),
    );
    for (const [url, path] of [
      [one.public_url, "/a"],
      [two.public_url, "/b?q=1"],
      [one.public_url, "/c"],
    ]) {
      await agent.visit(url, path);
    }
    const uris = async (query: string): Promise<readonly string[]> =>
      (await agent.json("GET", `/api/requests/http${query}`)).requests.map(
        ({ request }: { request: { uri: string } }) => request.uri,
      );
    expect(await uris("")).toEqual(["/c", "/b?q=1", "/a"]);
    expect(await uris("?tunnel_name=one")).toEqual(["/c", "/a"]);
    expect(await uris("?limit=1&tunnel_name=two")).toEqual(["/b?q=1"]);
    expect(await uris("?tunnel_name=nobody")).toEqual([]);
    const { requests } = await agent.json("GET", "/api/requests/http");
    const ids = requests.map(({ id }: { id: string }) => id);
    expect(ids.toSorted().toReversed()).toEqual(ids);
    const [newest] = requests;
    expect(newest).toMatchObject({
      uri: `/api/requests/http/${newest.id}`,
      id: expect.stringMatching(/^airt_[0-9A-Za-z]{27}$/),
      tunnel_name: "one",
      remote_addr: "127.0.0.1",
      start: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/),
      request: { method: "GET", proto: "HTTP/1.1", headers: { Connection: ["close"] }, uri: "/c" },
      response: { status: "200 OK", status_code: 200, proto: "HTTP/1.1" },
    });
    expect(Number.isInteger(newest.duration)).toBe(true);
    expect(Buffer.from(newest.request.raw, "base64").toString()).toStartWith("GET /c HTTP/1.1\r\n");
    expect(Buffer.from(newest.response.raw, "base64").toString()).toEndWith("\r\n\r\nhere I am");
  });

  test.each([["id"], ["tunnel_name"], ["tunnelName"]])(
    "the agent API meets K-132: a replay asked for with %s is recorded when it is answered",
    async (key) => {
      const { public_url: url } = await agent.json("POST", "/api/tunnels", agent.definition("web"));
      await agent.visit(url, "/again");
      const [{ id }] = (await agent.json("GET", "/api/requests/http")).requests;
      const replayed = await agent.call("POST", "/api/requests/http", { [key]: "web", id });
      expect([replayed.status, replayed.text]).toEqual([204, ""]);
      const { requests } = await agent.json("GET", "/api/requests/http?tunnel_name=web");
      expect(requests.map(({ request }: { request: { uri: string } }) => request.uri)).toEqual(["/again", "/again"]);
      expect(requests[0].response.status_code).toBe(200);
      expect((await agent.call("DELETE", "/api/requests/http")).status).toBe(204);
      expect((await agent.json("GET", "/api/requests/http")).requests).toEqual([]);
    },
  );

  test("the agent API meets K-131: an upstream that is not there is an answer of 502", async () => {
    const { public_url: url } = await agent.json(
      "POST",
      "/api/tunnels",
      agent.definition("none", { addr: "127.0.0.1:1" }),
    );
    expect((await agent.visit(url)).status).toBe(502);
    const [exchange] = (await agent.json("GET", "/api/requests/http")).requests;
    expect(exchange.response).toMatchObject({ status: "502 Bad Gateway", status_code: 502 });
  });
});
