import type { Clock } from "../../base/clock.ts";
import { PublicError } from "../../base/errors.ts";
import { newId } from "../../base/record-id.ts";
import { bindFailure } from "../../net/tcp-listen.ts";
import type { CertificateMaterial } from "../../pki/certificate-material.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { OwnSite } from "../own-site.ts";
import { MAX_GATHERED_BYTES, MAX_GATHERED_BYTES_OF_ADDRESS } from "../own-sites.ts";
import { SharedRoom } from "../shared-room.ts";
import { failureAnswer } from "./failure-answer.ts";
import { answerAtPort } from "./port-call.ts";

/** A caller that stops in the middle of its request. */
const IDLE_SECONDS = 30;
/** The runtime would refuse without a word what is longer, and before the site could say what it takes of this call. */
const NO_BODY_LIMIT = Number.MAX_SAFE_INTEGER;
/** How often it is asked for a changed certificate. */
const LOOK_EVERY_MS = 5_000;
const BAD_HOST = "its Host field names no host";

export interface ManagementPortOptions {
  readonly address: { readonly hostname: string; readonly port: number };
  readonly site: Pick<OwnSite, "fetch" | "maxBodyBytes" | "bodyLimit">;
  /**
   * The same object until it changes; rejects when there is none. Absent: keys come in clear, which is only for an address that nobody
   * but this machine reaches.
   */
  readonly certificate: (() => Promise<CertificateMaterial>) | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** An address of its own for the management API, beside its name at the public port. */
export class ManagementPort implements AsyncDisposable {
  readonly #options: ManagementPortOptions;
  /** Listens no more, and answers what it has begun. */
  readonly #retired = new Set<Bun.Server<undefined>>();
  /** For bodies, as the sites of the public port have it. */
  readonly #room = new SharedRoom({ totalBytes: MAX_GATHERED_BYTES, addressBytes: MAX_GATHERED_BYTES_OF_ADDRESS });
  #server: Bun.Server<undefined>;
  #certificate: CertificateMaterial | undefined;
  /** Where it listens, also while it does not. */
  #port: number;
  #cancelLook: () => void = () => {};
  #isDisposed = false;

  private constructor(options: ManagementPortOptions, certificate: CertificateMaterial | undefined) {
    this.#options = options;
    this.#certificate = certificate;
    this.#port = options.address.port;
    this.#server = this.#listen(certificate);
    this.#port = this.#server.port ?? 0;
    if (options.certificate !== undefined) this.#lookLater();
  }

  /** Listens until it is disposed of. @throws UsageError when the address cannot be had */
  static async open(options: ManagementPortOptions): Promise<ManagementPort> {
    return new ManagementPort(options, await options.certificate?.());
  }

  get port(): number {
    return this.#port;
  }

  /** Takes the certificate as it is now. Calls that are under way are answered. Rejects when the address was lost meanwhile. */
  async reload(): Promise<void> {
    const certificate = await this.#options.certificate?.();
    if (certificate === this.#certificate || this.#isDisposed) return;
    // Bun 1.4.5 has no way to give a listener another certificate: a new one takes its place.
    this.#retire(this.#server);
    // Until it is known to listen, so that the next look tries again.
    this.#certificate = undefined;
    this.#server = this.#listen(certificate);
    this.#certificate = certificate;
  }

  /** Cuts the calls that are under way: what the store has begun is done or not done as a whole. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#cancelLook();
    await Promise.all([this.#server, ...this.#retired].map((server) => server.stop(true)));
  }

  #listen(certificate: CertificateMaterial | undefined): Bun.Server<undefined> {
    const { site, address, clock } = this.#options;
    const at = { ...address, port: this.#port };
    try {
      return Bun.serve({
        ...at,
        ...(certificate === undefined ? {} : { tls: { cert: certificate.certPem, key: certificate.keyPem } }),
        reusePort: false,
        idleTimeout: IDLE_SECONDS,
        maxRequestBodySize: NO_BODY_LIMIT,
        development: false,
        fetch: (request, server) => {
          // Bun 1.4.5 makes the URL of whatever the Host field says.
          if (!URL.canParse(request.url))
            return this.#failure(new PublicError("ERR_GINNEL_BAD_REQUEST", { reason: BAD_HOST }));
          const ip = server.requestIP(request)?.address ?? "";
          return answerAtPort(request, { site, ip, room: this.#room, clock, refused: (error) => this.#failure(error) });
        },
        error: (fault) => this.#failure(fault),
      });
    } catch (cause) {
      throw bindFailure(at, cause);
    }
  }

  #failure(fault: unknown): Response {
    const { clock, log } = this.#options;
    return failureAnswer(fault, newId("op", clock.date()), log);
  }

  #retire(server: Bun.Server<undefined>): void {
    this.#retired.add(server);
    void server.stop(false).then(() => this.#retired.delete(server));
  }

  #lookLater(): void {
    this.#cancelLook = this.#options.clock.after(LOOK_EVERY_MS, () => void this.#look());
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    try {
      await this.reload();
    } catch (error) {
      this.#options.log.error("management address has no new certificate", { err: error });
    }
    if (!this.#isDisposed) this.#lookLater();
  }
}
