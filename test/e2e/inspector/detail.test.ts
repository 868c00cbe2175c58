/** One request in a real browser: what is shown of it, and how. */
import { expect, test } from "bun:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { httpMessage } from "../../support/http-message.ts";
import type { ExchangeParts } from "../../support/inspected-agent.ts";
import { BROWSER_MS, InspectorScene } from "../../support/inspector-scene.ts";

const HOST = "Host: shop.tunnel.test";
const scene = InspectorScene.forThisFile();

async function open(parts: ExchangeParts, tab: string): Promise<Page> {
  const id = scene.agent.capture({ tunnelName: "shop", ...parts });
  const page = await scene.open(`/inspect/http/${id}?tab=${tab}`);
  await page.locator("#exchange-title").waitFor();
  return page;
}

/** A WebSocket message as it was captured. */
function text(index: number, from: "visitor" | "upstream", data: string) {
  return {
    index,
    from,
    kind: "text" as const,
    atMs: index * 10,
    bytes: Buffer.from(data),
    totalBytes: data.length,
    isTruncated: false,
  };
}

test(
  "the summary shows query, cookies, authorization, form and what the response sets",
  async () => {
    await using page = await open(
      {
        request: httpMessage(
          "POST /order?page=2&name=caf%C3%A9 HTTP/1.1",
          [
            HOST,
            "Cookie: session=4f3a9; theme=dark",
            "Authorization: Basic YWRhOmxvdmVsYWNl",
            "Content-Type: application/x-www-form-urlencoded",
          ],
          "size=L&colour=red+green",
        ),
        response: httpMessage("HTTP/1.1 303 See Other", ["Location: /done", "Set-Cookie: seen=1; Path=/; HttpOnly"]),
      },
      "summary",
    );
    await page.getByText("red green").waitFor();
    const text = await page.locator("#tab-panel").innerText();
    for (const shown of ["café", "4f3a9", "not verified", "ada", "lovelace", "seen", "Path=/; HttpOnly", "/done"]) {
      expect(text).toContain(shown);
    }
  },
  BROWSER_MS,
);

test(
  "the headers stand as they were spelled, in their order",
  async () => {
    await using page = await open(
      {
        request: httpMessage("GET / HTTP/1.1", [HOST, "x-LOWER: 1", "X-Twice: a", "X-Twice: b"]),
        response: httpMessage("HTTP/1.1 200 OK", ["content-TYPE: text/plain"], "x"),
      },
      "headers",
    );
    await page.getByText("content-TYPE").waitFor();
    const names = await page.locator(".side").first().locator("dt").allInnerTexts();
    expect(names).toEqual(["Host", "x-LOWER", "X-Twice", "X-Twice"]);
  },
  BROWSER_MS,
);

test(
  "JSON is a tree that folds, also when it was compressed",
  async () => {
    const json = JSON.stringify({ customer: { name: "Ada", tags: ["early", "vip"] }, amount: 4200.5 });
    await using page = await open(
      {
        response: httpMessage(
          "HTTP/1.1 200 OK",
          ["Content-Type: application/json", "Content-Encoding: gzip"],
          gzipSync(json),
        ),
      },
      "body",
    );
    await page.getByText("decoded from gzip").waitFor();
    await page.getByText('"vip"').waitFor();
    await page.getByRole("button", { name: "Fold" }).nth(1).click();
    await page.getByText('"vip"').waitFor({ state: "detached" });
    await page.getByText("4200.5").waitFor();
  },
  BROWSER_MS,
);

test.each([
  {
    language: "JSON",
    type: "application/json",
    body: '{\n  "id": 1,\n  "amount" 4200\n}',
    place: "line 3, column 12",
    marked: "4200",
  },
  {
    language: "XML",
    type: "application/soap+xml",
    body: "<a>\n  <b>text</c>\n</a>",
    place: "line 2, column 10",
    marked: "</c>",
  },
])(
  "a syntax error in $language shows the body as it came, the place marked, in request and response",
  async ({ language, type, body, place, marked }) => {
    await using page = await open(
      {
        request: httpMessage("POST / HTTP/1.1", [HOST, `Content-Type: ${type}`], body),
        response: httpMessage("HTTP/1.1 200 OK", [`Content-Type: ${type}`], body),
      },
      "body",
    );
    await page.locator("mark").nth(1).waitFor();
    expect(await page.locator("mark").allInnerTexts()).toEqual([marked, marked]);
    const fault = await page.locator(".fault").first().innerText();
    expect(fault).toContain(`Not valid ${language}: ${place}`);
    expect(await page.locator(".lines").first().innerText()).toContain(body.split("\n")[1]?.trim() ?? "");
  },
  BROWSER_MS,
);

test(
  "a multipart form shows its fields, and its files when they are opened",
  async () => {
    const part = (head: string, content: string): string =>
      `--XX\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`;
    await using page = await open(
      {
        request: httpMessage(
          "POST /upload HTTP/1.1",
          [HOST, "Content-Type: multipart/form-data; boundary=XX"],
          `${part('name="title"', "Holiday")}${part('name="photo"; filename="notes.txt"', "dear diary")}--XX--\r\n`,
        ),
      },
      "body",
    );
    await page.getByText("Holiday").waitFor();
    await page.getByText("file notes.txt").waitFor();
    await page.getByText("Content", { exact: true }).click();
    await page.locator(".line", { hasText: "dear diary" }).waitFor();
  },
  BROWSER_MS,
);

test(
  "an image is shown from its bytes, whatever its type says",
  async () => {
    const pixel = Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
      "base64",
    );
    await using page = await open(
      { response: httpMessage("HTTP/1.1 200 OK", ["Content-Type: application/octet-stream"], pixel) },
      "body",
    );
    const image = page.getByRole("img", { name: "Response body, image/png" });
    await image.waitFor();
    const width = await page.evaluate(
      "(async (image) => { await image.decode(); return image.naturalWidth; })(document.querySelector('.picture img'))",
    );
    expect(width).toBe(1);
  },
  BROWSER_MS,
);

test(
  "the raw bytes can be read as text and hex, and downloaded",
  async () => {
    await using page = await open(
      { response: httpMessage("HTTP/1.1 200 OK", ["X-A: b"], new Uint8Array([0, 255, 65])) },
      "raw",
    );
    await page.getByText("X-A: b").waitFor();
    await page.getByRole("button", { name: "Hex" }).click();
    await page.getByText("48 54 54 50 2f 31 2e 31", { exact: false }).first().waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download" }).nth(1).click();
    const file = await Bun.file(await (await download).path()).text();
    expect(file).toStartWith("HTTP/1.1 200 OK\r\nX-A: b\r\n");
  },
  BROWSER_MS,
);

test(
  "timing tells how long each part took",
  async () => {
    await using page = await open(
      { response: httpMessage("HTTP/1.1 200 OK"), requestEndMs: 1, firstByteMs: 250, endMs: 1_500 },
      "timing",
    );
    await page.getByText("249 ms").waitFor();
    await page.getByText("1.25 s", { exact: true }).waitFor();
  },
  BROWSER_MS,
);

test(
  "messages of a WebSocket appear while it is open",
  async () => {
    const messages = [text(0, "visitor", '{"subscribe":"prices"}')];
    await using page = await open(
      {
        response: httpMessage("HTTP/1.1 101 Switching Protocols", ["Upgrade: websocket"]),
        outcome: "open",
        stream: "websocket",
        messages,
      },
      "messages",
    );
    await page.getByRole("button", { name: "from the visitor" }).waitFor();
    messages.push(text(1, "upstream", '{"price":42}'));
    const [exchange] = scene.agent.ring.list();
    if (exchange !== undefined) scene.agent.ring.changed(exchange);
    await page.getByRole("button", { name: "from the upstream" }).click();
    await page.getByRole("region", { name: "Message 1" }).getByText("42").waitFor();
  },
  BROWSER_MS,
);

test(
  "whoever has the newest message in sight has it in sight when more come, and the arrow keys walk along",
  async () => {
    const messages = Array.from({ length: 200 }, (_, index) => text(index, "upstream", `message ${index}`));
    const response = httpMessage("HTTP/1.1 101 Switching Protocols", ["Upgrade: websocket"]);
    await using page = await open({ response, outcome: "open", stream: "websocket", messages }, "messages");
    await page.getByRole("button", { name: "message 199" }).waitFor();
    for (let index = 200; index < 300; index++) messages.push(text(index, "upstream", `message ${index}`));
    const [exchange] = scene.agent.ring.list();
    if (exchange !== undefined) scene.agent.ring.changed(exchange);
    await page.getByRole("button", { name: "message 299" }).click();
    await page.keyboard.press("ArrowUp");
    await page.getByRole("region", { name: "Message 298" }).getByText("message 298").waitFor();
    await page.keyboard.press("ArrowDown");
    await page.getByRole("region", { name: "Message 299" }).getByText("message 299").waitFor();
  },
  BROWSER_MS,
);

test.each([
  ["gzip", gzipSync],
  ["br", brotliCompressSync],
] as const)(
  "events of a stream that was compressed with %s are listed from its body",
  async (coding, compress) => {
    const fields = ["Content-Type: text/event-stream; charset=utf-8", `Content-Encoding: ${coding}`];
    const body = compress('event: price\nid: 7\ndata: {"price":42}\n\ndata: second\n\n');
    await using page = await open({ response: httpMessage("HTTP/1.1 200 OK", fields, body) }, "events");
    await page.getByText(`The stream is compressed (${coding})`).waitFor();
    await page.getByRole("button", { name: "price" }).click();
    await page.getByRole("region", { name: "Message 0" }).getByText("42").waitFor();
    await page.getByRole("heading", { name: "price from the upstream, id 7, 12 B" }).waitFor();
    await page.getByRole("button", { name: "second" }).waitFor();
    expect(await page.locator(".row").innerText()).toContain("sse");
  },
  BROWSER_MS,
);

test(
  "events that the agent does not tell apart are listed without a word on compression when there is none",
  async () => {
    const response = httpMessage("HTTP/1.1 200 OK", ["Content-Type: text/event-stream"], "data: first\n\n");
    await using page = await open({ response }, "events");
    await page.getByRole("button", { name: "first" }).waitFor();
    const said = await page.locator(".messages [role=status]").innerText();
    expect(said).toBe("1 event, ended. They are read from the body, so nobody knows when each came.");
  },
  BROWSER_MS,
);

test(
  "a body that could not be fetched is fetched once more when the agent is back, and then no more",
  async () => {
    await using page = await open({ response: httpMessage("HTTP/1.1 200 OK", [], "at last") }, "summary");
    const broken = "**/body/response";
    await page.route(broken, (route) => route.abort());
    let asked = 0;
    page.on("request", (request) => {
      if (request.url().endsWith("/body/response")) asked += 1;
    });
    await page.getByRole("tab", { name: "Body" }).click();
    await page.getByText("The agent cannot be reached").waitFor();
    await page.unroute(broken);
    await scene.agent.comeBack();
    await page.getByText("at last").waitFor();
    scene.agent.capture({ request: httpMessage("GET /behind HTTP/1.1", [HOST]) });
    await page.getByText("/behind").waitFor();
    expect(asked).toBe(2);
    expect(scene.takeFaults().filter((fault) => !fault.startsWith("Failed to load resource"))).toEqual([]);
  },
  BROWSER_MS,
);

test(
  "a token is taken apart, with its times",
  async () => {
    const part = (json: string): string => Buffer.from(json).toString("base64url");
    const token = `${part('{"alg":"none"}')}.${part('{"sub":9007199254740993,"exp":1700000000}')}.`;
    await using page = await open(
      { request: httpMessage("GET / HTTP/1.1", [HOST, `Authorization: Bearer ${token}`]) },
      "summary",
    );
    await page.getByRole("region", { name: "Claims of the token" }).getByText("9007199254740993").waitFor();
    const shown = await page.locator(".authorization").innerText();
    expect(shown).toMatch(/expires\s+2023-11-1\d \d\d:\d3:20\.000 .* days ago\s+signature\s+none/);
  },
  BROWSER_MS,
);

test(
  "copy as curl and copy link put text into the clipboard",
  async () => {
    await using page = await open(
      { request: httpMessage("POST /order HTTP/1.1", [HOST, "X-A: b"], "it's") },
      "summary",
    );
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "Copy as curl" }).click();
    await page.getByText("Command copied").waitFor();
    const command = String(await page.evaluate("navigator.clipboard.readText()"));
    expect(command).toContain("curl https://shop.tunnel.test/order");
    expect(command).toContain("X-A: b");
    await page.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "Copy link to this request" }).click();
    await page.getByText("Link copied").waitFor();
    const link = String(await page.evaluate("navigator.clipboard.readText()"));
    await page.goto(link);
    await page.getByRole("heading", { name: "POST /order" }).waitFor();
  },
  BROWSER_MS,
);
