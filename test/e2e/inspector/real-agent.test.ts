/** The inspector of an agent that runs: visitors come over its edge, and replays go to the real upstream. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { AgentProcess } from "../../support/agent-process.ts";
import { WatchedBrowser } from "../../support/watched-browser.ts";
import { visit } from "../../support/visit.ts";

const TIMEOUT_MS = 60_000;

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

const seen: Seen[] = [];
const upstream = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request, server) {
    const { pathname } = new URL(request.url);
    if (pathname === "/live" && server.upgrade(request)) return undefined;
    seen.push({ method: request.method, path: pathname, body: await request.text() });
    return Response.json({ visit: seen.length });
  },
  websocket: { message: (socket, message) => void socket.send(`heard ${String(message)}`) },
});
const scene: { browser?: WatchedBrowser; agent?: AgentProcess } = {};

beforeAll(async () => {
  scene.browser = await WatchedBrowser.start();
  scene.agent = await AgentProcess.start(["http", String(upstream.port), "--scheme", "http"]);
}, TIMEOUT_MS);
afterAll(async () => {
  await scene.browser?.[Symbol.asyncDispose]();
  await scene.agent?.[Symbol.asyncDispose]();
  await upstream.stop(true);
});

async function started(): Promise<{
  readonly browser: WatchedBrowser;
  readonly inspector: string;
  readonly url: URL;
}> {
  const { browser, agent } = scene;
  if (browser === undefined || agent === undefined) throw new Error("nothing was started");
  const [{ addr }, url] = await Promise.all([agent.logged("starting web service"), agent.url()]);
  return { browser, inspector: `http://${addr}`, url: new URL(url) };
}

test(
  "a visitor's request appears at once, is replayed to the upstream, and replayed with changes",
  async () => {
    const { browser, inspector, url } = await started();
    await using page = await browser.open(`${inspector}/`);
    await page.getByRole("link", { name: url.origin }).waitFor();
    await visit(url.hostname, {
      port: Number(url.port),
      path: "/hook?a=1",
      method: "POST",
      headers: { "Content-Type": "text/plain" },
      body: Buffer.from("first"),
    });
    await page.getByRole("option", { name: "/hook?a=1" }).click();
    await page.getByRole("heading", { name: "POST /hook?a=1" }).waitFor();
    await page.locator(".line", { hasText: "first" }).waitFor();
    await page.getByRole("button", { name: "Replay", exact: true }).click();
    await page.getByText("A replay.").waitFor();
    await page.getByRole("button", { name: "compare the answers" }).click();
    await page.getByRole("region", { name: "Differences of the bodies" }).getByText('"visit": 2').waitFor();
    await page.keyboard.press("e");
    await page.getByLabel("Method").fill("PUT");
    await page.getByLabel("Path").fill("/other");
    await page.getByLabel("Body", { exact: true }).fill("changed");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("heading", { name: "PUT /other" }).waitFor();
    expect(seen).toEqual([
      { method: "POST", path: "/hook", body: "first" },
      { method: "POST", path: "/hook", body: "first" },
      { method: "PUT", path: "/other", body: "changed" },
    ]);
    expect(browser.faults.splice(0)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "messages of a WebSocket are shown while they pass",
  async () => {
    const { browser, inspector, url } = await started();
    const socket = new WebSocket(`ws://127.0.0.1:${url.port}/live`, { headers: { Host: url.host } });
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve, { once: true });
      socket.addEventListener("error", reject, { once: true });
    });
    await using page = await browser.open(`${inspector}/inspect/http?q=is:websocket`);
    await page.getByRole("option", { name: "/live" }).click();
    await page.getByRole("tab", { name: "Messages" }).waitFor();
    socket.send("good morning");
    await page.getByText("heard good morning").waitFor();
    socket.close();
    await page.getByText(", ended").waitFor();
    expect(browser.faults.splice(0)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "the status page tells tunnels with their QR codes, the session, the configuration, and what passes",
  async () => {
    const { browser, inspector, url } = await started();
    await using page = await browser.open(`${inspector}/status`);
    const tunnel = page.getByRole("article", { name: "Tunnel command_line" });
    await tunnel.getByRole("link", { name: url.origin }).waitFor();
    await tunnel.getByRole("button", { name: "QR code" }).click();
    await tunnel.getByRole("img", { name: `QR code of ${url.origin}` }).waitFor();
    await page.getByText("inspect_db_size").waitFor();
    await page.getByText("Running for").waitFor();
    await page.getByText(/latency (not measured yet|[\d.]+(µ|m)?s), online/).waitFor();
    await visit(url.hostname, { port: Number(url.port) });
    await page.locator('.chart-line[d^="M"]').first().waitFor({ state: "attached" });
    expect(browser.faults.splice(0)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "a page says that the agent is gone, and goes on when it is there again",
  async () => {
    const { browser } = await started();
    const argv = ["http", String(upstream.port), "--scheme", "http"];
    const first = await AgentProcess.start(argv);
    const [{ addr = "" }, url] = await Promise.all([first.logged("starting web service"), first.url()]);
    await visit(new URL(url).hostname, { port: Number(new URL(url).port), path: "/before" });
    await using page = await browser.open(`http://${addr}/`);
    await page.getByRole("option", { name: "/before" }).click();
    await page.getByRole("heading", { name: "GET /before" }).waitFor();
    await page.getByRole("region", { name: "Response body" }).getByText("visit").waitFor();
    await first[Symbol.asyncDispose]();
    await page.getByText("The agent does not answer").waitFor();
    await page.keyboard.press("r");
    await page.locator(".notice-failure").waitFor();
    await using second = await AgentProcess.start([...argv, "--config", "ngrok.yml"], {
      files: { "ngrok.yml": `version: 2\nweb_addr: ${addr}\n` },
    });
    await second.logged("starting web service", { addr });
    await page.locator(".agent-online").waitFor();
    expect(await page.getByText("The agent does not answer").count()).toBe(0);
    // What was read stays to be read.
    await page.getByText("The agent no longer keeps this").waitFor();
    await page.getByRole("heading", { name: "GET /before" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "This request cannot be shown" }).waitFor();
    await page.getByRole("button", { name: "Show all requests" }).click();
    await page.getByText("Waiting for the first request").waitFor();
    // The browser itself writes of every call that fails.
    for (const fault of browser.faults.splice(0)) expect(fault).toContain("Failed to load resource");
  },
  TIMEOUT_MS,
);
