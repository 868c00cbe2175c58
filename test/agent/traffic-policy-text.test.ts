import { describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
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
    expect(await trafficPolicyText(httpTunnel())).toBe("");
    const modules = { trafficPolicy: { kind: "text", text: "a: b" } } as const;
    expect(await trafficPolicyText(httpTunnel({ modules }))).toBe("a: b");
  });

  test("trafficPolicyText reads a file, and says what is wrong with one", async () => {
    using folder = new TemporaryFolder();
    const ofFile = (path: string): Promise<string> =>
      trafficPolicyText(httpTunnel({ modules: { trafficPolicy: { kind: "file", path } } }));
    const path = folder.file("policy.yml");
    await writeFile(path, "on_http_request: []\n");
    expect(await ofFile(path)).toBe("on_http_request: []\n");
    expect(await failure(ofFile(folder.file("none.yml")))).toContain("there is no such file; give the path");
    await writeFile(path, "x".repeat(70_000));
    expect(await failure(ofFile(path))).toContain("has more than 65536 bytes");
  });
});
