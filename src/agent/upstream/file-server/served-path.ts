/** From the target of a request to the names of folders and a file below the served folder. Touches no file system. */

export interface ServedPath {
  /** Decoded names from the served folder down; none of them can lead upwards or name a device. */
  readonly names: readonly string[];
  /** The target ended with a slash (or was only that), so it asks for a folder. */
  readonly asksForFolder: boolean;
  /** Question mark and query as sent, or empty. */
  readonly query: string;
}

/** Names that Windows takes for devices, in any folder and with any ending. */
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

/**
 * Decodes percent signs once (RFC 3986 section 2.4), name by name, so that an encoded slash never becomes a separator.
 * Undefined for targets that no honest visitor sends: bad encoding, `.` and `..`, a backslash or slash inside a name, NUL.
 */
export function parseServedPath(target: string, platform: string): ServedPath | undefined {
  const path = pathOf(target);
  if (path === undefined) return undefined;
  const names: string[] = [];
  for (const encoded of path.split("/")) {
    if (encoded === "") continue; // several slashes count as one, as in the file system
    const name = decoded(encoded);
    if (name === undefined || !isPlainName(name, platform)) return undefined;
    names.push(name);
  }
  const queryStart = target.indexOf("?");
  return { names, asksForFolder: path.endsWith("/"), query: queryStart < 0 ? "" : target.slice(queryStart) };
}

/** The absolute path that leads to these names. It never begins with two slashes, which would name another host. */
export function encodeServedPath(names: readonly string[], asksForFolder: boolean): string {
  const path = names.map((name) => `/${encodeURIComponent(name)}`).join("");
  return asksForFolder || names.length === 0 ? `${path}/` : path;
}

/** Takes origin form and absolute form (RFC 9112 section 3.2); the path without query and fragment. */
function pathOf(target: string): string | undefined {
  const absolute = /^https?:\/\/[^/?#]*/i.exec(target);
  const rest = absolute === null ? target : target.slice(absolute[0].length);
  const path = rest.replace(/[?#].*$/s, "");
  if (path === "" && absolute !== null) return "/";
  return path.startsWith("/") ? path : undefined;
}

function decoded(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

function isPlainName(name: string, platform: string): boolean {
  if (name === "." || name === ".." || /[/\\\0]/.test(name)) return false;
  if (platform !== "win32") return true;
  // A colon opens another stream of the file, and a dot or space at the end is dropped by the system.
  return !/[:*?"<>|]|[. ]$/.test(name) && !WINDOWS_DEVICE.test(name);
}
