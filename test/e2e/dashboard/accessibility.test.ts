/** The dashboard for people who see otherwise, use no mouse, or have a small screen. */
import { describe, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { PAGE_NAMES } from "../../../src/edge/dashboard/client/shell/page-name.ts";
import { BROWSER_MS, DashboardVisit } from "../../support/dashboard-visit.ts";
import { accessibilityFaults, overflowPx } from "../../support/watched-browser.ts";

const visit = DashboardVisit.forThisFile({ hasRecords: true });

const PAGES = [...PAGE_NAMES, "nowhere"];

describe.each([
  { colorScheme: "light", width: 1280 },
  { colorScheme: "dark", width: 1280 },
  { colorScheme: "light", width: 360 },
  { colorScheme: "dark", width: 360 },
] as const)("in $colorScheme colours, $width px wide,", (view) => {
  test(
    "no page, page of a record, form or question has a fault",
    async () => {
      await using page = await visit.open("", { ...view, height: 800 });
      for (const path of PAGES) {
        await page.goto(`${visit.edge.url}/dashboard/${path}`);
        if (path === "audit-log") await page.locator("summary").first().click();
        await check(page, path);
        for (const name of [/^(?:Create|Reserve|Upload) /, /^Edit /, /^(?:Delete|Release|Stop) /]) {
          const button = page.getByRole("button", { name }).first();
          if ((await button.count()) === 0) continue;
          await button.click();
          await page.locator("dialog").waitFor();
          await check(page, `${path}, ${name}`);
          await page.keyboard.press("Escape");
          await page.locator("dialog").waitFor({ state: "detached" });
        }
        const link = page.locator(".record-link").first();
        if ((await link.count()) === 0) continue;
        await link.click();
        await page.locator(".record-facts").waitFor();
        await check(page, `one of ${path}`);
      }
    },
    BROWSER_MS * 2,
  );

  test(
    "signing in and a refused key have no fault",
    async () => {
      await using page = await visit.openSignedOut("certificates", { ...view, height: 800 });
      await check(page, "sign in", "h1");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
      await check(page, "refused", "h1");
    },
    BROWSER_MS,
  );
});

async function check(page: Page, where: string, ready = "#page-title"): Promise<void> {
  await page.locator(ready).first().waitFor();
  await page.getByText("Loading").first().waitFor({ state: "detached" });
  expect([where, await accessibilityFaults(page, ["minor", "moderate", "serious", "critical"])]).toEqual([where, []]);
  expect([where, await overflowPx(page)]).toEqual([where, 0]);
}

test(
  "everything can be done by keyboard alone",
  async () => {
    await using page = await visit.openSignedOut("authtokens");
    const { keyboard } = page;
    await page.locator("#api-key:focus").waitFor();
    await keyboard.type(visit.apiKey);
    await keyboard.press("Enter");
    await page.locator("#page-title:focus").waitFor();
    await tabTo(page, "Create authtoken");
    await keyboard.press("Enter");
    await tabTo(page, "Description");
    await keyboard.type("by keyboard");
    await keyboard.press("Enter");
    await page.getByLabel("Token", { exact: true }).waitFor();
    await tabTo(page, "Done");
    await keyboard.press("Enter");
    await page.locator("#page-title:focus").waitFor();
    await tabTo(page, "Delete by keyboard");
    await keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Delete authtoken by keyboard?" }).waitFor();
    await tabTo(page, "Delete");
    await keyboard.press("Enter");
    await page.getByText("by keyboard", { exact: true }).waitFor({ state: "detached" });
    await page.locator("#page-title:focus").waitFor();
    await tabTo(page, "Domains", "Shift+Tab");
    await keyboard.press("Enter");
    await page.locator("#page-title:focus").getByText("Domains").waitFor();
  },
  BROWSER_MS,
);

test(
  "the first stop of the keyboard leads past the navigation",
  async () => {
    await using page = await visit.open("account");
    await page.reload();
    await page.locator("#page-title").waitFor();
    await page.keyboard.press("Tab");
    await page.locator(":focus").getByText("Skip to the content").waitFor();
    await page.keyboard.press("Enter");
    await page.locator("#content:focus").waitFor();
  },
  BROWSER_MS,
);

test(
  "on a small screen the navigation opens and closes by its button",
  async () => {
    await using page = await visit.open("", { width: 360, height: 780 });
    const button = page.getByRole("button", { name: "Overview" });
    expect(await page.getByRole("link", { name: "Domains" }).count()).toBe(0);
    await button.focus();
    await page.keyboard.press("Enter");
    expect(await button.getAttribute("aria-expanded")).toBe("true");
    await page.getByRole("link", { name: "Domains" }).click();
    await page.getByRole("heading", { name: "Domains" }).waitFor();
    expect(await page.getByRole("link", { name: "Agents" }).count()).toBe(0);
  },
  BROWSER_MS,
);

test(
  "what was done is announced",
  async () => {
    await using page = await visit.open("authtokens");
    await page.getByRole("button", { name: "Delete build server" }).click();
    await page.locator("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await page.locator("[aria-live=polite]").getByText("Deleted").waitFor();
  },
  BROWSER_MS,
);

/** Walks on until what has this name has the focus. */
async function tabTo(page: Page, name: string, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  const reached: string[] = [];
  for (let step = 0; step < 60; step++) {
    await page.keyboard.press(key);
    const focused = String(
      await page.evaluate(
        "(({ ariaLabel, labels, innerText }) => ariaLabel ?? labels?.[0]?.innerText ?? innerText)(document.activeElement)",
      ),
    ).trim();
    if (focused === name) return;
    reached.push(focused);
  }
  throw new Error(`${name} is not reached: ${reached.join(", ")}`);
}
