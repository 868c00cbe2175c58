/** Captured requests over the agent API (reference.md 3.4, clients.md K-131 to K-133). */
import { describe, expect, test } from "bun:test";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { UsageError } from "../../../src/base/errors.ts";
import { ApiScene } from "../../support/api-scene.ts";
import { capturedExchange } from "../../support/captured-exchange.ts";
import { httpTunnel } from "../../support/tunnel-definitions.ts";

const LIST = "/api/requests/http";

const REQUEST =
  "GET /favicon.ico?a=%20b HTTP/1.1\r\nhost: web.test\r\naccept: */*\r\nX-a: 1\r\nx-A: 2\r\nx odd: \xc3\xa4\r\n\r\n";
const RESPONSE = "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\nabc";

function sceneWith(...exchanges: Parameters<typeof capturedExchange>[0][]): ApiScene {
  const scene = new ApiScene();
  for (const changes of exchanges) scene.capture(capturedExchange(changes));
  return scene;
}

describe("GET of a captured request", () => {
  test("GET of a captured request shows both sides in the published shape", async () => {
    const id = "airt_2";
    const scene = sceneWith({ id, request: REQUEST, response: RESPONSE, replayOf: "airt_1" });
    const { status, json } = await scene.call("GET", `${LIST}/${id}`);
    expect([status, json]).toEqual([
      200,
      {
        uri: `${LIST}/${id}`,
        id,
        tunnel_name: "web",
        remote_addr: "192.0.2.7",
        start: expect.stringMatching(/^2023-11-1[45]T\d\d:\d\d:20\.000(Z|[+-]\d\d:\d\d)$/),
        duration: 3_893_202,
        outcome: "complete",
        replay_of: "airt_1",
        timing: { request_end: 500_000, first_byte: 2_000_000, end: 3_893_202 },
        stream: null,
        request: {
          method: "GET",
          proto: "HTTP/1.1",
          uri: "/favicon.ico?a=%20b",
          bytes: REQUEST.length,
          truncated: false,
          headers: { Accept: ["*/*"], "X-A": ["1", "2"], "x odd": ["ä"] },
          raw: Buffer.from(REQUEST, "latin1").toString("base64"),
          trailers: {},
        },
        response: {
          status: "502 Bad Gateway",
          status_code: 502,
          proto: "HTTP/1.1",
          generated: false,
          bytes: RESPONSE.length,
          truncated: false,
          headers: { "Content-Type": ["text/html"], "Content-Length": ["3"] },
          raw: Buffer.from(RESPONSE).toString("base64"),
          trailers: {},
        },
      },
    ]);
  });

  test("GET of a captured request without a response has null there, and a number for the time", async () => {
    const { json } = await sceneWith({}).call("GET", `${LIST}/airt_1`);
    expect(json).toMatchObject({ response: null, outcome: "open", duration: 500_000, timing: { end: null } });
  });

  test.each([
    ["192.0.2.7:5000", "192.0.2.7"],
    ["[2001:db8::7]:5000", "2001:db8::7"],
    ["127.0.0.1:0", "127.0.0.1"],
    ["somewhere", "somewhere"],
  ])("GET of a captured request of %s shows the address without a port", async (visitorAddress, shown) => {
    expect(await sceneWith({ visitorAddress }).call("GET", `${LIST}/airt_1`)).toMatchObject({
      json: { remote_addr: shown },
    });
  });

  test("GET of a captured request marks what was cut, trailers, and streams", async () => {
    const scene = sceneWith({
      response: RESPONSE,
      responseSide: { isTruncated: true, wireBytes: 9_000_000, trailers: [["grpc-status", "0"]] },
      stream: "events",
      droppedMessages: 3,
    });
    expect(await scene.call("GET", `${LIST}/airt_1`)).toMatchObject({
      json: {
        response: { truncated: true, bytes: 9_000_000, trailers: { "Grpc-Status": ["0"] } },
        stream: { kind: "events", messages: 3, dropped: 3 },
      },
    });
  });

  test.each([
    `${LIST}/airt_9`,
    `${LIST}/airt_9/messages`,
    `${LIST}/airt_1/raw/response`,
    `${LIST}/airt_1/body/response`,
  ])("GET of what was not captured, %s, is answered 404", async (path) => {
    expect(await sceneWith({}).call("GET", path)).toMatchObject({
      status: 404,
      json: { error_code: 100, details: { path } },
    });
  });
});

describe("GET of the captured requests", () => {
  const three = [
    { id: "airt_1", tunnelName: "web" },
    { id: "airt_2", tunnelName: "web (http)" },
    { id: "airt_3", tunnelName: "web", response: RESPONSE },
  ] as const;

  test.each([
    ["", ["airt_3", "airt_2", "airt_1"]],
    ["?limit=2", ["airt_3", "airt_2"]],
    ["?tunnel_name=web", ["airt_3", "airt_1"]],
    ["?tunnel_name=web%20%28http%29", ["airt_2"]],
    ["?tunnel_name=web+(http)&limit=9", ["airt_2"]],
    ["?tunnel_name=none", []],
    ["?ids=airt_1,airt_3,airt_9", ["airt_3", "airt_1"]],
    ["?ids=airt_1,airt_2&tunnel_name=web&limit=1", ["airt_1"]],
    ["?ids=", []],
    ["?unknown=1", ["airt_3", "airt_2", "airt_1"]],
    ["?limit=&tunnel_name=", ["airt_3", "airt_2", "airt_1"]],
  ])("GET of the captured requests with %p is newest first", async (query, ids) => {
    const { status, json } = await sceneWith(...three).call("GET", `${LIST}${query}`);
    expect([status, json]).toMatchObject([200, { uri: LIST, requests: ids.map((id) => ({ id })) }]);
    expect((json as { requests: unknown[] }).requests).toHaveLength(ids.length); // as asserted above
  });

  test.each([
    "?limit=0",
    "?limit=-1",
    "?limit=x",
    "?limit=1.5",
    "?view=other",
    `?ids=${Array.from({ length: 201 }, (_, i) => i).join()}`,
  ])("GET of the captured requests with %p is refused", async (query) => {
    const name = query.slice(1, query.indexOf("="));
    const answer = await sceneWith(...three).call("GET", `${LIST}${query}`);
    expect(answer).toMatchObject({
      status: 400,
      json: { error_code: 101, details: { err: expect.stringContaining(name) } },
    });
  });

  test.each(["", "?view=heads", "?limit=1", "?tunnel_name=none"])(
    "GET of the captured requests with %p has the octets that JSON.stringify makes",
    async (query) => {
      const body = "\xff".repeat(50_000);
      const scene = sceneWith(
        { id: "airt_1", response: `${RESPONSE}${body}` },
        { id: "airt_2", request: REQUEST, response: `${RESPONSE}${body}` },
      );
      const { text, json, headers } = await scene.call("GET", `${LIST}${query}`);
      expect(text).toBe(`${JSON.stringify(json)}\n`);
      expect(headers.get("Content-Type")).toBe("application/json");
    },
  );

  test("GET of the captured requests makes its text as it is read, and leaves out what was forgotten meanwhile", async () => {
    const body = "x".repeat(300_000);
    const request = `POST / HTTP/1.1\r\nHost: web.test\r\n\r\n${body}`;
    const scene = sceneWith({ id: "airt_1", request }, { id: "airt_2", request });
    const answer = await scene.app.request(LIST, { headers: { Host: "localhost" } });
    const reader = answer.body?.getReader();
    const first = await reader?.read();
    scene.ring.clear();
    const second = await reader?.read();
    const text = new TextDecoder();
    expect(text.decode(first?.value)).toStartWith(`{"uri":"${LIST}","requests":[{"uri":"${LIST}/airt_2"`);
    expect(text.decode(second?.value)).toBe("]}\n");
    expect((await reader?.read())?.done).toBe(true);
    expect(scene.clock.pending).toBe(0);
  });

  test("GET of the captured requests can leave out what is heavy", async () => {
    const scene = sceneWith({ request: REQUEST, response: RESPONSE });
    const [summary, heads] = await Promise.all([
      scene.call("GET", `${LIST}?view=summary`),
      scene.call("GET", `${LIST}?view=heads`),
    ]);
    expect(summary.json).toMatchObject({
      requests: [{ request: { content_type: "" }, response: { content_type: "text/html" } }],
    });
    expect(summary.text).not.toMatch(/"raw"|"headers"|"trailers"/);
    expect(heads.json).toMatchObject({ requests: [{ request: { headers: { Accept: ["*/*"] }, trailers: {} } }] });
    expect(heads.text).not.toContain('"raw"');
  });

  test("GET of the captured requests is also found without the prefix", async () => {
    const scene = sceneWith({});
    expect(await scene.call("GET", "/requests/http")).toMatchObject({
      json: { uri: LIST, requests: [{ id: "airt_1" }] },
    });
    expect(await scene.call("GET", "/requests/http/airt_1")).toMatchObject({ json: { id: "airt_1" } });
  });

  test("GET of the captured requests is empty when nothing is captured, and DELETE does nothing then", async () => {
    const scene = new ApiScene({ hasCapture: false });
    expect(await scene.call("GET", LIST)).toMatchObject({ status: 200, json: { uri: LIST, requests: [] } });
    expect(await scene.call("DELETE", LIST)).toMatchObject({ status: 204 });
    expect(await scene.call("POST", LIST, { id: "airt_1" })).toMatchObject({ status: 404 });
  });

  test("DELETE of the captured requests forgets them", async () => {
    const scene = sceneWith({});
    expect(await scene.call("DELETE", LIST, {})).toMatchObject({ status: 204, text: "" });
    expect(scene.ring.count).toBe(0);
  });
});

describe("POST of a captured request", () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

  test.each([
    [{}, "web", 1],
    [{ tunnel_name: "other" }, "other", 1],
    [{ tunnelName: "other" }, "other", 1],
    [{ tunnel_name: null, method: null }, "web", 1],
    [{ tunnel_name: "other", tunnelName: "web", times: 3 }, "other", 3],
  ])("POST of a captured request with %j replays it", async (body, tunnel, times) => {
    const scene = sceneWith({});
    for (const name of ["web", "other"]) scene.run(httpTunnel({ name }));
    expect(await scene.call("POST", LIST, { id: "airt_1", ...body })).toMatchObject({ status: 204, text: "" });
    expect(scene.replays).toEqual([{ id: "airt_1", tunnel, times, changes: {} }]);
  });

  test("POST of a captured request takes a form, as old documentation has it", async () => {
    const scene = sceneWith({});
    scene.run(httpTunnel());
    const form = { "Content-Type": "application/x-www-form-urlencoded" };
    expect((await scene.call("POST", "/requests/http", "id=airt_1", form)).status).toBe(204);
    expect(scene.replays).toHaveLength(1);
  });

  test("POST of a captured request hands the changes on, text as octets of UTF-8", async () => {
    const scene = sceneWith({});
    scene.run(httpTunnel());
    const fields = [
      ["X-A", "ä"],
      ["X-A", "2"],
    ];
    const body = { method: "PUT", path: "/ä", headers: fields, body: "AAH/", trailers: [["T", "1"]] };
    expect((await scene.call("POST", LIST, { id: "airt_1", ...body })).status).toBe(204);
    expect(scene.replays[0]?.changes).toEqual({
      method: "PUT",
      target: "/\xc3\xa4",
      fields: [
        ["X-A", "\xc3\xa4"],
        ["X-A", "2"],
      ],
      body: new Uint8Array([0, 1, 255]),
      trailers: [["T", "1"]],
    });
  });

  test("POST of a captured request has ended when the replay has", async () => {
    const done = Promise.withResolvers<void>();
    const scene = new ApiScene({ onReplay: () => done.promise });
    scene.capture(capturedExchange());
    scene.run(httpTunnel());
    const call = scene.call("POST", LIST, { id: "airt_1" });
    done.resolve();
    expect((await call).status).toBe(204);
    expect(scene.replays).toHaveLength(1);
  });

  test.each([
    ["an id that is not there", { id: "airt_9" }, 404, "airt_9"],
    ["a tunnel that does not run", { id: "airt_1", tunnel_name: "none" }, 404, "none"],
    ["no id", {}, 400, "id"],
    ["an id that is no text", { id: 7 }, 400, "id"],
    ["an unknown key", { id: "airt_1", tunelName: "x" }, 400, "did you mean tunnelName?"],
    ["no time at all", { id: "airt_1", times: 0 }, 400, "times"],
    ["too many times", { id: "airt_1", times: 101 }, 400, "times"],
    ["a body that is no base64", { id: "airt_1", body: "?" }, 400, "body"],
    ["fields that are no pairs", { id: "airt_1", headers: [["a"]] }, 400, "headers"],
    ["fields by name", { id: "airt_1", headers: { a: "b" } }, 400, "headers"],
  ])("POST of a captured request refuses %s", async (_, body, status, word) => {
    const scene = sceneWith({});
    scene.run(httpTunnel());
    const answer = await scene.call("POST", LIST, body);
    expect(answer).toMatchObject({ status, json: { details: { err: expect.stringContaining(word) } } });
    expect(scene.replays).toEqual([]);
  });

  test.each([
    ["is only told that it was left", (signal: AbortSignal): unknown => signal.reason, 204, 0],
    ["tells the log of a fault, though nobody waits", () => new TypeError("x is undefined"), 500, 1],
  ])("POST of a captured request whose caller has left %s", async (_, thrown, status, faults) => {
    const left = AbortSignal.abort();
    const scene = new ApiScene({ onReplay: () => Promise.reject(thrown(left)) });
    scene.capture(capturedExchange());
    scene.run(httpTunnel());
    const headers = { Host: "localhost", "Content-Type": "application/json" };
    const call = { method: "POST", headers, body: JSON.stringify({ id: "airt_1" }), signal: left };
    expect((await scene.app.request(LIST, call)).status).toBe(status);
    expect(scene.lines.filter(({ level }) => level === "error")).toHaveLength(faults);
  });

  test("POST of a captured request tells why it cannot be repeated", async () => {
    const scene = new ApiScene({
      onReplay: () => Promise.reject(new UsageError("it was larger than what is captured")),
    });
    scene.capture(capturedExchange());
    scene.run(httpTunnel());
    expect(await scene.call("POST", LIST, { id: "airt_1" })).toMatchObject({
      status: 400,
      json: { error_code: 101, details: { err: "it was larger than what is captured" } },
    });
  });

  test("messages of a stream come behind an index", async () => {
    const common = { from: "visitor", kind: "text", atMs: 1.5, totalBytes: 9, isTruncated: false } as const;
    const scene = sceneWith({
      stream: "websocket",
      messages: [
        { ...common, index: 4, bytes: bytes("four") },
        { ...common, index: 5, bytes: bytes("five"), from: "upstream", kind: "event", eventName: "e", eventId: "7" },
      ],
    });
    const five = {
      index: 5,
      from: "upstream",
      kind: "event",
      at: 1_500_000,
      bytes: 9,
      truncated: false,
      event: "e",
      event_id: "7",
      data: btoa("five"),
    };
    const path = `${LIST}/airt_1/messages`;
    expect(await scene.call("GET", `${path}?after=4`)).toMatchObject({ json: { messages: [five] } });
    const { json } = await scene.call("GET", path);
    expect(json).toMatchObject({ messages: [{ index: 4, event: null, event_id: null, data: btoa("four") }, five] });
    expect(await scene.call("GET", `${path}?after=-1`)).toMatchObject({ json: { messages: [{ index: 4 }, five] } });
    expect(await scene.call("GET", `${path}?after=x`)).toMatchObject({ status: 400 });
  });

  test("the octets of each side can be downloaded", async () => {
    const scene = sceneWith({ request: REQUEST, response: RESPONSE });
    const { headers, text } = await scene.call("GET", `${LIST}/airt_1/raw/response`);
    expect([headers.get("Content-Type"), headers.get("Content-Disposition"), text]).toEqual([
      "application/octet-stream",
      'attachment; filename="airt_1-response.http"',
      RESPONSE,
    ]);
    expect((await scene.call("GET", `${LIST}/airt_1/raw/request`)).text).toStartWith("GET /favicon.ico");
  });
});

describe("the body of a captured message", () => {
  const text = "a body that is worth to be compressed, compressed, compressed";
  const plain = Buffer.from(text);
  const head = (fields: string): string => `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${fields}\r\n`;
  const message = (fields: string, body: Uint8Array): Uint8Array =>
    Uint8Array.from(Buffer.concat([Buffer.from(head(fields)), body]));
  const chunked = (body: Uint8Array): Uint8Array =>
    Buffer.concat(
      [...body].map((octet) => Buffer.from([0x31, 0x0d, 0x0a, octet, 0x0d, 0x0a])).concat(Buffer.from("0\r\n\r\n")),
    );

  async function bodyOf(response: Uint8Array) {
    const { json } = await sceneWith({ response }).call("GET", `${LIST}/airt_1/body/response`);
    return json;
  }

  test.each([
    ["plain", "", plain, []],
    ["gzip", "Content-Encoding: gzip\r\n", gzipSync(plain), ["gzip"]],
    ["gzip by its old name", "Content-Encoding: x-gzip\r\n", gzipSync(plain), ["x-gzip"]],
    ["brotli", "Content-Encoding: BR\r\n", brotliCompressSync(plain), ["br"]],
    ["zstd", "Content-Encoding: zstd\r\n", zstdCompressSync(plain), ["zstd"]],
    ["deflate", "Content-Encoding: deflate\r\n", deflateSync(plain), ["deflate"]],
    ["deflate without its header", "Content-Encoding: deflate\r\n", deflateRawSync(plain), ["deflate"]],
    ["two codings", "Content-Encoding: gzip, br\r\n", brotliCompressSync(gzipSync(plain)), ["gzip", "br"]],
    ["chunks", "Transfer-Encoding: chunked\r\n", chunked(plain), []],
    ["chunks of gzip", "Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", chunked(gzipSync(plain)), ["gzip"]],
    ["identity", "Content-Encoding: identity\r\n", plain, ["identity"]],
  ])("the body of a captured message is decoded from %s", async (_, fields, body, codings) => {
    expect(await bodyOf(message(fields, body))).toEqual({
      content_type: "text/plain",
      content_encoding: codings,
      bytes: plain.length,
      truncated: false,
      error: null,
      data: plain.toString("base64"),
    });
  });

  test("the body of a captured message shows as much as there is of one that was cut", async () => {
    const coded = gzipSync(plain);
    const cut = await bodyOf(message("Content-Encoding: gzip\r\n", coded.subarray(0, coded.length - 12)));
    const { data } = cut as { data: string }; // as asserted above
    expect(text).toStartWith(Buffer.from(data, "base64").toString());
    expect(data.length).toBeGreaterThan(20);
  });

  test.each([
    ["is not what it says", "Content-Encoding: gzip\r\n", plain],
    ["has an unknown coding", "Content-Encoding: rot13\r\n", plain],
    ["has too many codings", "Content-Encoding: gzip, gzip, gzip, gzip, gzip\r\n", plain],
  ])("the body of a captured message that %s comes with the reason", async (_, fields, body) => {
    expect(await bodyOf(message(fields, body))).toMatchObject({ error: expect.stringMatching(/.+/) });
  });

  test("the body of a captured message is no bomb", async () => {
    const bomb = gzipSync(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
    expect(await bodyOf(message("Content-Encoding: gzip, gzip\r\n", bomb))).toMatchObject({
      bytes: 4 * 1024 * 1024,
      truncated: true,
      error: null,
    });
  });
});
