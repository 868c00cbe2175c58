/** What agents, visitors and colleagues wrote may be anything: nothing of it runs, loads, or leads the page astray. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { PAGE_NAMES } from "../../../src/edge/dashboard/client/shell/page-name.ts";
import { BROWSER_MS, DashboardVisit } from "../../support/dashboard-visit.ts";
import { overflowPx } from "../../support/watched-browser.ts";

const SCRIPT = `<script>window.hacked=1</script><img src=x onerror="window.hacked=1"><svg onload="window.hacked=1">`;
const TURNED = "a\u202etxt.exe\u0007\u001b[31m\u200b";
const LONG = "long".repeat(50);
const visit = DashboardVisit.forThisFile({ hasRecords: true });

test.each([
  ["scripts", SCRIPT],
  ["characters that turn text round", TURNED],
  ["very long words", LONG],
])(
  "%s in everything that strangers can say do no harm on any page",
  async (_, text) => {
    await spread(text);
    await using page = await visit.open("", { width: 360, height: 780 });
    for (const path of PAGE_NAMES) {
      await page.goto(`${visit.edge.url}/dashboard/${path}`);
      await lookAround(page, path);
      const link = page.locator(".record-link").first();
      if ((await link.count()) === 0 || path === "overview") continue;
      await link.click();
      await page.locator(".record-facts").waitFor();
      await lookAround(page, path);
      const button = page.locator(".page-head button").last();
      if ((await button.count()) === 0) continue;
      await button.click();
      await page.locator("dialog").waitFor();
      await lookAround(page, path);
      await page.keyboard.press("Escape");
    }
  },
  BROWSER_MS * 2,
);

test(
  "what nobody would see stands as its escape",
  async () => {
    await spread(TURNED);
    await using page = await visit.open("agents");
    await page.getByText("a\\u202etxt.exe\\x07\\x1b[31m\\u200b").first().waitFor();
  },
  BROWSER_MS,
);

test(
  "what stands as its escape stays at its own value, and never where titles are",
  async () => {
    await spread(TURNED);
    await using page = await visit.open("agents", { width: 360, height: 780 });
    await page.locator(".records .odd").first().waitFor();
    const astray = `[...document.querySelectorAll(".records .odd")].filter((odd) => {
      const row = odd.closest("td").getBoundingClientRect();
      return odd.getBoundingClientRect().left < row.left + 100;
    }).length`;
    expect(await page.evaluate(astray)).toBe(0);
  },
  BROWSER_MS,
);

test(
  "an endpoint's URL is a link only where a browser can go safely",
  async () => {
    await spread("javascript:window.hacked=1");
    await using page = await visit.open("endpoints");
    await page.locator(".record-link").first().click();
    await page.locator(".record-facts").waitFor();
    expect(await page.locator('a[href^="javascript:"]').count()).toBe(0);
  },
  BROWSER_MS,
);

/** Puts a text wherever somebody else than who is signed in can put one. */
async function spread(text: string): Promise<void> {
  const { scene, traffic } = visit.edge;
  const { session, endpoint } = await scene.bringOnline();
  await scene.store.live.putSession({
    ...session,
    agentVersion: text,
    os: text,
    metadata: text,
    region: text,
    ip: text,
  });
  await scene.store.live.putEndpoint({
    ...endpoint,
    forwardsTo: text,
    metadata: text,
    description: text,
    name: text,
    publicUrl: text,
    trafficPolicy: text,
  });
  const [figures] = traffic;
  if (figures !== undefined) traffic.push({ ...figures, endpointId: endpoint.id, url: text });
  const notes = { description: text, metadata: text };
  const policy = await scene.create("ip_policies", notes);
  await Promise.all([
    scene.create("ip_policy_rules", { ...notes, ip_policy_id: policy.id, cidr: "198.51.100.0/24", action: "deny" }),
    scene.create("ip_restrictions", { ...notes, type: "api", ip_policy_ids: [policy.id] }),
    scene.create("credentials", notes),
    scene.create("api_keys", notes),
    scene.create("reserved_domains", { ...notes, domain: "x.example.org" }),
    scene.create("reserved_addrs", notes),
  ]);
}

async function lookAround(page: Page, path: string): Promise<void> {
  await page.locator("#page-title").waitFor();
  await page.locator("#content").getByText("Loading").first().waitFor({ state: "detached" });
  expect(await page.evaluate("window.hacked")).toBeUndefined();
  expect(await page.locator("#app script, #app img, #app [onerror], #app [onload]").count()).toBe(0);
  expect(await page.evaluate("/[\\u202e\\x07\\x1b\\u200b]/.test(document.body.innerText)")).toBe(false);
  expect([path, await overflowPx(page)]).toEqual([path, 0]);
}
