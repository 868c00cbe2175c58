/** The edge's own sites, by name. No endpoint and no wildcard ever gets a request for such a name. */
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { OwnSite } from "./own-site.ts";
import { SharedRoom } from "./shared-room.ts";

/** Bodies on their way to sites, together: strangers send them. */
export const MAX_GATHERED_BYTES = 64 * 1024 * 1024;
/** Of one address (IPv6: /64): a few of the longest bodies at a time. */
export const MAX_GATHERED_BYTES_OF_ADDRESS = 8 * 1024 * 1024;
/** Answers that their visitors have not read yet, together. */
export const MAX_UNREAD_BYTES = 128 * 1024 * 1024;
/** Of one address (IPv6: /64). */
export const MAX_UNREAD_BYTES_OF_ADDRESS = 16 * 1024 * 1024;

export interface OwnSitesOptions {
  readonly sites: readonly OwnSite[];
  /** Of public https URLs. */
  readonly httpsPort: () => number | undefined;
  readonly clock: Clock;
  /** Hears of sites that fail. */
  readonly log: Logger;
}

export class OwnSites {
  readonly clock: Clock;
  readonly log: Logger;
  readonly #sites: ReadonlyMap<string, OwnSite>;
  readonly #httpsPort: () => number | undefined;
  /** For bodies of requests. */
  readonly gathered = new SharedRoom({ totalBytes: MAX_GATHERED_BYTES, addressBytes: MAX_GATHERED_BYTES_OF_ADDRESS });
  /** For answers. */
  readonly unread = new SharedRoom({ totalBytes: MAX_UNREAD_BYTES, addressBytes: MAX_UNREAD_BYTES_OF_ADDRESS });

  constructor({ sites, httpsPort, clock, log }: OwnSitesOptions) {
    this.clock = clock;
    this.log = log;
    this.#sites = new Map(sites.map((site) => [site.host, site]));
    this.#httpsPort = httpsPort;
  }

  /** The site at this very name, in lower case. */
  find(host: string): OwnSite | undefined {
    return this.#sites.get(host);
  }

  /** The public URL of what a request asks for. `originForm`: path and query, or `*`. */
  urlOf({ host }: OwnSite, originForm: string): string {
    const port = this.#httpsPort() ?? 443;
    return `https://${host}${port === 443 ? "" : `:${port}`}${originForm.startsWith("/") ? originForm : "/"}`;
  }
}
