import { bindFailure } from "../../net/tcp-listen.ts";
import type { managementApi } from "./management-api.ts";
import { MAX_BODY_BYTES } from "./call-request.ts";

/** A caller that stops in the middle of its request. */
const IDLE_SECONDS = 30;

export interface ManagementPortOptions {
  readonly address: { readonly hostname: string; readonly port: number };
  readonly app: ReturnType<typeof managementApi>;
  /** PEM texts. Without, keys come in clear: only for an address that nobody but this machine reaches. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
}

/** An address of its own for the management API, beside or in the place of its name at the public port. */
export class ManagementPort implements AsyncDisposable {
  readonly #server: Bun.Server<undefined>;

  /** Listens until it is disposed of. @throws UsageError when the address cannot be had */
  constructor({ address, app, tls }: ManagementPortOptions) {
    try {
      this.#server = Bun.serve({
        ...address,
        ...(tls === undefined ? {} : { tls }),
        reusePort: false,
        idleTimeout: IDLE_SECONDS,
        // The runtime refuses without a text; behind the limit that the API tells there is room for its own words.
        maxRequestBodySize: 2 * MAX_BODY_BYTES,
        development: false,
        fetch: (request, server) => app.fetch(request, { ip: server.requestIP(request)?.address ?? "" }),
      });
    } catch (cause) {
      throw bindFailure(address, cause);
    }
  }

  get port(): number {
    return this.#server.port ?? 0;
  }

  /** Cuts the calls that are under way: what the store has begun is done or not done as a whole. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }
}
