/** The edge's own sites, by name. No endpoint and no wildcard ever gets a request for such a name. */
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { OwnSite } from "./own-site.ts";

/** Bodies on their way to sites, together: strangers send them. */
export const MAX_GATHERED_BYTES = 64 * 1024 * 1024;

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
  #gatheredBytes = 0;

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

  /** Room for as many bytes more of bodies; false when there is none. Whoever got room gives it back. */
  takeRoom(bytes: number): boolean {
    if (this.#gatheredBytes + bytes > MAX_GATHERED_BYTES) return false;
    this.#gatheredBytes += bytes;
    return true;
  }

  giveRoom(bytes: number): void {
    this.#gatheredBytes -= bytes;
  }
}
