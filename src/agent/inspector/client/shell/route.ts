/** Which page the address names (reference.md 5.1). Filter and tab are in it, so that a link shows what one sees. */
export interface Route {
  readonly page: "traffic" | "status";
  /** The exchange that is shown. */
  readonly id: string | undefined;
  readonly filter: string;
  readonly tab: string | undefined;
}

export const LIST_PATH = "/inspect/http";

export function parseRoute({ pathname, search }: { readonly pathname: string; readonly search: string }): Route {
  const query = new URLSearchParams(search);
  const [, id] = /^\/inspect\/http\/([^/]+)$/.exec(pathname) ?? [];
  return {
    page: pathname === "/status" ? "status" : "traffic",
    id: id === undefined ? undefined : decodedPart(id),
    filter: query.get("q") ?? "",
    tab: query.get("tab") ?? undefined,
  };
}

export function formatRoute({ page, id, filter, tab }: Route): string {
  if (page === "status") return "/status";
  const query = new URLSearchParams();
  if (filter !== "") query.set("q", filter);
  if (id !== undefined && tab !== undefined) query.set("tab", tab);
  const path = id === undefined ? LIST_PATH : `${LIST_PATH}/${encodeURIComponent(id)}`;
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

function decodedPart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
