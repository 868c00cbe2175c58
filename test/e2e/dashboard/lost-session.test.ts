/** What somebody has begun on a page outlives the session, and the edge. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { BROWSER_MS, DashboardVisit } from "../../support/dashboard-visit.ts";
import { accessibilityFaults } from "../../support/watched-browser.ts";

const visit = DashboardVisit.forThisFile();

test(
  "a form that is sent after the session has ended asks to sign in over the page, and goes off then",
  async () => {
    await using page = await visit.open("authtokens");
    await beginForm(page, "written for long");
    await page.context().clearCookies();
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.locator("#api-key:focus").waitFor();
    visit.expectRefusal(401);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.type(visit.apiKey);
    await page.keyboard.press("Enter");
    expect(await page.getByLabel("Token", { exact: true }).inputValue()).toMatch(/^\w{27}_\w{21}$/);
    await page.getByRole("button", { name: "Done" }).click();
    expect(await page.getByRole("row").filter({ hasText: "written for long" }).count()).toBe(1);
  },
  BROWSER_MS,
);

test(
  "who puts the sign-in off has the form as it was, can send it again, and is asked again",
  async () => {
    await using page = await visit.open("authtokens");
    await beginForm(page, "not yet");
    await page.context().clearCookies();
    const create = page.getByRole("button", { name: "Create", exact: true });
    const again = page.getByRole("dialog", { name: "Sign in again" });
    await create.click();
    await again.waitFor();
    visit.expectRefusal(401);
    await page.keyboard.press("Escape");
    await page.getByRole("alert").getByText("It was not sent, since your session has ended.").waitFor();
    expect(await page.getByLabel("Description").inputValue()).toBe("not yet");
    await create.click();
    await again.waitFor();
    visit.expectRefusal(401);
    await signInAgain(page);
    await page.getByLabel("Token", { exact: true }).waitFor();
  },
  BROWSER_MS,
);

test(
  "who leaves the form then is led to the sign-in, and from there back to the page",
  async () => {
    await using page = await visit.open("authtokens");
    await beginForm(page, "never");
    await page.context().clearCookies();
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByRole("dialog", { name: "Sign in again" }).getByRole("button", { name: "Close" }).click();
    visit.expectRefusal(401);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("Sign in again to go on where you were.").waitFor();
    await visit.signIn(page);
    expect(await page.locator("#page-title").innerText()).toBe("Authtokens");
  },
  BROWSER_MS,
);

test(
  "a look of the page itself that is refused tears nobody away from writing, and is repeated",
  async () => {
    await visit.edge.scene.create("ip_policies", { description: "the office" });
    await using page = await visit.open("ip-restrictions");
    await page.context().clearCookies();
    // Its form looks for the policies that there are.
    await page.getByRole("button", { name: "Create IP restriction" }).click();
    const form = page.getByRole("dialog", { name: "Create an IP restriction" });
    await form.getByText("Your session has ended.").waitFor();
    visit.expectRefusal(401);
    await form.getByLabel("Description").fill("from home");
    await form.getByRole("button", { name: "Sign in" }).click();
    await signInAgain(page);
    await form.getByLabel("the office").check();
    expect(await form.getByLabel("Description").inputValue()).toBe("from home");
    expect(await form.getByText("Your session has ended.").count()).toBe(0);
  },
  BROWSER_MS,
);

test(
  "who has signed in on another page of the browser meanwhile is not asked",
  async () => {
    await using page = await visit.open("authtokens");
    await beginForm(page, "on two pages");
    await page.context().clearCookies();
    const create = page.getByRole("button", { name: "Create", exact: true });
    await create.click();
    await page.getByRole("dialog", { name: "Sign in again" }).getByRole("button", { name: "Close" }).click();
    visit.expectRefusal(401);
    await signInElsewhere(page, visit.apiKey);
    await create.click();
    await page.getByLabel("Token", { exact: true }).waitFor();
  },
  BROWSER_MS,
);

test(
  "a key of another account opens that account's page, without the form of this one",
  async () => {
    const { scene } = visit.edge;
    await using page = await visit.open("authtokens");
    await beginForm(page, "of account one");
    await page.context().clearCookies();
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.locator("#api-key").waitFor();
    visit.expectRefusal(401);
    await signInAgain(page, scene.other.key);
    await page.getByText(/^Signed in as .+: what was open belonged to/).waitFor();
    expect(await page.locator("dialog").count()).toBe(0);
    expect(await page.getByText("of account one").count()).toBe(0);
    const made = await Promise.all(
      [scene.one, scene.other].map(async (account) => await scene.call("GET", "/credentials", { account })),
    );
    expect(JSON.stringify(made)).not.toContain("of account one");
  },
  BROWSER_MS,
);

test(
  "a form is not sent into the account that another page of the browser has signed in to, and waits for its own",
  async () => {
    const { scene } = visit.edge;
    await using page = await visit.open("authtokens");
    await beginForm(page, "of account one");
    await signInElsewhere(page, scene.other.key);
    const create = page.getByRole("button", { name: "Create", exact: true });
    const again = page.getByRole("dialog", { name: "Sign in again" });
    for (let tries = 0; tries < 2; tries += 1) {
      await create.click();
      await again.waitFor();
      await page.keyboard.press("Escape");
      await again.waitFor({ state: "detached" });
    }
    visit.expectRefusal(401);
    expect(JSON.stringify(await scene.call("GET", "/credentials", { account: scene.other }))).not.toContain(
      "of account one",
    );
    await create.click();
    await signInAgain(page);
    await page.getByLabel("Token", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Done" }).click();
    expect(await page.getByRole("row").filter({ hasText: "of account one" }).count()).toBe(1);
  },
  BROWSER_MS,
);

test(
  "a form outlives the restart of the edge: it says what happened, and is sent when the edge is back",
  async () => {
    await using page = await visit.open("authtokens");
    await beginForm(page, "before the restart");
    const create = page.getByRole("button", { name: "Create", exact: true });
    await visit.edge.goAway();
    await create.click();
    await page.getByRole("alert").getByText("What you filled in stays here").waitFor();
    visit.expectSilence();
    expect(await page.getByLabel("Description").inputValue()).toBe("before the restart");
    visit.edge.comeBack();
    await create.click();
    await page.locator("#api-key").waitFor();
    visit.expectRefusal(401);
    await signInAgain(page);
    await page.getByLabel("Token", { exact: true }).waitFor();
    await page.keyboard.press("Escape");
    expect(await page.getByRole("row").filter({ hasText: "before the restart" }).count()).toBe(1);
  },
  BROWSER_MS,
);

test(
  "a question is answered after signing in again as well",
  async () => {
    await visit.edge.scene.create("ip_policies", { description: "the office" });
    await using page = await visit.open("ip-policies");
    await page.getByRole("button", { name: "Delete the office" }).click();
    await page.context().clearCookies();
    await page.locator("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await page.locator("#api-key").waitFor();
    visit.expectRefusal(401);
    await signInAgain(page);
    await page.getByRole("row").filter({ hasText: "the office" }).waitFor({ state: "detached" });
  },
  BROWSER_MS,
);

test(
  "a question says that the session has ended, and stays",
  async () => {
    await visit.edge.scene.create("reserved_domains", { domain: "shop.example.com" });
    await using page = await visit.open("domains");
    await page.getByRole("button", { name: "Delete shop.example.com" }).click();
    await page.context().clearCookies();
    const question = page.getByRole("dialog", { name: "Delete domain shop.example.com?" });
    await question.waitFor();
    // As when somebody comes back to the page: it looks at its list.
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await question.getByText("Your session has ended. This question stays here.").waitFor();
    visit.expectRefusal(401);
    await question.getByRole("button", { name: "Sign in" }).click();
    await signInAgain(page);
    await question.getByText("Your session has ended.").waitFor({ state: "detached" });
    await question.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("row").filter({ hasText: "shop.example.com" }).waitFor({ state: "detached" });
  },
  BROWSER_MS,
);

test(
  "a question stays open while its answer is under way, and closes by a click beside it before",
  async () => {
    await visit.edge.scene.create("ip_policies", { description: "the office" });
    await using page = await visit.open("ip-policies");
    const ask = page.getByRole("button", { name: "Delete the office" });
    const question = page.getByRole("dialog", { name: "Delete IP policy the office?" });
    await ask.click();
    await question.waitFor();
    await page.mouse.click(5, 5);
    await question.waitFor({ state: "detached" });
    const [sent, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await page.route("**/dashboard/api/ip_policies/*", async (route) => {
      sent.resolve();
      await released.promise;
      await route.continue();
    });
    await ask.click();
    await question.getByRole("button", { name: "Delete", exact: true }).click();
    await sent.promise;
    await page.mouse.click(5, 5);
    expect(await question.isVisible()).toBe(true);
    released.resolve();
    await question.waitFor({ state: "detached" });
    await page.getByRole("row").filter({ hasText: "the office" }).waitFor({ state: "detached" });
  },
  BROWSER_MS,
);

async function beginForm(page: Page, description: string): Promise<void> {
  await page.getByRole("button", { name: "Create authtoken" }).click();
  await page.getByLabel("Description").fill(description);
}

async function signInAgain(page: Page, key = visit.apiKey): Promise<void> {
  await page.locator("#api-key").fill(key);
  await page.keyboard.press("Enter");
}

/** As another page of the same browser does: what was signed in before is not any more. */
async function signInElsewhere(page: Page, key: string): Promise<void> {
  await page.context().request.post(`${visit.edge.url}/dashboard/session`, {
    headers: { "Ginnel-Dashboard": "1" },
    data: { api_key: key },
    failOnStatusCode: true,
  });
}
