import { afterEach, describe, expect, test } from "bun:test";
import { DownloadFailure, downloadText } from "../../src/agent/policy-download.ts";
import { systemClock } from "../../src/base/clock.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { certificates } from "../support/tls-pair.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function serve(answer: (request: Request) => Response | Promise<Response>, tls?: Bun.TLSOptions): string {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: answer, ...(tls && { tls }) });
  ends.push(() => server.stop(true));
  return server.url.href;
}

async function failureOf(text: Promise<string>): Promise<string> {
  const outcome = await text.catch((error: unknown) => error);
  if (!(outcome instanceof DownloadFailure)) throw new Error("it did not fail as it should");
  return outcome.message;
}

describe("downloadText", () => {
  test("gives the text, and no cookie or password", async () => {
    const seen: Headers[] = [];
    const url = serve((request) => {
      seen.push(request.headers);
      return new Response("on_http_request: []");
    });
    expect(await downloadText(url, systemClock)).toBe("on_http_request: []");
    expect([seen[0]?.get("cookie"), seen[0]?.get("authorization")]).toEqual([null, null]);
  });

  test.each([
    ["another place", () => Response.redirect("https://example.com/"), "it leads to another place"],
    ["an error", () => new Response("", { status: 500 }), "the answer has status 500"],
    ["no text", () => new Response(Uint8Array.of(0xff, 0xfe)), "check the URL"],
    ["too much", () => new Response("x".repeat(256 * 1024 + 1)), "it has more than 262144 bytes"],
    [
      "too much, packed",
      () => new Response(Bun.gzipSync("x".repeat(1e7)), { headers: { "content-encoding": "gzip" } }),
      "it has more than 262144 bytes",
    ],
  ])("refuses %s", async (_, answer, reason) => {
    expect(await failureOf(downloadText(serve(answer), systemClock))).toContain(reason);
  });

  test("gives up when the answer does not come", async () => {
    const clock = new ManualClock();
    const { promise: asked, resolve } = Promise.withResolvers<undefined>();
    const url = serve(() => {
      resolve(undefined);
      return new Promise<Response>(() => {});
    });
    const text = failureOf(downloadText(url, clock));
    await asked;
    clock.advance(10_000);
    expect(await text).toContain("no whole answer in 10s");
    expect(clock.pending).toBe(0);
  });

  test("trusts nobody whose certificate is signed by no authority of the system", async () => {
    const { certPem: cert, keyPem: key } = certificates.server;
    const url = serve(() => new Response("x"), { cert, key });
    expect(await failureOf(downloadText(url, systemClock))).toMatch(/certificate|self.signed/i);
  });
});
