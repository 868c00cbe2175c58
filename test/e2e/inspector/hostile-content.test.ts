/** What visitors and upstreams send may be anything: nothing of it runs, loads, or leads the page astray. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { httpMessage } from "../../support/http-message.ts";
import type { ExchangeParts } from "../../support/inspected-agent.ts";
import { overflowPx } from "../../support/watched-browser.ts";
import { httpTunnel } from "../../support/tunnel-definitions.ts";
import { BROWSER_MS, InspectorScene } from "../../support/inspector-scene.ts";

const SCRIPT = `<script>window.hacked=1</script><img src=x onerror="window.hacked=1"><svg onload="window.hacked=1">`;
const TABS = ["summary", "headers", "body", "raw", "timing"];
const scene = InspectorScene.forThisFile();

const TYPES = [
  "text/html",
  "image/svg+xml",
  "application/json",
  "application/xml",
  "image/png",
  "multipart/form-data; boundary=x",
];

test.each(TYPES)(
  "scripts in method, path, headers and a body of %s run on no tab",
  async (type) => {
    const target = encodeURI("/") + SCRIPT.replaceAll(" ", "%20");
    await using page = await open({
      request: httpMessage(
        `GET ${target}?q=${SCRIPT.replaceAll(" ", "+")} HTTP/1.1`,
        [
          "Host: x",
          `Cookie: a=${SCRIPT}`,
          `Authorization: Bearer ${SCRIPT}`,
          `X-${SCRIPT}: ${SCRIPT}`,
          `Content-Type: ${type}`,
        ],
        SCRIPT,
      ),
      response: httpMessage(
        `HTTP/1.1 200 ${SCRIPT}`,
        [`Content-Type: ${type}`, `Set-Cookie: a=${SCRIPT}`, "Location: javascript:window.hacked=1"],
        type === "image/svg+xml"
          ? `<svg xmlns="http://www.w3.org/2000/svg" onload="window.hacked=1"><script>window.hacked=1</script></svg>`
          : SCRIPT,
      ),
    });
    await walkTabs(page);
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    expect(await page.locator("#app script, #app [onerror], #app [onload]").count()).toBe(0);
    expect(await page.locator('a[href^="javascript:"]').count()).toBe(0);
    expect(await page.locator("#exchange-title").innerText()).toContain("<script>");
  },
  BROWSER_MS,
);

test(
  "control characters and characters that turn text round stand as their escapes",
  async () => {
    await using page = await open({
      request: httpMessage("GET /a\u0007b\u001b[31m HTTP/1.1", ["Host: x", "X-Turned: a\u202etxt.exe"]),
      response: httpMessage(
        "HTTP/1.1 200 OK",
        ["Content-Type: text/plain", "Set-Cookie: a=b; c\u202ed"],
        "a\u202eb\u0000\u0008c",
      ),
    });
    expect(await page.locator(".field-note").first().innerText()).toContain("c\\u202ed");
    expect(await page.locator("#exchange-title").innerText()).toContain("/a\\x07b\\x1b[31m");
    expect(await page.locator(".row").innerText()).toContain("/a\\x07b\\x1b[31m");
    await page.getByRole("tab", { name: "Headers" }).click();
    await page.getByText("a\\u202etxt.exe").waitFor();
    await walkTabs(page);
    expect(await page.evaluate("/[\\u202e\\x00\\x07\\x1b]/.test(document.body.innerText)")).toBe(false);
  },
  BROWSER_MS,
);

test(
  "what an event is called stands with its escapes",
  async () => {
    const message = { index: 0, from: "upstream", kind: "event", atMs: 1, isTruncated: false } as const;
    await using page = await open({
      response: httpMessage("HTTP/1.1 200 OK", ["Content-Type: text/event-stream"]),
      stream: "events",
      messages: [{ ...message, eventName: "a\u202eb\u0007", bytes: Buffer.from("x"), totalBytes: 1 }],
    });
    await page.locator("#tab-messages").click();
    await page.locator(".message").click();
    await page.getByRole("heading", { name: "a\\u202eb\\x07 from the upstream" }).waitFor();
    expect(await page.evaluate("/[\\u202e\\x07]/.test(document.body.innerText)")).toBe(false);
  },
  BROWSER_MS,
);

test.each([
  ["text/plain", "x".repeat(1_000_000)],
  ["application/json", `{"a":"${"x".repeat(1_000_000)}"}`],
  ["application/json", "[".repeat(400_000)],
  ["application/json", `[${"1,".repeat(400_000)}1]`],
  ["application/xml", `<a>${"<b/>".repeat(200_000)}</a>`],
  ["application/x-www-form-urlencoded", "a&".repeat(400_000)],
])(
  "a megabyte of %s on one line leaves the page quick and no wider",
  async (type, body) => {
    await using page = await open({
      request: httpMessage("POST / HTTP/1.1", ["Host: x", `Content-Type: ${type}`], body),
      response: httpMessage("HTTP/1.1 200 OK", [`Content-Type: ${type}`], body),
    });
    await walkTabs(page);
    expect(Number(await page.evaluate("document.querySelectorAll('*').length"))).toBeLessThan(45_000);
    expect(await overflowPx(page)).toBe(0);
  },
  BROWSER_MS,
);

/** What other programs, the edge and its callers may call things. */
const SHOWS_HIDDEN = `/[\\u202e\\x07\\x1b]/.test(document.body.innerText +
  [...document.querySelectorAll("[aria-label], [title]")].map((one) => one.ariaLabel + one.title).join())`;
const TURNED = "a\u202etxt.exe\u0007\u001b[31m";

test(
  "scripts and turned text in names, addresses and URLs of tunnels, and in what the edge says, stay text on the status page",
  async () => {
    scene.agent.edgeSays = { region: `${SCRIPT}${TURNED}`, reason: `${SCRIPT}${TURNED}` };
    const upstream = { kind: "network", scheme: "http", host: `${SCRIPT}${TURNED}`, port: 80 } as const;
    for (const name of [SCRIPT, TURNED, "__proto__"]) {
      scene.agent.run({ ...httpTunnel({ name }), upstream }, `x${SCRIPT}${TURNED}`);
    }
    await using page = await scene.open("/status");
    await page.getByRole("heading", { name: "a\\u202etxt.exe\\x07\\x1b[31m" }).first().waitFor();
    await page.getByText("authtoken").first().waitFor();
    const buttons = page.getByRole("button", { name: "QR code" });
    for (let at = 0; at < (await buttons.count()); at++) await buttons.nth(at).click();
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    expect(await page.locator("#app script, #app [onerror], #app [onload], #app img").count()).toBe(0);
    expect(await page.locator("#app").innerText()).toContain("<script>window.hacked=1</script>");
    expect(await page.evaluate(SHOWS_HIDDEN)).toBe(false);
    await page.goto(`${scene.agent.url}/inspect/http`);
    await page.locator(".empty-urls").waitFor();
    expect([await page.evaluate("window.hacked"), await page.evaluate(SHOWS_HIDDEN)]).toEqual([undefined, false]);
    await using exchange = await open({ tunnelName: `${SCRIPT}${TURNED}` });
    await exchange.locator(".row").waitFor();
    await exchange.getByRole("button", { name: "More actions" }).click();
    await exchange.getByRole("menuitem", { name: "Replay with changes" }).click();
    await exchange.getByRole("combobox", { name: "Tunnel" }).waitFor();
    expect([await exchange.evaluate("window.hacked"), await exchange.evaluate(SHOWS_HIDDEN)]).toEqual([
      undefined,
      false,
    ]);
  },
  BROWSER_MS,
);

async function open(parts: ExchangeParts): Promise<Page> {
  const id = scene.agent.capture({ tunnelName: "shop", ...parts });
  const page = await scene.open(`/inspect/http/${id}`);
  await page.locator("#exchange-title").waitFor();
  return page;
}

/** Every way to look at the message, each until it is drawn. */
async function walkTabs(page: Page): Promise<void> {
  for (const tab of TABS) {
    await page.locator(`#tab-${tab}`).click();
    await page.locator(`.tab-${tab} > *`).first().waitFor();
    const ways = page.locator("#tab-panel .choice");
    for (let i = 0; i < (await ways.count()); i++) await ways.nth(i).click();
  }
}
