import { createHash } from "node:crypto";
import { bundleClient } from "./bundle.ts" with { type: "macro" };

const BUNDLE = bundleClient();

/** A file of the inspector's pages, in memory. */
export interface Asset {
  /** With a hash of the content, so that whoever has it never needs to ask again. */
  readonly name: string;
  readonly contentType: string;
  readonly content: string;
}

export const SCRIPT = asset("inspector", "js", "text/javascript; charset=utf-8", BUNDLE.script);
export const STYLE = asset("inspector", "css", "text/css; charset=utf-8", BUNDLE.style);
export const ICON_IMAGE = asset("icon", "svg", "image/svg+xml", BUNDLE.icon);

export const ASSETS: ReadonlyMap<string, Asset> = new Map(
  [SCRIPT, STYLE, ICON_IMAGE].map((one) => [one.name, one] as const),
);

function asset(stem: string, ending: string, contentType: string, content: string): Asset {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 16);
  return { name: `${stem}-${hash}.${ending}`, contentType, content };
}
