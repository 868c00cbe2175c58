import { describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { systemClock } from "../../src/base/clock.ts";
import { trafficPolicyText } from "../../src/agent/traffic-policy-text.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { httpTunnel } from "../support/tunnel-definitions.ts";

const failure = (text: Promise<string>): Promise<string> =>
  text.then(
    () => "none",
    (error: unknown) => String(error),
  );

describe("trafficPolicyText", () => {
  test("trafficPolicyText is empty for none, and what stands in the definition", async () => {
    expect(await trafficPolicyText(httpTunnel(), systemClock)).toBe("");
    const modules = { trafficPolicy: { kind: "text", text: "a: b" } } as const;
    expect(await trafficPolicyText(httpTunnel({ modules }), systemClock)).toBe("a: b");
  });

  test("trafficPolicyText reads a file, and says what is wrong with one", async () => {
    using folder = new TemporaryFolder();
    const ofFile = (path: string): Promise<string> =>
      trafficPolicyText(httpTunnel({ modules: { trafficPolicy: { kind: "file", path } } }), systemClock);
    const path = folder.file("policy.yml");
    await writeFile(path, "on_http_request: []\n");
    expect(await ofFile(path)).toBe("on_http_request: []\n");
    expect(await failure(ofFile(folder.file("none.yml")))).toContain("there is no such file; give the path");
    await writeFile(path, "x".repeat(70_000));
    expect(await failure(ofFile(path))).toContain("has more than 65536 bytes");
  });

  test("trafficPolicyText reads from a URL, and names it when that fails", async () => {
    const answers: Readonly<Record<string, () => Response>> = {
      "/good": () => new Response("on_http_request: []"),
      "/long": () => new Response("x".repeat(70_000)),
    };
    using server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => answers[new URL(request.url).pathname]?.() ?? new Response("", { status: 404 }),
    });
    const ofUrl = (path: string): Promise<string> => {
      const trafficPolicy = { kind: "url", url: new URL(path, server.url).href } as const;
      return trafficPolicyText(httpTunnel({ modules: { trafficPolicy } }), systemClock);
    };
    expect(await ofUrl("/good")).toBe("on_http_request: []");
    expect(await failure(ofUrl("/long"))).toContain("/long: has more than 65536 bytes");
    expect(await failure(ofUrl("/none"))).toContain(`${server.url.href}none: the answer has status 404; check the URL`);
  });
});
