/** The page of one record that changes by itself. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { BROWSER_MS, DashboardVisit } from "../../support/dashboard-visit.ts";

/** More than the pages wait between two looks. */
const NEXT_LOOK_MS = 11_000;
const visit = DashboardVisit.forThisFile();

test(
  "the page of an agent follows it, tells that it has gone, and shows it again when it is back",
  async () => {
    const { live } = visit.edge.scene.store;
    const { session } = await visit.edge.scene.bringOnline();
    await using page = await openWithClock(`agents/${session.id}`);
    const facts = page.locator(".record-facts");
    await facts.getByText("3.39.0").waitFor();

    await live.putSession({ ...session, agentVersion: "3.40.0" });
    await nextLook(page);
    await facts.getByText("3.40.0").waitFor();

    await live.removeSession(session.id);
    await nextLook(page);
    await page.getByText("This agent is not online any more. Below is what was known last.").waitFor();
    visit.expectRefusal(404);
    await facts.getByText("3.40.0").waitFor();
    expect(await page.getByRole("button", { name: /^(?:Stop|Restart) / }).count()).toBe(0);

    await live.putSession(session);
    await nextLook(page);
    await facts.getByText("3.39.0").waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
    expect(await page.getByRole("button", { name: /^(?:Stop|Restart) / }).count()).toBe(2);
  },
  BROWSER_MS,
);

test(
  "the page of an agent says why there is nothing newer while the edge is away, and goes on when it is back",
  async () => {
    const { session } = await visit.edge.scene.bringOnline();
    await using page = await openWithClock(`agents/${session.id}`);
    await page.locator(".record-facts").waitFor();
    await visit.edge.goAway();
    await nextLook(page);
    await page.getByRole("alert").getByText("The edge cannot be reached.").waitFor();
    visit.expectSilence();
    await page.locator(".record-facts").getByText("3.39.0").waitFor();
    visit.edge.comeBack();
    await nextLook(page);
    await page.getByText("Sign in again to go on where you were.").waitFor();
    visit.expectRefusal(401);
    await visit.signIn(page);
    await page.locator(".record-facts").getByText("3.39.0").waitFor();
  },
  BROWSER_MS,
);

test(
  "an agent that goes while somebody is asked about it leaves the question in place",
  async () => {
    const { session } = await visit.edge.scene.bringOnline();
    await using page = await openWithClock(`agents/${session.id}`);
    await page.getByRole("button", { name: /^Stop / }).click();
    await visit.edge.scene.store.live.removeSession(session.id);
    await nextLook(page);
    await page.getByText("This agent is not online any more.").waitFor();
    visit.expectRefusal(404);
    await page.locator("dialog").getByRole("button", { name: "Stop", exact: true }).click();
    await page.locator("dialog").getByRole("alert").waitFor();
    visit.expectRefusal(404);
  },
  BROWSER_MS,
);

async function openWithClock(path: string): Promise<Page> {
  const page = await visit.open(path);
  await page.clock.install();
  await page.reload();
  await page.locator(".record-facts").waitFor();
  return page;
}

async function nextLook(page: Page): Promise<void> {
  await page.clock.runFor(NEXT_LOOK_MS);
}
