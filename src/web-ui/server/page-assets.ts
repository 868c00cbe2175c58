import { createHash } from "node:crypto";
import type { Bundle } from "./bundle.ts";

const ONE_YEAR_SECONDS = 31_536_000;

/** A file that pages name, in memory. */
export interface Asset {
  /** With a hash of the content, so that whoever has it never needs to ask again. */
  readonly name: string;
  readonly contentType: string;
  readonly content: string;
}

/** The files of one face's pages. */
export class PageAssets {
  readonly script: Asset;
  readonly style: Asset;
  readonly icon: Asset;

  /** `stem` is what the names of script and style begin with. */
  constructor(stem: string, bundle: Bundle) {
    this.script = asset(stem, "js", "text/javascript; charset=utf-8", bundle.script);
    this.style = asset(stem, "css", "text/css; charset=utf-8", bundle.style);
    this.icon = asset("icon", "svg", "image/svg+xml", bundle.icon);
  }

  get all(): readonly Asset[] {
    return [this.script, this.style, this.icon];
  }

  /** The answer to whoever asks for a file; `undefined` when there is none of this name. */
  answer(name: string): Response | undefined {
    const found = this.all.find((one) => one.name === name);
    if (found === undefined) return undefined;
    const { content, contentType } = found;
    const cacheControl = `public, max-age=${ONE_YEAR_SECONDS}, immutable`;
    return new Response(content, { headers: { "Content-Type": contentType, "Cache-Control": cacheControl } });
  }
}

function asset(stem: string, ending: string, contentType: string, content: string): Asset {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 16);
  return { name: `${stem}-${hash}.${ending}`, contentType, content };
}
