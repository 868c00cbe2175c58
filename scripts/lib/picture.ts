/** One picture of a page for the documentation. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { log } from "./run-script.ts";

const FOLDER = join(import.meta.dir, "../../docs/pictures");

export interface PictureFrame {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly scheme?: "light" | "dark";
  readonly width?: number;
  readonly height?: number;
}

/** Writes `docs/pictures/NAME.png` once `prepare` has brought the page to what the picture is of. */
export async function takePicture(
  browser: Browser,
  { name, scheme = "light", width = 1280, height = 800 }: PictureFrame,
  prepare: (page: Page) => Promise<void>,
): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await using page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
  await prepare(page);
  await page.mouse.move(0, 0);
  await page.evaluate("document.activeElement.matches('input, h1') && document.activeElement.blur()");
  await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: "disabled" });
  log.success(`docs/pictures/${name}.png`);
}
