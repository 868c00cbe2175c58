import { ROOT } from "../data/plain-call.ts";
import { PAGE_NAMES, type PageName } from "./page-name.ts";

/** What the address names. */
export interface Route {
  /** `undefined`: there is no such page. */
  readonly page: PageName | undefined;
  /** The record that is shown; without, their list. */
  readonly id: string | undefined;
}

export function parseRoute({ pathname }: { readonly pathname: string }): Route {
  const [name = "", id, ...rest] = pathname
    .slice(ROOT.length)
    .split("/")
    .filter((part) => part !== "");
  const page = name === "" ? "overview" : PAGE_NAMES.find((known) => known === name);
  return rest.length > 0
    ? { page: undefined, id: undefined }
    : { page, id: id === undefined ? undefined : decodedPart(id) };
}

export function formatRoute({ page, id }: Route): string {
  if (page === undefined || page === "overview") return `${ROOT}/`;
  return id === undefined ? `${ROOT}/${page}` : `${ROOT}/${page}/${encodeURIComponent(id)}`;
}

function decodedPart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
