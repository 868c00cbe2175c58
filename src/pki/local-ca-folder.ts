import { X509Certificate, createPrivateKey } from "node:crypto";
import { lchown, mkdir, mkdtemp, open, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { UsageError } from "../base/errors.ts";
import { readFailure } from "../base/read-failure.ts";
import type { CaMaterial } from "./issued-certificate.ts";
import { createLocalCa, LocalCa } from "./local-ca.ts";

const FOLDER = "local-ca";
const CERTIFICATE_FILE = "ca.crt";
const KEY_FILE = "ca.key";

export interface OpenedLocalCa {
  readonly ca: LocalCa;
  /** For people: why the authority will be another one after a restart, or who else can read its key. */
  readonly warning?: string;
}

/** Where the authority's certificate stands below the data folder. */
export function localCaCertificateFile(dataFolder: string): string {
  return join(dataFolder, FOLDER, CERTIFICATE_FILE);
}

/**
 * The authority of this data folder, made on first use. Processes that start at once agree on one: the pair of files is
 * written aside and appears under its name in one step, for one of them. Where nothing can be written the authority lives in
 * memory only and `warning` says so.
 * @throws UsageError when what is in the folder is not a usable authority.
 */
export async function openLocalCa(dataFolder: string, hostName: string, clock: Clock): Promise<OpenedLocalCa> {
  const found = await loadLocalCa(dataFolder, clock);
  if (found !== undefined) return found;
  const material = await createLocalCa(hostName, clock);
  try {
    await storeOnce(dataFolder, material);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return {
      ca: new LocalCa(material, clock),
      warning: `The local CA is kept in memory only and will be another one after a restart: ${reason}. Make ${dataFolder} writable, or choose another data folder.`,
    };
  }
  const stored = await loadLocalCa(dataFolder, clock);
  if (stored === undefined) throw unusable(join(dataFolder, FOLDER), "it vanished while it was being made");
  return stored;
}

/**
 * The authority that is in this data folder already.
 * @throws UsageError when it cannot be used.
 */
export async function loadLocalCa(dataFolder: string, clock: Clock): Promise<OpenedLocalCa | undefined> {
  const certificateFile = localCaCertificateFile(dataFolder);
  const keyFile = join(dataFolder, FOLDER, KEY_FILE);
  // Both appear in one step, maybe while we look: a certificate that is not there after its key was will not come.
  const earlyKeyPem = await readIfThere(keyFile);
  const certPem = await readIfThere(certificateFile);
  if (certPem === undefined && earlyKeyPem === undefined) return undefined;
  if (certPem === undefined) throw unusable(certificateFile, "it is missing");
  const keyPem = earlyKeyPem ?? (await readIfThere(keyFile));
  if (keyPem === undefined) throw unusable(keyFile, "it is missing");
  checkPair({ certPem, keyPem }, certificateFile, clock.date());
  const ca = new LocalCa({ certPem, keyPem }, clock);
  const { mode } = await stat(keyFile);
  const isPrivate = process.platform === "win32" || (mode & 0o077) === 0;
  return isPrivate ? { ca } : { ca, warning: `Other users can read the key of the local CA: chmod 600 ${keyFile}.` };
}

function checkPair({ certPem, keyPem }: CaMaterial, file: string, now: Date): void {
  let certificate: X509Certificate;
  let isOwnKey: boolean;
  try {
    certificate = new X509Certificate(certPem);
    isOwnKey = certificate.checkPrivateKey(createPrivateKey(keyPem));
  } catch (cause) {
    throw unusable(file, "the certificate or its key is damaged", cause);
  }
  if (!isOwnKey) throw unusable(file, `${KEY_FILE} beside it is the key of another certificate`);
  if (!certificate.ca) throw unusable(file, "it is not the certificate of an authority");
  if (certificate.validToDate < now) throw unusable(file, `it expired on ${certificate.validTo}`);
}

/** Leaves alone what another process put there first. */
async function storeOnce(dataFolder: string, material: CaMaterial): Promise<void> {
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const aside = await mkdtemp(join(dataFolder, `.${FOLDER}-`));
  try {
    const owner = await ownerFor(dataFolder);
    await writeNew(join(aside, KEY_FILE), material.keyPem, { mode: 0o600, owner });
    await writeNew(join(aside, CERTIFICATE_FILE), material.certPem, { mode: 0o644, owner });
    if (owner !== undefined) await lchown(aside, owner.uid, owner.gid);
    await rename(aside, join(dataFolder, FOLDER));
  } catch (cause) {
    await rm(aside, { recursive: true, force: true });
    // a folder with something in it cannot be replaced: somebody else was first
    if ((await readIfThere(localCaCertificateFile(dataFolder))) === undefined) throw cause;
  }
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** When root makes the authority in the folder of an edge that is not root, the edge has to be able to read it. */
async function ownerFor(dataFolder: string): Promise<Owner | undefined> {
  if (process.geteuid?.() !== 0) return undefined;
  const { uid, gid } = await stat(dataFolder);
  return { uid, gid };
}

/** Never follows a link: the folder may belong to somebody with fewer rights. */
async function writeNew(
  path: string,
  text: string,
  { mode, owner }: { readonly mode: number; readonly owner: Owner | undefined },
): Promise<void> {
  await using file = await open(path, "wx", mode);
  await file.writeFile(text);
  if (owner !== undefined) await file.chown(owner.uid, owner.gid);
  await file.sync();
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    const isForbidden = code === "EACCES" || code === "EPERM";
    throw unusable(file, readFailure(cause), cause, isForbidden ? BE_SOMEBODY_ELSE : REPLACE);
  }
}

const BE_SOMEBODY_ELSE = "Run this as the user who made it, or as root";
const REPLACE = "Restore it, or remove its folder to get a new one, which agents and visitors must then trust anew";

function unusable(file: string, reason: string, cause?: unknown, remedy = REPLACE): UsageError {
  return new UsageError(`The local CA ${file} cannot be used: ${reason}. ${remedy}.`, { cause });
}
