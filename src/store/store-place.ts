import { UsageError } from "../base/errors.ts";

export type StorePlace =
  /** `:memory:`, or relative to the working folder. */
  { readonly kind: "sqlite"; readonly path: string } | { readonly kind: "postgres"; readonly url: string };

/**
 * Which database a URL means: `sqlite:///absolute/path`, `sqlite://relative/path`, `sqlite::memory:` or
 * `postgres://user:password@host:port/database`.
 * @throws UsageError when it means none; no password stands in its text
 */
export function storePlace(url: string): StorePlace {
  // Bun 1.4.5 takes what follows a question mark for settings, and would use another file.
  const path = /^sqlite:(?:\/\/)?([^?]+)$/.exec(url)?.[1];
  if (path !== undefined) return { kind: "sqlite", path };
  if (/^postgres(?:ql)?:\/\/[^/]/.test(url) && URL.canParse(url)) return { kind: "postgres", url };
  throw new UsageError(
    `${JSON.stringify(withoutPassword(url))} names no database: ` +
      "give sqlite:///path/to/file, without a question mark, or postgres://user:password@host/name.",
  );
}

/** For texts: the path, or the address without password and settings. */
export function shownPlace(place: StorePlace): string {
  if (place.kind === "sqlite") return place.path;
  const { protocol, username, host, pathname } = new URL(place.url);
  return `${protocol}//${username === "" ? "" : `${username}@`}${host}${pathname}`;
}

/** Of a text that cannot be read as a URL nobody knows where the password ends. */
function withoutPassword(url: string): string {
  return url.includes("@") ? `${url.slice(0, url.indexOf(":") + 1)}…` : url;
}
