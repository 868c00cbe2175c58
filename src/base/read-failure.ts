/** By the system's names. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "what its path calls a folder is none",
  EACCES: "this user may not read it",
  EPERM: "this user may not read it",
  EISDIR: "it is a folder",
};

/** Why a file could not be read, in words for whoever named it, from what reading it threw. */
export function readFailure(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return REASONS[code] ?? `it cannot be read (${code || String(cause)})`;
}
