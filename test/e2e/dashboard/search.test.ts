/** Long lists are searched. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { BROWSER_MS, DashboardVisit } from "../../support/dashboard-visit.ts";
import { accessibilityFaults, overflowPx } from "../../support/watched-browser.ts";

const visit = DashboardVisit.forThisFile();

/** The first one made is the oldest, which comes last. */
async function addDomains(count: number): Promise<void> {
  for (let number = 0; number < count; number++) {
    await visit.edge.scene.create("reserved_domains", {
      domain: `shop-${number}.example.com`,
      description: number === 0 ? "The First of all" : `number ${number}`,
    });
  }
}

const rowsOf = (page: Page) => page.locator("tbody tr");
const fieldOf = (page: Page) => page.getByRole("searchbox", { name: "Search" });

test(
  "a search finds what is on no page that was read, and gives the list back",
  async () => {
    await addDomains(110);
    await using page = await visit.open("domains");
    await page.getByText("shop-109.example.com").waitFor();
    expect(await rowsOf(page).count()).toBe(50);
    await fieldOf(page).fill("first ALL");
    await page.getByRole("status").getByText("1 of 110").waitFor();
    expect(await rowsOf(page).allInnerTexts()).toEqual([expect.stringContaining("shop-0.example.com")]);
    expect(await page.getByRole("button", { name: "Older" }).count()).toBe(0);
    await fieldOf(page).fill("shop-");
    await page.getByRole("status").getByText("110 of 110, the newest 100 are shown").waitFor();
    expect(await rowsOf(page).count()).toBe(100);
    await fieldOf(page).fill("nothing like it");
    await page.getByRole("status").getByText("None of 110").waitFor();
    expect(await rowsOf(page).count()).toBe(0);
    await fieldOf(page).fill("");
    await page.getByText("shop-109.example.com").waitFor();
    expect(await page.getByRole("search").getByRole("status").innerText()).toBe("");
  },
  BROWSER_MS,
);

test(
  "a record that is made while the list is searched is seen",
  async () => {
    await addDomains(11);
    await using page = await visit.open("domains");
    await fieldOf(page).fill("shop-7");
    await page.getByRole("status").getByText("1 of 11").waitFor();
    await page.getByRole("button", { name: "Edit shop-7.example.com" }).click();
    await page.getByLabel("Description").fill("changed by hand");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("row").filter({ hasText: "changed by hand" }).waitFor();
    expect(await rowsOf(page).count()).toBe(1);
    await page.getByRole("button", { name: "Reserve domain" }).click();
    await page.getByLabel("Domain", { exact: true }).fill("www.example.org");
    await page.locator("dialog button[type=submit]").click();
    await page.getByRole("row").filter({ hasText: "www.example.org" }).waitFor();
    expect(await fieldOf(page).inputValue()).toBe("");
    expect(await rowsOf(page).count()).toBe(12);
  },
  BROWSER_MS,
);

test(
  "a search is over on another page, and short lists have none",
  async () => {
    await addDomains(11);
    await using page = await visit.open("domains");
    await fieldOf(page).fill("shop-7");
    await page.getByRole("status").getByText("1 of 11").waitFor();
    await page.getByRole("link", { name: "API keys" }).click();
    await page.getByRole("heading", { name: "API keys" }).waitFor();
    await rowsOf(page).first().waitFor();
    expect(await fieldOf(page).count()).toBe(0);
    await page.getByRole("link", { name: "Domains" }).click();
    await page.getByText("shop-10.example.com").waitFor();
    expect(await fieldOf(page).inputValue()).toBe("");
  },
  BROWSER_MS,
);

test.each([
  { colorScheme: "light", width: 1280 },
  { colorScheme: "dark", width: 360 },
] as const)(
  "the search has no fault in $colorScheme colours, $width px wide",
  async (view) => {
    await addDomains(11);
    await using page = await visit.open("domains", { ...view, height: 800 });
    await fieldOf(page).fill("shop-7");
    await page.getByRole("status").getByText("1 of 11").waitFor();
    expect([await accessibilityFaults(page), await overflowPx(page)]).toEqual([[], 0]);
    await fieldOf(page).fill("nothing like it");
    await page.getByRole("status").getByText("None of 11").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  },
  BROWSER_MS,
);
