/** Takes the pictures of docs/inspector.md. Started by scripts/pictures. */
import { chromium, type Page } from "playwright-core";
import { AgentProcess } from "../../test/support/agent-process.ts";
import { visit } from "../../test/support/visit.ts";
import { startDemoShop } from "./demo-shop.ts";
import { type PictureFrame, takePicture } from "./picture.ts";

const JSON_TYPE = { "Content-Type": "application/json" };
const PAYMENT = {
  id: "evt_1042",
  type: "payment.succeeded",
  livemode: false,
  amount: 3900,
  customer: { id: "cus_9", name: "Ada Lovelace", tags: ["early", "vip"], company: null },
};

interface Picture extends PictureFrame {
  readonly path: string;
  /** Until the page shows what the picture is of. */
  readonly prepare: (page: Page, visitShop: () => Promise<unknown>) => Promise<void>;
}

/** Visitors in each second before the picture of the status page. */
const BUSY_SECONDS = [3, 9, 14, 22, 17, 12, 26, 31, 24, 12, 9, 15, 28, 36, 30, 18];

const PICTURES: readonly Picture[] = [
  {
    name: "requests",
    path: "/inspect/http?q=path:/hooks/payment+status:200",
    prepare: async (page) => {
      await page.getByRole("option").first().click();
      await page.getByText('"Ada Lovelace"').waitFor();
      await page.getByRole("button", { name: "Remove the filter" }).click();
    },
  },
  {
    name: "syntax-error",
    scheme: "dark",
    width: 1680,
    path: "/inspect/http?q=path:/hooks/shipping",
    prepare: async (page) => {
      await page.getByRole("option").first().click();
      await page.getByRole("tab", { name: "Body" }).click();
      await page.locator("mark").nth(1).waitFor();
    },
  },
  {
    name: "replay-with-changes",
    path: "/inspect/http?q=path:/hooks/payment+status:500",
    prepare: async (page) => {
      await page.getByRole("option").first().click();
      await page.locator("#exchange-title").waitFor();
      await page.keyboard.press("e");
      await page.getByLabel("Path").fill("/hooks/payment?retry=1");
      await page.getByLabel("Body", { exact: true }).waitFor();
    },
  },
  {
    name: "compare",
    path: "/inspect/http?q=path:/hooks/payment+status:500",
    prepare: async (page) => {
      await page.getByRole("option").first().click();
      await page.getByRole("button", { name: "Replay", exact: true }).click();
      await page.getByRole("button", { name: "compare the answers" }).click();
      await page.getByText("The answers differ").waitFor();
      await page.getByRole("button", { name: "Remove the filter" }).click();
      await page.locator(".notice").waitFor({ state: "detached" });
    },
  },
  {
    name: "websocket",
    scheme: "dark",
    path: "/inspect/http?q=is:websocket",
    prepare: async (page) => {
      await page.getByRole("option").first().click();
      await page.locator(".message", { hasText: "3875" }).click();
      await page
        .getByRole("region", { name: /^Message/ })
        .locator(".line")
        .first()
        .waitFor();
      await page.getByRole("button", { name: "Remove the filter" }).click();
    },
  },
  {
    name: "phone",
    width: 360,
    height: 740,
    path: "/inspect/http",
    prepare: async (page) => await page.getByRole("option").first().waitFor(),
  },
  {
    name: "status",
    path: "/status",
    prepare: async (page, visitShop) => {
      await page.getByRole("button", { name: "QR code" }).first().click();
      const line = page.locator(".chart-line").first();
      for (const visitors of BUSY_SECONDS) {
        await Promise.all(Array.from({ length: visitors }, visitShop));
        const before = await line.getAttribute("d");
        while ((await line.getAttribute("d")) === before) await page.waitForTimeout(50);
      }
    },
  },
];

const shop = startDemoShop();
await using agent = await AgentProcess.start(["start", "--all", "--config", "ngrok.yml"], {
  files: {
    "ngrok.yml": `version: 2
tunnels:
  hooks: { proto: http, addr: ${shop.port}, subdomain: hooks, schemes: [http] }
  shop: { proto: http, addr: ${shop.port}, subdomain: shop, schemes: [http] }
`,
  },
});
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  const { addr } = await agent.logged("starting web service");
  const shopUrl = new URL(await agent.url("shop"));
  const socket = await sendVisitors(shopUrl, new URL(await agent.url("hooks")));
  const visitShop = (): Promise<unknown> => visit(shopUrl.hostname, { port: Number(shopUrl.port), path: "/products" });
  for (const picture of PICTURES) {
    await takePicture(browser, picture, async (page) => {
      await page.goto(`http://${addr}${picture.path}`);
      await picture.prepare(page, visitShop);
    });
  }
  socket.close();
} finally {
  await browser.close();
  await shop.stop(true);
}

/** One after the other, so that the list is in this order; answers the WebSocket that stays open. */
async function sendVisitors(shopUrl: URL, hooksUrl: URL): Promise<WebSocket> {
  const payment = Buffer.from(JSON.stringify(PAYMENT));
  const broken = Buffer.from('{\n  "order": 1042,\n  "carrier" "DHL",\n  "parcels": [1, 2]\n}\n');
  await visit(shopUrl.hostname, { port: Number(shopUrl.port) });
  await visit(shopUrl.hostname, { port: Number(shopUrl.port), path: "/favicon.ico" });
  await visit(shopUrl.hostname, { port: Number(shopUrl.port), path: "/products?page=2&sort=price" });
  await visit(shopUrl.hostname, {
    port: Number(shopUrl.port),
    path: "/login",
    method: "POST",
    body: Buffer.from("user=ada"),
  });
  const socket = await openPrices(shopUrl);
  await visit(hooksUrl.hostname, {
    port: Number(hooksUrl.port),
    path: "/hooks/shipping",
    method: "POST",
    headers: { ...JSON_TYPE, "User-Agent": "Parcels/2.1" },
    body: broken,
  });
  for (let delivery = 1; delivery <= 2; delivery++) {
    await visit(hooksUrl.hostname, {
      port: Number(hooksUrl.port),
      path: "/hooks/payment",
      method: "POST",
      headers: { ...JSON_TYPE, "User-Agent": "Payments/1.0", "X-Delivery": String(delivery) },
      body: payment,
    });
  }
  return socket;
}

/** Resolves when the upstream has answered as often as it does. */
async function openPrices({ port, host }: URL): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/prices`, { headers: { Host: host } });
  const answered = Promise.withResolvers<void>();
  const answers: unknown[] = [];
  socket.addEventListener("open", () => socket.send(JSON.stringify({ sku: "A-17" })), { once: true });
  socket.addEventListener("error", () => answered.reject(new Error("the WebSocket cannot be opened")), { once: true });
  socket.addEventListener("message", ({ data }) => {
    answers.push(data);
    if (answers.length === 3) answered.resolve();
  });
  await answered.promise;
  return socket;
}
