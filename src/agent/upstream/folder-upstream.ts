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

  /** `path` is absolute. */
  constructor(path: string, log: Logger) {
    this.label = path;
    this.#files = new FileServer(path, log);
  }

  /** Has no use for a PROXY header. */
  connect(): Promise<Duplex> {
    const [near, far] = pipe();
    this.#files.serve(far);
    return Promise.resolve(near);
  }
}
