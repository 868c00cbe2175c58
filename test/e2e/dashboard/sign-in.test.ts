/** Who gets to see the pages, for how long, and where they are led. */
import { expect, test } from "bun:test";
import { BROWSER_MS, DashboardVisit } from "../../support/dashboard-visit.ts";

const visit = DashboardVisit.forThisFile();

test(
  "signing in with an API key leads to the page that was asked for, and lasts over a reload",
  async () => {
    await using page = await visit.openSignedOut("domains");
    const field = page.getByLabel("API key");
    expect(await field.getAttribute("type")).toBe("password");
    expect(await field.getAttribute("autocomplete")).toBe("off");
    await page.getByText("ginnel edge admin api-key create").waitFor();
    await visit.signIn(page);
    expect(await page.locator("#page-title").innerText()).toBe("Domains");
    expect(await page.title()).toBe("Domains · ginnel dashboard");
    await page.reload();
    expect(await page.locator("#page-title").innerText()).toBe("Domains");
    expect(await page.evaluate("document.cookie")).toBe("");
  },
  BROWSER_MS,
);

test.each([
  ["", "Give an API key.", undefined],
  ["nonsense", "ERR_NGROK_202", 401],
  ["2MTGBfzZa0aXJjBBZzyEjHPmtxZ_0123456789abcdefghijk", "ERR_NGROK_203", 401],
])(
  "the key %p is refused in words at its field",
  async (key, words, status) => {
    await using page = await visit.openSignedOut();
    const field = page.getByLabel("API key");
    await field.fill(key);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText(words).waitFor();
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    expect(await page.evaluate("document.activeElement.id")).toBe("api-key");
    expect(await page.locator("#page-title").count()).toBe(0);
    if (status !== undefined) visit.expectRefusal(status);
  },
  BROWSER_MS,
);

test(
  "a session that has ended leads to the sign-in, and from there back to the same page",
  async () => {
    await using page = await visit.open("ip-policies");
    await page.context().clearCookies();
    await page.getByRole("link", { name: "Authtokens" }).click();
    await page.getByText("Your session has ended.").waitFor();
    visit.expectRefusal(401);
    expect(new URL(page.url()).pathname).toBe("/dashboard/authtokens");
    await visit.signIn(page);
    expect(await page.locator("#page-title").innerText()).toBe("Authtokens");
  },
  BROWSER_MS,
);

test(
  "signing out ends the session at the edge too",
  async () => {
    await using page = await visit.open();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You are signed out.").waitFor();
    await page.reload();
    await page.getByLabel("API key").waitFor();
    visit.expectRefusal(401);
  },
  BROWSER_MS,
);

test(
  "a key that was deleted opens the pages no longer",
  async () => {
    await using page = await visit.open("account");
    const { one } = visit.edge.scene;
    await visit.edge.scene.call("DELETE", `/api_keys/${one.keyId}`);
    await page.getByRole("link", { name: "Agents" }).click();
    await page.getByText("Your session has ended.").waitFor();
    visit.expectRefusal(401);
  },
  BROWSER_MS,
);
