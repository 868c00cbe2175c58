import { visibleText } from "../text/visible-text.ts";

/** A link where a browser can go there; the edge named the URL, so only known schemes become one. */
export function PublicUrl({ url }: { readonly url: string }) {
  if (!isWeb(url)) return <code class="public-url">{visibleText(url)}</code>;
  return (
    <a class="public-url" href={url} target="_blank" rel="noreferrer noopener">
      {visibleText(url)}
    </a>
  );
}

/** Whether a browser can go there. */
export function isWeb(url: string): boolean {
  return /^https?:\/\//.test(url);
}
