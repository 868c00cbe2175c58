/** The list of requests in a real browser. */
import { expect, test } from "bun:test";
import { httpMessage } from "../../support/http-message.ts";
import { BROWSER_MS, InspectorScene } from "../../support/inspector-scene.ts";

const scene = InspectorScene.forThisFile();

function captureGet(path: string, status = "200 OK", fields: readonly string[] = []): string {
  return scene.agent.capture({
    tunnelName: "shop",
    request: httpMessage(`GET ${path} HTTP/1.1`, ["Host: shop.tunnel.test"]),
    response: httpMessage(`HTTP/1.1 ${status}`, ["Content-Type: text/plain", ...fields], "hello"),
  });
}

test(
  "the empty list names the public URLs and a command, and a request that arrives shows at once",
  async () => {
    await using page = await scene.open();
    await page.getByRole("link", { name: "https://shop.tunnel.test" }).waitFor();
    await page.getByText("curl -i https://shop.tunnel.test/hello").waitFor();
    captureGet("/first");
    const row = page.getByRole("option").first();
    await row.waitFor();
    expect(await row.innerText()).toMatch(/200[^]*GET[^]*\/first[^]*3\.89 ms[^]*\d\d:\d\d:\d\d\.\d{3}[^]*shop/);
  },
  BROWSER_MS,
);

test(
  "ten thousand requests scroll with few elements, and the last can be reached by keyboard",
  async () => {
    for (let i = 0; i < 10_000; i++) captureGet(`/item/${i}`);
    await using page = await scene.open();
    await page.getByText("10,000").waitFor();
    await page.locator("#requests").focus();
    await page.keyboard.press("ArrowDown");
    await page.getByRole("option", { name: /GET \/item\/9999 /, selected: true }).waitFor();
    await page.keyboard.press("End");
    await page.getByRole("option", { name: /GET \/item\/0 /, selected: true }).waitFor();
    expect(await page.getByRole("option").count()).toBeLessThan(80);
    await page.evaluate(`document.getElementById("requests").scrollTop = 3_000 * 58`);
    await page.getByRole("option", { name: /GET \/item\/6999 / }).waitFor();
    expect(await page.getByRole("option").count()).toBeLessThan(80);
  },
  BROWSER_MS,
);

test(
  "whoever has scrolled down keeps seeing the same rows while new requests arrive",
  async () => {
    for (let i = 0; i < 200; i++) captureGet(`/item/${i}`);
    await using page = await scene.open();
    const row = page.getByRole("option", { name: /GET \/item\/100 / });
    await page.getByRole("option").first().waitFor();
    await page.evaluate(`document.getElementById("requests").scrollTop = 95 * 58`);
    await row.waitFor();
    const before = await row.boundingBox();
    for (let i = 0; i < 30; i++) captureGet(`/later/${i}`);
    await page.getByText("230", { exact: true }).waitFor();
    expect(await row.boundingBox()).toEqual(before);
  },
  BROWSER_MS,
);

test.each([
  ["status:4xx", ["/lost"]],
  ["method:POST", []],
  ["path:/l", ["/lost", "/found"].slice(0, 1)],
  ["header:x-color:gre", ["/found"]],
  ["!status:404 size>100", ["/found"]],
  ["duration>3ms", ["/found", "/lost"]],
  ["duration>3ms status:404", ["/lost"]],
] as const)(
  "the filter %s leaves what fits",
  async (filter, expected) => {
    captureGet("/lost", "404 Not Found");
    captureGet("/found", "200 OK", ["X-Color: green", `X-Long: ${"a".repeat(100)}`]);
    await using page = await scene.open();
    await page.getByText("/lost").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type(filter);
    await page.getByText(`${expected.length} of 2`).waitFor();
    expect(await page.locator(".cell-path").allInnerTexts()).toEqual(["Path", ...expected]);
    expect(new URL(page.url()).searchParams.get("q")).toBe(filter);
  },
  BROWSER_MS,
);

test(
  "a filter that makes no sense is told, and the last good one stays in force",
  async () => {
    captureGet("/lost", "404 Not Found");
    captureGet("/found");
    await using page = await scene.open("/inspect/http?q=status:404");
    await page.getByText("1 of 2").waitFor();
    await page.getByRole("combobox", { name: "Filter requests" }).fill("status:404 duration>soon");
    await page.getByText("this is no value for duration").waitFor();
    await page.getByText("1 of 2").waitFor();
  },
  BROWSER_MS,
);

test(
  "a paused list stays as it is and counts what comes, clear empties the agent's memory",
  async () => {
    captureGet("/one");
    await using page = await scene.open();
    await page.getByText("/one").waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    captureGet("/two");
    await page.getByText("Paused, 1 new").click();
    await page.getByText("/two").waitFor();
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByText("Waiting for the first request").waitFor();
    expect(scene.agent.ring.count).toBe(0);
  },
  BROWSER_MS,
);

test(
  "keys walk through list and detail, Esc leads back, ? explains",
  async () => {
    captureGet("/one");
    captureGet("/two");
    await using page = await scene.open();
    await page.getByText("/two").waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.getByRole("heading", { name: "GET /one" }).waitFor();
    await page.keyboard.press("k");
    await page.getByRole("heading", { name: "GET /two" }).waitFor();
    await page.locator("#requests").focus();
    await page.keyboard.press("Enter");
    await page.locator("#exchange-title:focus").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("#requests:focus").waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("Choose a request").waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  },
  BROWSER_MS,
);

test(
  "a link to a request that is gone says so",
  async () => {
    await using page = await scene.open("/inspect/http/airt_000000000000000000000000000");
    await page.getByRole("heading", { name: "This request cannot be shown" }).waitFor();
    // The browser itself writes of every call that is answered with 404.
    expect(scene.takeFaults().join()).toContain("404");
  },
  BROWSER_MS,
);

test(
  "screen readers hear of new requests",
  async () => {
    await using page = await scene.open();
    await page.getByText("Waiting for the first request").waitFor();
    captureGet("/one");
    await page.getByRole("status").filter({ hasText: "1 new request, 1 in all" }).waitFor({ state: "attached" });
  },
  BROWSER_MS,
);
