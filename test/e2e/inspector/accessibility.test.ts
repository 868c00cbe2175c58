/** The inspector for people who see otherwise, or on a small screen. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { httpMessage } from "../../support/http-message.ts";
import { InspectedAgent } from "../../support/inspected-agent.ts";
import { accessibilityFaults, WatchedBrowser, overflowPx } from "../../support/watched-browser.ts";
import { BROWSER_MS } from "../../support/inspector-scene.ts";
import { httpTunnel } from "../../support/tunnel-definitions.ts";

const scene: { browser?: WatchedBrowser; agent?: InspectedAgent; id?: string; streamId?: string } = {};

beforeAll(async () => {
  scene.browser = await WatchedBrowser.start();
  const agent = new InspectedAgent();
  agent.run(httpTunnel({ name: "shop" }));
  for (const status of ["200 OK", "302 Found", "404 Not Found", "500 Internal Server Error"]) {
    scene.id = agent.capture({
      tunnelName: "shop",
      request: httpMessage(
        `POST /hooks/${"long-".repeat(40)}?a=1&b=${"2".repeat(100)} HTTP/1.1`,
        ["Host: x", "Cookie: a=b", "Authorization: Basic YWRhOmxvdmVsYWNl", "Content-Type: application/json"],
        '{"a":[1,"two",null,{"b":true}]}',
      ),
      response: httpMessage(`HTTP/1.1 ${status}`, ["Content-Type: application/json"], '{"a" 1}'),
    });
  }
  agent.capture({ tunnelName: "shop", request: httpMessage("GET /open HTTP/1.1", ["Host: x"]) });
  scene.streamId = agent.capture({
    tunnelName: "shop",
    request: httpMessage(`GET /${"events-".repeat(30)} HTTP/1.1`, ["Host: x", `Authorization: Bearer ${TOKEN}`]),
    response: httpMessage(
      "HTTP/1.1 200 OK",
      ["Content-Type: text/event-stream", "Content-Encoding: gzip"],
      gzipSync(`event: ${"long-".repeat(20)}\ndata: {"price":42,"text":"${"long ".repeat(40)}"}\n\n`.repeat(50)),
    ),
  });
  scene.agent = agent;
}, BROWSER_MS);
afterAll(async () => {
  await scene.browser?.[Symbol.asyncDispose]();
  await scene.agent?.[Symbol.asyncDispose]();
});

const TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEiLCJleHAiOjE3MDAwMDAwMDB9.c2ln";

const VIEWS = [
  { name: "the list", path: () => "/inspect/http", ready: ".row", keys: [] },
  { name: "the fields of the filter", path: () => "/inspect/http", ready: ".row", keys: ["/"] },
  { name: "the summary", path: () => `/inspect/http/${scene.id}`, ready: "mark", keys: [] },
  { name: "a token", path: () => `/inspect/http/${scene.streamId}?tab=summary`, ready: ".authorization", keys: [] },
  { name: "events", path: () => `/inspect/http/${scene.streamId}?tab=events`, ready: ".message", keys: [] },
  { name: "a request that is gone", path: () => "/inspect/http/gone", ready: ".empty .button", keys: [] },
  { name: "the headers", path: () => `/inspect/http/${scene.id}?tab=headers`, ready: ".fields", keys: [] },
  { name: "the raw bytes", path: () => `/inspect/http/${scene.id}?tab=raw`, ready: ".line", keys: [] },
  { name: "the timing", path: () => `/inspect/http/${scene.id}?tab=timing`, ready: ".phase", keys: [] },
  { name: "the replay form", path: () => `/inspect/http/${scene.id}`, ready: "mark", keys: ["e"] },
  { name: "a comparison", path: () => `/inspect/http/${scene.id}?tab=compare`, ready: ".row", keys: ["r"] },
  { name: "the help", path: () => "/inspect/http", ready: ".row", keys: ["?"] },
  { name: "the status page", path: () => "/status", ready: ".tunnel", keys: [] },
] as const;

/** What the browser itself writes of a call that is answered with 404. */
const MISSING = "Failed to load resource: the server responded with a status of 404 (Not Found)";

describe.each(["light", "dark"] as const)("in %s colours", (colorScheme) => {
  test.each(VIEWS)(
    "$name has no serious fault",
    async ({ path, ready, keys }) => {
      const { agent, browser } = scene;
      if (agent === undefined || browser === undefined) throw new Error("nothing was started");
      await using page = await browser.open(agent.url + path(), { colorScheme });
      await page.locator(ready).first().waitFor();
      for (const key of keys) await page.keyboard.press(key);
      if (keys.some((key) => key === "e" || key === "?"))
        await page.locator("dialog input, dialog dl").first().waitFor();
      if (keys.some((key) => key === "r")) await page.locator(".notice").waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      for (const fault of browser.faults.splice(0)) expect([fault, path()]).toEqual([MISSING, "/inspect/http/gone"]);
    },
    BROWSER_MS,
  );
});

test(
  "the empty list names the public URLs on a small screen too",
  async () => {
    const { browser } = scene;
    if (browser === undefined) throw new Error("nothing was started");
    await using agent = new InspectedAgent();
    agent.run(httpTunnel({ name: "shop" }));
    await using page = await browser.open(agent.url, { width: 360, height: 740 });
    await page.getByRole("link", { name: "https://shop.tunnel.test" }).waitFor();
    expect(await overflowPx(page)).toBe(0);
    expect(await accessibilityFaults(page)).toEqual([]);
  },
  BROWSER_MS,
);

test.each(VIEWS)(
  "$name fits a screen of 360 pixels",
  async ({ path, ready, keys }) => {
    const { agent, browser } = scene;
    if (agent === undefined || browser === undefined) throw new Error("nothing was started");
    await using page = await browser.open(agent.url + path(), { width: 360, height: 740 });
    await page.locator(ready).first().waitFor({ state: "attached" });
    for (const key of keys) await page.keyboard.press(key);
    if (keys.some((key) => key === "e")) await page.locator("dialog input").first().waitFor();
    expect(await overflowPx(page)).toBe(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    const wide = await page.evaluate(
      "[...document.querySelectorAll('#app button, #app input, #app select')].filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > 361 && one.closest('.tabs, .lines, .scroll-x') === null).map((one) => one.outerHTML.slice(0, 120))",
    );
    expect(wide).toEqual([]);
  },
  BROWSER_MS,
);
