/** Takes the pictures of docs/dashboard.md. Started by scripts/pictures. */
import { chromium, type Page } from "playwright-core";
import { runWords } from "../../test/support/api-command.ts";
import { AgentProcess } from "../../test/support/agent-process.ts";
import { EDGE_TOKEN, EdgeProcess } from "../../test/support/edge-process.ts";
import { freePorts } from "../../test/support/free-ports.ts";
import { TemporaryFolder } from "../../test/support/temporary-folder.ts";
import { visit } from "../../test/support/visit.ts";
import { startDemoShop } from "./demo-shop.ts";
import { takePicture } from "./picture.ts";

const DOMAIN = "tunnels.example.com";

/** Visitors in each moment before the picture. */
const BUSY = [3, 9, 14, 22, 17, 12, 26, 31, 24, 12, 9, 15, 28, 36, 30, 18];

const management = freePorts(1);
await using edge = await EdgeProcess.start(
  `--domain=${DOMAIN}`,
  "--public-https-port=443",
  `--management-addr=${management}`,
);
using folder = new TemporaryFolder();
await Bun.write(folder.file("ca.pem"), edge.caPem);
await makeRecords();
const shop = startDemoShop();
await using agent = await AgentProcess.start(["start", "--all", "--config=agent.yml"], {
  files: {
    "ca.pem": edge.caPem,
    "agent.yml": `version: 2
authtoken: ${EDGE_TOKEN}
server_addr: 127.0.0.1:${edge.ports.https}
root_cas: ca.pem
web_addr: false
tunnels:
  shop: { proto: http, addr: ${shop.port}, domain: shop.${DOMAIN} }
  hooks: { proto: http, addr: ${shop.port}, domain: hooks.${DOMAIN} }
  ssh: { proto: tcp, addr: 22 }
`,
  },
});
await Promise.all(["shop", "hooks", "ssh"].map((name) => agent.url(name)));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  await takePicture(browser, { name: "dashboard" }, async (page) => {
    await signIn(page);
    const line = page.locator(".chart-line").first();
    for (const visitors of BUSY) {
      await Promise.all(Array.from({ length: visitors }, visitShop));
      const before = await line.getAttribute("d");
      while ((await line.getAttribute("d")) === before) await page.waitForTimeout(50);
    }
  });
  await takePicture(browser, { name: "dashboard-domains", scheme: "dark" }, async (page) => {
    await signIn(page);
    await page.getByRole("link", { name: "Domains" }).click();
    await page.getByText("www.example.org").first().waitFor();
  });
} finally {
  await browser.close();
  await shop.stop(true);
}

async function signIn(page: Page): Promise<void> {
  await page.goto(`http://127.0.0.1:${management}/dashboard/`);
  await page.getByLabel("API key").fill(edge.apiKey);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
}

async function visitShop(): Promise<void> {
  await visit(`shop.${DOMAIN}`, { port: edge.ports.https, caPem: edge.caPem, path: "/products" });
}

async function makeRecords(): Promise<void> {
  const env = { HOME: folder.path, GINNEL_API_KEY: edge.apiKey, GINNEL_API_URL: `http://127.0.0.1:${management}` };
  const commands = [
    ["reserved-domains", "create", `--domain=shop.${DOMAIN}`, "--description=the shop"],
    ["reserved-domains", "create", "--domain=www.example.org", "--description=the shop by its old name"],
    ["reserved-domains", "create", `--domain=*.lab.${DOMAIN}`, "--description=one name for each machine of the lab"],
  ];
  for (const words of commands) {
    const { code, joined } = await runWords(["api", ...words], env);
    if (code !== 0) throw new Error(joined);
  }
}
