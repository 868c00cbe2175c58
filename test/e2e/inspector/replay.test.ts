/** Replays from the inspector in a real browser. */
import { beforeEach, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { httpMessage } from "../../support/http-message.ts";
import { BROWSER_MS, InspectorScene } from "../../support/inspector-scene.ts";
import { httpTunnel } from "../../support/tunnel-definitions.ts";

const scene = InspectorScene.forThisFile();
beforeEach(() => scene.agent.run(httpTunnel({ name: "staging" }), "staging.tunnel.test"));

async function openHook(): Promise<Page> {
  const id = scene.agent.capture({
    tunnelName: "shop",
    request: httpMessage(
      "POST /hook HTTP/1.1",
      ["Host: shop.tunnel.test", "Content-Type: application/json"],
      '{"amount":1}',
    ),
    response: httpMessage("HTTP/1.1 500 Internal Server Error", ["Content-Type: application/json"], '{"ok":false}'),
  });
  const page = await scene.open(`/inspect/http/${id}`);
  await page.getByRole("heading", { name: "POST /hook" }).waitFor();
  return page;
}

test(
  "one click replays, shows the new request, and compares its answer with the original",
  async () => {
    await using page = await openHook();
    const button = page.getByRole("button", { name: "Replay", exact: true });
    await button.click();
    await page.getByText("A replay.").waitFor();
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Replay");
    expect(scene.agent.replays.map(([, { tunnel, times }]) => [tunnel.name, times])).toEqual([["shop", 1]]);
    await page.getByRole("button", { name: "compare the answers" }).click();
    await page.getByText("The answers differ: status, 2 headers, body.").waitFor();
    const lines = await page.getByRole("region", { name: "Differences of the bodies" }).innerText();
    expect(lines).toContain('"ok": false');
    expect(lines).toContain('"amount": 4200');
    await page.getByRole("button", { name: "Show the original" }).click();
    await page.getByRole("tab", { name: "Compare" }).waitFor();
  },
  BROWSER_MS,
);

test(
  "the key r replays",
  async () => {
    await using page = await openHook();
    await page.keyboard.press("r");
    await page.getByText("A replay.").waitFor();
    expect(scene.agent.replays).toHaveLength(1);
  },
  BROWSER_MS,
);

test(
  "a click beside the dialog loses nothing of what was changed",
  async () => {
    await using page = await openHook();
    await page.keyboard.press("e");
    await page.getByLabel("Path").fill("/written-for-long");
    await page.mouse.click(5, 5);
    expect(await page.getByLabel("Path").inputValue()).toBe("/written-for-long");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  },
  BROWSER_MS,
);

test(
  "a replay with changes needs no mouse",
  async () => {
    await using page = await openHook();
    await page.keyboard.press("e");
    await page.getByLabel("Method").waitFor();
    await page.getByLabel("Body", { exact: true }).focus();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("by key");
    await page.keyboard.press("Control+Enter");
    await page.getByText("A replay.").waitFor();
    const [, { changes }] = scene.agent.replays[0] ?? [undefined, {}];
    expect(Buffer.from(changes?.body ?? "").toString()).toBe("by key");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  },
  BROWSER_MS,
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
    const [[, order] = []] = scene.agent.replays;
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
  BROWSER_MS,
);

test(
  "a replay whose form is sent untouched changes nothing",
  async () => {
    await using page = await openHook();
    await page.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "Replay with changes" }).click();
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("A replay.").waitFor();
    const [[, order] = []] = scene.agent.replays;
    expect(Object.values(order?.changes ?? {}).filter((change) => change !== undefined)).toEqual([]);
  },
  BROWSER_MS,
);

test(
  "what the agent refuses is told in the dialog",
  async () => {
    await using page = await openHook();
    await page.keyboard.press("e");
    await page.getByLabel("Method").fill("NO SPACE");
    scene.agent.ring.clear();
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("alert").waitFor();
    expect(scene.takeFaults().join()).toMatch(/40[04]/);
  },
  BROWSER_MS,
);

test(
  "a replay to a tunnel that does not run says so",
  async () => {
    const id = scene.agent.capture({ tunnelName: "gone", request: httpMessage("GET /lost HTTP/1.1", ["Host: x"]) });
    await using page = await openHook();
    await page.goto(`${scene.agent.url}/inspect/http/${id}`);
    await page.getByRole("button", { name: "Replay", exact: true }).click();
    await page.getByText('tunnel "gone" is not running').waitFor();
    expect(scene.takeFaults().join()).toContain("404");
  },
  BROWSER_MS,
);
