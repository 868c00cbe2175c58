import { createHash } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { UsageError } from "../../base/errors.ts";
import { loadCertificate } from "../../pki/certificate-files.ts";
import type { CertificateMaterial } from "../../pki/certificate-material.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { type CertificateStore, nameSetKey } from "./certificate-store.ts";

/** Of the name in a file's name; it is for people, the digest tells files apart. */
const READABLE_CHARS = 100;
const CERTIFICATE_ENDING = ".pem";

export interface FolderCertificateStoreOptions {
  /** Made on first use, for this user only. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A file for each certificate, chain and key together, so that both change in one step; and one for each account. */
export class FolderCertificateStore implements CertificateStore {
  readonly #options: FolderCertificateStoreOptions;

  constructor(options: FolderCertificateStoreOptions) {
    this.#options = options;
  }

  async issued(): Promise<readonly CertificateMaterial[]> {
    const files = await readdir(this.#options.folder).catch(absent);
    const loaded = await Promise.all(
      (files ?? []).filter((file) => file.endsWith(CERTIFICATE_ENDING)).map((file) => this.#load(file)),
    );
    return loaded.filter((certificate) => certificate !== undefined);
  }

  async keepIssued(certificate: CertificateMaterial): Promise<void> {
    const { names, keyPem, certPem } = certificate;
    const draft = await this.#draft(keyPem + certPem);
    await rename(draft, this.#file(certificateFile(names)));
  }

  async forgetIssued(names: readonly string[]): Promise<void> {
    await rm(this.#file(certificateFile(names)), { force: true });
  }

  /** Nodes do not share a folder. */
  listen(): () => void {
    return () => {};
  }

  async accountKey(directoryUrl: string, make: () => Promise<string>): Promise<string> {
    const file = this.#file(`account-${digest(directoryUrl)}.key`);
    const kept = await readFile(file, "utf8").catch(absent);
    if (kept !== undefined) return kept;
    const draft = await this.#draft(await make());
    try {
      // Unlike a rename it fails when somebody else was first, whose key it is then.
      await link(draft, file).catch((error: unknown) => {
        if (codeOf(error) !== "EEXIST") throw error;
      });
    } finally {
      await rm(draft, { force: true });
    }
    return readFile(file, "utf8");
  }

  /** Of no use to the edge, but maybe to its operator: what cannot be read stays where it is. */
  async #load(file: string): Promise<CertificateMaterial | undefined> {
    const path = this.#file(file);
    try {
      const source = { kind: "file", path } as const;
      return (await loadCertificate(source, source, this.#options.clock.date())).material;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.#options.log.warn("kept certificate cannot be used", { file: path, err: error });
      return undefined;
    }
  }

  /** A file of its own with this text, on disk. */
  async #draft(text: string): Promise<string> {
    await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
    const path = this.#file(`.${crypto.randomUUID()}.tmp`);
    try {
      await using file = await open(path, "wx", 0o600);
      await file.writeFile(text);
      await file.sync();
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    return path;
  }

  #file(name: string): string {
    return join(this.#options.folder, name);
  }
}

function certificateFile(names: readonly string[]): string {
  const readable = (names.toSorted()[0] ?? "").replace("*", "_").slice(0, READABLE_CHARS);
  return `${readable}-${digest(nameSetKey(names))}${CERTIFICATE_ENDING}`;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function absent(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT") throw error;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
