import { afterEach, describe, expect, test } from "bun:test";
import { relayedSite, serveRelayedSite } from "../../../src/cli/edge/relayed-site.ts";
import type { OwnSite } from "../../../src/edge/own-site.ts";
import { recordingLog, type RecordedLine } from "../../support/recording-log.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";
import { eventually } from "../../support/turns.ts";

const URL_ASKED = "https://api.edge.test:8443/endpoints?limit=1";
const VISITOR = { ip: "192.0.2.7" };

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

interface Scene {
  /** As a worker has it. */
  readonly site: OwnSite;
  /** Of the first process. */
  readonly lines: readonly RecordedLine[];
}

/** `answer`: what the first process does. */
function open(answer: OwnSite["fetch"]): Scene {
  const folder = new TemporaryFolder();
  const { log, lines } = recordingLog();
  const own: OwnSite = { host: "api.edge.test", maxBodyBytes: 1_000, fetch: answer };
  const server = serveRelayedSite(own, folder.file("site"), log);
  opened.push(async () => {
    await server[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
  return { site: relayedSite(own, folder.file("site")), lines };
}

/** Tells what came. */
async function mirror(request: Request, { ip }: { readonly ip: string }): Promise<Response> {
  const { method, url, headers } = request;
  return Response.json({ method, url, headers: Object.fromEntries(headers), ip, body: await request.text() });
}

describe("relayedSite", () => {
  test("brings a request as it was, also what would mean something on the way", async () => {
    const { site } = open(mirror);
    const headers = {
      host: "API.edge.test",
      connection: "close, x-secret",
      "transfer-encoding": "chunked",
      "content-length": "3",
      expect: "100-continue",
      upgrade: "h2c",
      te: "trailers",
    };
    const request = new Request(URL_ASKED, { method: "PATCH", headers, body: "all" });
    const answer = await site.fetch(request, VISITOR);
    const seen = {
      method: "PATCH",
      url: URL_ASKED,
      headers: Object.fromEntries(request.headers),
      ...VISITOR,
      body: "all",
    };
    expect(await answer.json()).toEqual(seen);
  });

  test("says nothing that the visitor has not said", async () => {
    const { site } = open(mirror);
    const answer = await site.fetch(new Request(URL_ASKED), VISITOR);
    expect(await answer.json()).toEqual({ method: "GET", url: URL_ASKED, headers: {}, ...VISITOR, body: "" });
  });

  test("takes heads and bodies that are longer than the runtime would", async () => {
    const { site } = open(mirror);
    const url = `${URL_ASKED}&filter=${"x".repeat(60_000)}`;
    const body = "y".repeat(200_000);
    const headers = { authorization: `Bearer ${"z".repeat(30_000)}` };
    const answer = await site.fetch(new Request(url, { method: "POST", headers, body }), VISITOR);
    expect(await answer.json()).toMatchObject({ url, body, headers });
  });

  test("brings an answer back as it was", async () => {
    const fields: [string, string][] = [
      ["content-encoding", "gzip"],
      ["content-length", "5"],
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ];
    const { site } = open((request) =>
      Promise.resolve(new Response(request.method === "HEAD" ? null : "bytes", { status: 418, headers: fields })),
    );
    for (const [method, body] of [
      ["GET", "bytes"],
      ["HEAD", ""],
    ] as const) {
      const answer = await site.fetch(new Request(URL_ASKED, { method }), VISITOR);
      expect([answer.status, [...answer.headers], await answer.text()]).toEqual([418, fields, body]);
    }
  });

  test.each([204, 304])("brings the status %d, which has no body", async (status) => {
    const { site } = open(() => Promise.resolve(new Response(null, { status })));
    expect((await site.fetch(new Request(URL_ASKED), VISITOR)).status).toBe(status);
  });

  test("leaves redirects to the visitor", async () => {
    const { site } = open(() => Promise.resolve(Response.redirect("https://api.edge.test/dashboard/", 302)));
    const { status, headers } = await site.fetch(new Request(URL_ASKED), VISITOR);
    expect([status, headers.get("location")]).toEqual([302, "https://api.edge.test/dashboard/"]);
  });

  test("tells the site that the visitor has left", async () => {
    const left = Promise.withResolvers<void>();
    let hasCome = false;
    const { site } = open(({ signal }) => {
      hasCome = true;
      signal.addEventListener("abort", () => left.resolve());
      return new Promise(() => {});
    });
    const visitor = new AbortController();
    const asked = site.fetch(new Request(URL_ASKED, { signal: visitor.signal }), VISITOR).catch(() => "left");
    await eventually("the site is asked", () => hasCome);
    visitor.abort();
    expect(await asked).toBe("left");
    await left.promise;
  });

  test("rejects when the site fails, and shows nothing of why", async () => {
    const { site, lines } = open(() => Promise.reject(new Error("secret")));
    const failure = await site.fetch(new Request(URL_ASKED), VISITOR).catch(String);
    expect(failure).toBe("Error: the first process answers with the status 500");
    expect(lines).toMatchObject([{ level: "error", message: "a site of the edge failed" }]);
  });
});
