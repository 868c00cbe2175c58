/** The management API of an edge: at its name beside the endpoints, and at an address of its own where one is configured. */
import type { Clock } from "../../base/clock.ts";
import { formatHostPort } from "../../base/host-port.ts";
import type { EdgeConfig } from "../../config/edge-config.ts";
import { AddressWarnings } from "../../edge/address-warnings.ts";
import { dashboardApp } from "../../edge/dashboard/dashboard-app.ts";
import type { Directory } from "../../edge/directory.ts";
import type { Edge } from "../../edge/edge.ts";
import { FailedCallers } from "../../edge/management/failed-callers.ts";
import { managementApi } from "../../edge/management/management-api.ts";
import { ManagementPort } from "../../edge/management/management-port.ts";
import type { ManagementServices } from "../../edge/management/management-services.ts";
import { type ManagementApps, managementSite } from "../../edge/management/management-site.ts";
import { BindPace } from "../../edge/sessions/bind-pace.ts";
import type { OwnSite } from "../../edge/own-site.ts";
import { isLoopbackHost } from "../../http-api/allowed-hosts.ts";
import type { OwnNames } from "../../model/reservations.ts";
import { CertificateChooser } from "../../pki/certificate-chooser.ts";
import type { CertificateMaterial } from "../../pki/certificate-material.ts";
import type { Store } from "../../store/store.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { localIssuer } from "./local-issuer.ts";

/** Below the first base domain. */
const LABEL = "api";

/** The name of the management API. */
export function managementHost({ domains: [first] }: EdgeConfig): string {
  return `${LABEL}.${first}`;
}

export interface EdgeManagementOptions {
  readonly store: Store;
  readonly directory: Directory;
  readonly names: OwnNames;
  /** The edge is there as soon as its ports are open. */
  readonly serving: { readonly edge?: Edge };
  readonly clock: Clock;
  readonly log: Logger;
}

export class EdgeManagement implements AsyncDisposable {
  /** For the edge to serve. */
  readonly site: OwnSite;
  readonly #config: EdgeConfig;
  readonly #options: EdgeManagementOptions;
  /** For the address of its own where the edge has no certificate, so that operators come in also then. */
  readonly #stopgap: CertificateChooser;
  #port: ManagementPort | undefined;
  #apps: ManagementApps | undefined;

  constructor(config: EdgeConfig, options: EdgeManagementOptions) {
    this.#config = config;
    this.#options = options;
    const { clock, log } = options;
    const host = managementHost(config);
    this.site = managementSite({ host, apps: () => this.#served(), clock, log });
    const issue = localIssuer(config.dataDir, clock, log);
    this.#stopgap = new CertificateChooser({ configured: [], namesFor: () => [host], issue }, clock);
  }

  /** The port of the address of its own. */
  get port(): number | undefined {
    return this.#port?.port;
  }

  /** Where programs find it, and people the dashboard; `undefined` where nobody can. Known when the edge is there and this listens. */
  get url(): string | undefined {
    const { edge } = this.#options.serving;
    if (edge === undefined || (edge.httpsPort === undefined && this.port === undefined)) return undefined;
    return `${this.#baseUrl(edge)}/`;
  }

  /** Listens at the address of its own, if there is one. @throws UsageError when it cannot be had */
  async listen(edge: Edge): Promise<void> {
    const { address } = this.#config.management;
    if (address === undefined) return;
    const { clock, log } = this.#options;
    const { host: hostname, port } = address;
    const certificate = isLoopbackHost(hostname) ? undefined : () => this.#certificateFrom(edge);
    this.#port = await ManagementPort.open({ address: { hostname, port }, site: this.site, certificate, clock, log });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#port?.[Symbol.asyncDispose]();
  }

  async #certificateFrom(edge: Edge): Promise<CertificateMaterial> {
    const certificate = (await edge.certificateFor(this.site.host)) ?? (await this.#stopgap.choose(this.site.host));
    if (certificate === undefined) throw new Error(`there is no certificate for ${this.site.host}`);
    return certificate;
  }

  /** Made for the first call: until then nobody knows the ports. */
  #served(): ManagementApps | undefined {
    const { edge } = this.#options.serving;
    if (edge === undefined) return undefined;
    this.#apps ??= this.#appsOf(edge);
    return this.#apps;
  }

  #appsOf(edge: Edge): ManagementApps {
    const management = this.#services(edge);
    const { address } = this.#config.management;
    return {
      api: managementApi(management),
      dashboard: dashboardApp({
        management,
        hosts: address === undefined ? [this.site.host] : [this.site.host, address.host.toLowerCase()],
        traffic: (accountId) => edge.trafficOfAll(accountId),
      }),
    };
  }

  #services(edge: Edge): ManagementServices {
    const { store, directory, names, clock, log } = this.#options;
    const { domains, region, tcpPorts, management } = this.#config;
    return {
      store,
      directory,
      agents: edge.agentCommands,
      clock,
      log,
      baseUrl: this.#baseUrl(edge),
      names,
      regions: [region],
      tcp: tcpPorts && { host: domains[0] ?? "", ports: tcpPorts },
      publicPorts: edge.publicPorts,
      isTaken: (address, accountId) => edge.isTaken(address, accountId),
      failedCallers: new FailedCallers(clock),
      addressWarnings: new AddressWarnings(log.with({ obj: "restrictions" }), clock),
      policyPace: new BindPace(),
      allowedOrigins: management.origins,
    };
  }

  #baseUrl(edge: Edge): string {
    const { management } = this.#config;
    const httpsPort = edge.httpsPort && edge.publicPorts.https;
    const { host } = this.site;
    if (httpsPort !== undefined) return `https://${host}${httpsPort === 443 ? "" : `:${httpsPort}`}`;
    const own = management.address?.host ?? host;
    return isLoopbackHost(own)
      ? `http://${formatHostPort({ host: own, port: this.port ?? 0 })}`
      : `https://${host}:${this.port ?? 443}`;
  }
}
