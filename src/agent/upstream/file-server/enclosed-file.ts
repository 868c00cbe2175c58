/**
 * Opens what lies inside a folder and nothing else. The file is opened first and judged by where the descriptor really is,
 * so a link that is exchanged between check and use gains nothing.
 */
import { constants } from "node:fs";
import { type FileHandle, open, readlink, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";

/** Why there is nothing to show. */
export type Refusal = "absent" | "forbidden";

interface Enclosed {
  /** Gives the descriptor back. Whoever got the file or folder calls it, once. */
  close(): Promise<void>;
  /** Nanoseconds since 1970. */
  readonly modifiedNs: bigint;
}

export interface EnclosedFile extends Enclosed {
  readonly kind: "file";
  readonly handle: FileHandle;
  readonly sizeBytes: number;
}

export interface EnclosedFolder extends Enclosed {
  readonly kind: "folder";
  /** Reaches this very folder until it is closed, whatever happens to its name. */
  readonly stablePath: string;
}

/** Where the kernel tells what a descriptor is. Without it (macOS, Windows) names are resolved again and compared. */
const DESCRIPTORS = process.platform === "linux" ? "/proc/self/fd" : undefined;

/** O_NONBLOCK, or opening a named pipe would wait for its writer. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * `names` are plain names (see served-path.ts). Links are followed while they stay in the folder; one that leaves it, and
 * anything that is neither file nor folder, is "forbidden". Throws when the system is at fault, for example out of descriptors.
 */
export async function openEnclosed(
  folder: string,
  names: readonly string[],
): Promise<EnclosedFile | EnclosedFolder | Refusal> {
  const path = join(folder, ...names);
  try {
    const root = await realpath(folder);
    const kind = kindOf(await stat(path)); // devices must not be opened: that alone can act on them
    if (kind === undefined) return "forbidden";
    // Windows does not open folders; elsewhere their descriptor is of use only where it has a path.
    return kind === "folder" && DESCRIPTORS === undefined
      ? await resolveFolder(path, root)
      : await judge(await open(path, READ), path, root);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    return refusal;
  }
}

async function judge(handle: FileHandle, path: string, root: string): Promise<EnclosedFile | EnclosedFolder | Refusal> {
  let kept = false;
  try {
    const facts = await handle.stat({ bigint: true });
    const kind = kindOf(facts);
    const realPath = await whereIs(handle, path);
    if (kind === undefined || realPath === undefined || !isInside(realPath, root)) return "forbidden";
    kept = true;
    const close = (): Promise<void> => handle.close();
    return kind === "file"
      ? { kind, handle, close, sizeBytes: Number(facts.size), modifiedNs: facts.mtimeNs }
      : { kind, stablePath: `${DESCRIPTORS}/${handle.fd}`, close, modifiedNs: facts.mtimeNs };
  } finally {
    if (!kept) await handle.close();
  }
}

async function resolveFolder(path: string, root: string): Promise<EnclosedFolder | Refusal> {
  const stablePath = await realpath(path);
  if (!isInside(stablePath, root)) return "forbidden";
  const { mtimeNs } = await stat(stablePath, { bigint: true });
  return { kind: "folder", stablePath, close: () => Promise.resolve(), modifiedNs: mtimeNs };
}

/** The real path of an open file; undefined when its name led elsewhere in the meantime. */
async function whereIs(handle: FileHandle, path: string): Promise<string | undefined> {
  if (DESCRIPTORS !== undefined) return await readlink(`${DESCRIPTORS}/${handle.fd}`);
  const realPath = await realpath(path);
  const [opened, named] = await Promise.all([handle.stat({ bigint: true }), stat(realPath, { bigint: true })]);
  return opened.ino === named.ino && opened.dev === named.dev ? realPath : undefined;
}

function isInside(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

function kindOf(facts: { isFile(): boolean; isDirectory(): boolean }): "file" | "folder" | undefined {
  if (facts.isDirectory()) return "folder";
  return facts.isFile() ? "file" : undefined;
}

function refusalOf(error: unknown): Refusal | undefined {
  switch (error instanceof Error && "code" in error ? error.code : undefined) {
    case "ENOENT":
    case "ENOTDIR":
    case "ENAMETOOLONG":
      return "absent";
    case "EACCES":
    case "EPERM":
    case "ELOOP":
    case "ENXIO": // a socket, or a device without hardware
      return "forbidden";
    default:
      return undefined;
  }
}
