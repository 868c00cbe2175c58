/** The path as it was written, without the query; also of a call whose Host header makes no URL of it. */
export function callPath(url: string): string {
  return URL.parse(url)?.pathname ?? url.replace(/^\w+:\/\/[^/?#]*/, "").replace(/[?#].*$/s, "");
}
