import { stat } from "node:fs/promises";
import { UsageError } from "../../base/errors.ts";
import { readFailure } from "../../base/read-failure.ts";
import type { Duplex } from "../../net/duplex.ts";
import { pipe } from "../../net/pipe.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { FileServer } from "./file-server/file-server.ts";
import type { Upstream } from "./upstream.ts";

/** A folder that the agent serves itself; one file server for all visitors of a tunnel. */
export class FolderUpstream implements Upstream {
  readonly label: string;
  readonly isPlain = false;
  readonly #files: FileServer;

  private constructor(path: string, log: Logger) {
    this.label = path;
    this.#files = new FileServer(path, log);
  }

  /**
   * `path` is absolute. The folder has to be there at the start, where a mistake in its name is seen best; later it may come
   * and go.
   * @throws UsageError when it is not
   */
  static async open(path: string, log: Logger): Promise<FolderUpstream> {
    const found = await stat(path).catch((cause: unknown) => {
      throw cannotServe(path, readFailure(cause), cause);
    });
    if (!found.isDirectory()) throw cannotServe(path, "it is not a folder");
    return new FolderUpstream(path, log);
  }

  /** Has no use for a PROXY header. */
  connect(): Promise<Duplex> {
    const [near, far] = pipe();
    this.#files.serve(far);
    return Promise.resolve(near);
  }
}

function cannotServe(path: string, reason: string, cause?: unknown): UsageError {
  const remedy = "Give a folder that can be read, as in file:///srv/site.";
  return new UsageError(`cannot serve the folder ${path}: ${reason}\n${remedy}`, { cause });
}
