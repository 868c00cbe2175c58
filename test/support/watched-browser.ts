/** A real Chromium that looks at our pages, and tells what they complained about. */
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";

const PROGRAM = "/usr/bin/chromium";
/** For everything that a test waits for. */
const PATIENCE_MS = 10_000;

export interface View {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  /** What is there once the page can be used. */
  readonly ready?: string;
}

/** Of the inspector: it is in touch with its agent. */
const IN_TOUCH = ".agent-online";

export class WatchedBrowser implements AsyncDisposable {
  /** What pages wrote to the console as errors, what they threw, and dialogs that they opened: none is expected, ever. */
  readonly faults: string[] = [];
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<WatchedBrowser> {
    // Tests may run as root, whom the sandbox of Chromium does not let in.
    return new WatchedBrowser(await chromium.launch({ executablePath: PROGRAM, args: ["--no-sandbox"] }));
  }

  async open(
    url: string,
    { width = 1440, height = 900, colorScheme = "light", ready = IN_TOUCH }: View = {},
  ): Promise<Page> {
    const viewport = { width, height };
    const page = await this.#browser.newPage({ viewport, colorScheme, ignoreHTTPSErrors: true });
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("console", (message) => {
      if (message.type() === "error") this.faults.push(message.text());
    });
    page.on("pageerror", (error) => this.faults.push(error.message));
    page.on("dialog", (dialog) => {
      this.faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(url);
    await page.locator(ready).first().waitFor();
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

type Impact = "minor" | "moderate" | "serious" | "critical";

/** Faults that axe finds on the page as it is now, serious and critical ones unless told, each with the first element that has it. */
export async function accessibilityFaults(
  page: Page,
  impacts: readonly Impact[] = ["serious", "critical"],
): Promise<readonly string[]> {
  // Through the debugger, where the policy of the page does not count.
  await page.evaluate(axe.source);
  const found: unknown = await page.evaluate(
    `axe.run().then(({ violations }) => violations
      .filter(({ impact }) => ${JSON.stringify(impacts)}.includes(impact))
      .map(({ id, nodes }) => id + ": " + nodes[0].html.slice(0, 200) + " " + nodes[0].failureSummary))`,
  );
  return Array.isArray(found) ? found.map(String) : [`axe answered ${JSON.stringify(found)}`];
}

/** By how many pixels the page is wider than the window. */
export async function overflowPx(page: Page): Promise<number> {
  return Number(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
}
