/** Replays from the inspector in a real browser. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { httpMessage } from "../../support/http-message.ts";
import { InspectedAgent } from "../../support/inspected-agent.ts";
import { InspectorBrowser } from "../../support/inspector-browser.ts";
import { httpTunnel } from "../../support/tunnel-definitions.ts";

const TIMEOUT_MS = 60_000;
const scene: { browser?: InspectorBrowser; agent?: InspectedAgent } = {};

beforeAll(async () => {
  scene.browser = await InspectorBrowser.start();
}, TIMEOUT_MS);
afterAll(async () => {
  await scene.browser?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  scene.agent = new InspectedAgent();
  scene.agent.run(httpTunnel({ name: "shop" }));
  scene.agent.run(httpTunnel({ name: "staging" }), "staging.tunnel.test");
});
afterEach(async () => {
  await scene.agent?.[Symbol.asyncDispose]();
  expect(scene.browser?.faults.splice(0)).toEqual([]);
});

function agent(): InspectedAgent {
  if (scene.agent === undefined) throw new Error("no agent");
  return scene.agent;
}

async function openHook(): Promise<Page> {
  const id = agent().capture({
    tunnelName: "shop",
    request: httpMessage(
      "POST /hook HTTP/1.1",
      ["Host: shop.tunnel.test", "Content-Type: application/json"],
      '{"amount":1}',
    ),
    response: httpMessage("HTTP/1.1 500 Internal Server Error", ["Content-Type: application/json"], '{"ok":false}'),
  });
  if (scene.browser === undefined) throw new Error("no browser");
  const page = await scene.browser.open(`${agent().url}/inspect/http/${id}`);
  await page.getByRole("heading", { name: "POST /hook" }).waitFor();
  return page;
}

test(
  "one click replays, shows the new request, and compares its answer with the original",
  async () => {
    await using page = await openHook();
    await page.getByRole("button", { name: "Replay", exact: true }).click();
    await page.getByText("A replay.").waitFor();
    expect(agent().replays.map(([, { tunnel, times }]) => [tunnel.name, times])).toEqual([["shop", 1]]);
    await page.getByRole("button", { name: "compare the answers" }).click();
    await page.getByText("The answers differ: status, 2 headers, body.").waitFor();
    const lines = await page.getByRole("region", { name: "Differences of the bodies" }).innerText();
    expect(lines).toContain('"ok": false');
    expect(lines).toContain('"amount": 4200');
    await page.getByRole("button", { name: "Show the original" }).click();
    await page.getByRole("tab", { name: "Compare" }).waitFor();
  },
  TIMEOUT_MS,
);

test(
  "the key r replays",
  async () => {
    await using page = await openHook();
    await page.keyboard.press("r");
    await page.getByText("A replay.").waitFor();
    expect(agent().replays).toHaveLength(1);
  },
  TIMEOUT_MS,
);

test(
  "a replay with changes sends what was changed and nothing else, to another tunnel, several times",
  async () => {
    await using page = await openHook();
    await page.keyboard.press("e");
    const dialog = page.getByRole("dialog", { name: "Replay with changes" });
    await dialog.getByLabel("Method").fill("PUT");
    await dialog.getByLabel("Path").fill("/hook?again=1");
    await dialog.getByLabel("Header 1, value").fill("staging.tunnel.test");
    await dialog.getByRole("button", { name: "Remove header Content-Type" }).click();
    await dialog.getByRole("button", { name: "Add header" }).click();
    await dialog.getByLabel("Header 2, name").fill("X-Try");
    await dialog.getByLabel("Header 2, value").fill("2");
    await dialog.getByLabel("Body", { exact: true }).fill('{"amount":2}');
    await dialog.getByLabel("Tunnel").selectOption("staging");
    await dialog.getByLabel("Times").fill("3");
    await dialog.getByRole("button", { name: "Send" }).click();
    await page.getByText("Replayed 3 times").waitFor();
    await dialog.waitFor({ state: "detached" });
    const [[, order] = []] = agent().replays;
    expect(order?.tunnel.name).toBe("staging");
    expect(order?.times).toBe(3);
    expect(order?.changes.method).toBe("PUT");
    expect(order?.changes.target).toBe("/hook?again=1");
    expect(order?.changes.fields).toEqual([
      ["Host", "staging.tunnel.test"],
      ["X-Try", "2"],
    ]);
    expect(Buffer.from(order?.changes.body ?? []).toString()).toBe('{"amount":2}');
    await page.getByText("4", { exact: true }).waitFor();
  },
  TIMEOUT_MS,
);

test(
  "a replay whose form is sent untouched changes nothing",
  async () => {
    await using page = await openHook();
    await page.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "Replay with changes" }).click();
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("A replay.").waitFor();
    const [[, order] = []] = agent().replays;
    expect(Object.values(order?.changes ?? {}).filter((change) => change !== undefined)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "what the agent refuses is told in the dialog",
  async () => {
    await using page = await openHook();
    await page.keyboard.press("e");
    await page.getByLabel("Method").fill("NO SPACE");
    agent().ring.clear();
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("alert").waitFor();
    expect(scene.browser?.faults.splice(0).join()).toMatch(/40[04]/);
  },
  TIMEOUT_MS,
);

test(
  "a replay to a tunnel that does not run says so",
  async () => {
    const id = agent().capture({ tunnelName: "gone", request: httpMessage("GET /lost HTTP/1.1", ["Host: x"]) });
    await using page = await openHook();
    await page.goto(`${agent().url}/inspect/http/${id}`);
    await page.getByRole("button", { name: "Replay", exact: true }).click();
    await page.getByText('tunnel "gone" is not running').waitFor();
    expect(scene.browser?.faults.splice(0).join()).toContain("404");
  },
  TIMEOUT_MS,
);
