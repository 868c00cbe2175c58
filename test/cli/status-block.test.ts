import { describe, expect, test } from "bun:test";
import { type AgentStatus, sessionStatusLine, statusBlock } from "../../src/cli/status-block.ts";

const ONLINE: AgentStatus = {
  state: "online",
  reason: undefined,
  version: "1.2.3",
  region: "eu",
  latencyMs: 12.6,
  webUrl: "http://127.0.0.1:4040",
  forwardings: [
    { url: "https://b.example.org", address: "http://localhost:80" },
    { url: "http://b.example.org", address: "http://localhost:80" },
  ],
};

describe("statusBlock", () => {
  test("statusBlock shows label and value in columns, the URLs in order", () => {
    expect(statusBlock(ONLINE, "ginnel")).toBe(`
ginnel                        (Ctrl+C to quit)

Session Status                online
Version                       1.2.3
Region                        Europe (eu)
Latency                       13ms
Web Interface                 http://127.0.0.1:4040
Forwarding                    http://b.example.org -> http://localhost:80
Forwarding                    https://b.example.org -> http://localhost:80

`);
  });

  test("statusBlock leaves out a region that the edge does not tell, and a latency that was not measured, pages that are not served", () => {
    const block = statusBlock(
      { ...ONLINE, region: "", latencyMs: undefined, webUrl: undefined, forwardings: [] },
      "ngrok",
    );
    expect(block).toContain("ngrok                         (Ctrl+C to quit)\n");
    expect(block).toContain("Latency                       -\n");
    expect(block).not.toContain("Region");
    expect(block).not.toContain("Web Interface");
    expect(block).not.toContain("Forwarding");
  });

  test("statusBlock lets no text of the edge steer the terminal", () => {
    const hostile = {
      ...ONLINE,
      region: "\u001b[2Jeu\r\n",
      forwardings: [{ url: "http://\u009bx", address: "a\u0007\u202eb" }],
    };
    expect(statusBlock(hostile, "ginnel")).not.toMatch(/[^\n\P{C}]/u);
  });
});

test.each([
  ["online", { state: "online", reason: "an old reason" }, "online"],
  ["connecting", { state: "connecting", reason: undefined }, "connecting"],
  ["why it is not online", { state: "reconnecting", reason: "lost\u001b[0m" }, "reconnecting (lost\\u001b[0m)"],
] as const)("sessionStatusLine tells %s", (_, part, value) => {
  expect(sessionStatusLine({ ...ONLINE, ...part })).toBe(`Session Status                ${value}\n`);
});
