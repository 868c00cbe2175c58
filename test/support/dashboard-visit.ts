/** One browser for the tests of a file, and for each test an edge with a dashboard; what a page complains of fails the test. */
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "bun:test";
import type { Page } from "playwright-core";
import { DashboardEdge } from "./dashboard-edge.ts";
import { type View, WatchedBrowser } from "./watched-browser.ts";

/** A browser is started and a machine may be busy; nothing here measures time. */
export const BROWSER_MS = 60_000;

/** What the browser itself writes of calls that are refused. */
const REFUSED = /^Failed to load resource: the server responded with a status of (\d+)/;
const UNREACHED = /^Failed to load resource: net::ERR_/;

export class DashboardVisit {
  readonly #started: { browser?: WatchedBrowser; edge?: DashboardEdge } = {};

  /** Of the test that runs. */
  get edge(): DashboardEdge {
    if (this.#started.edge === undefined) throw new Error("no test runs");
    return this.#started.edge;
  }

  get apiKey(): string {
    return this.edge.scene.one.key;
  }

  /** A page for who is not signed in. */
  async openSignedOut(path = "", view: View = {}): Promise<Page> {
    const page = await this.#browser.open(`${this.edge.url}/dashboard/${path}`, { ready: "#api-key", ...view });
    this.expectRefusal(401); // nobody was signed in
    return page;
  }

  /** A page for who has just signed in there. */
  async open(path = "", view: View = {}): Promise<Page> {
    const page = await this.openSignedOut(path, view);
    await this.signIn(page);
    return page;
  }

  async signIn(page: Page): Promise<void> {
    await page.getByLabel("API key").fill(this.apiKey);
    await page.keyboard.press("Enter");
    await page.locator("#page-title").waitFor();
  }

  /** A call of the page was refused, as the test wanted. */
  expectRefusal(status: number): void {
    const at = this.#browser.faults.findIndex((fault) => REFUSED.exec(fault)?.[1] === String(status));
    expect([status, at]).not.toEqual([status, -1]);
    this.#browser.faults.splice(at, 1);
  }

  /** A call of the page reached nobody, as the test wanted. */
  expectSilence(): void {
    const at = this.#browser.faults.findIndex((fault) => UNREACHED.test(fault));
    expect(at).not.toBe(-1);
    this.#browser.faults.splice(at, 1);
  }

  /** Sets up the tests of the file that calls it. */
  static forThisFile({ hasRecords = false } = {}): DashboardVisit {
    const visit = new DashboardVisit();
    beforeAll(async () => {
      visit.#started.browser = await WatchedBrowser.start();
    }, BROWSER_MS);
    afterAll(async () => {
      await visit.#started.browser?.[Symbol.asyncDispose]();
    });
    beforeEach(async () => {
      visit.#started.edge = await DashboardEdge.start({ hasRecords });
    });
    afterEach(async () => {
      await visit.#started.edge?.[Symbol.asyncDispose]();
      expect(visit.#browser.faults.splice(0)).toEqual([]);
    });
    return visit;
  }

  get #browser(): WatchedBrowser {
    if (this.#started.browser === undefined) throw new Error("no test runs");
    return this.#started.browser;
  }
}
